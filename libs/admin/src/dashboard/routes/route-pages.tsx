import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import {
  ChangesConflictError,
  ConflictError,
  instantMs,
  RouteProtectedError,
  ValidationError,
  WaygateEngine,
  type RecordedAuditEntry,
  type RouteView,
} from '@waygate/core';
import type { VNode } from 'preact';
import type { Principal } from '../../http/principal.js';
import { Requires } from '../../http/requires.js';
import { AnswerError } from '../../http/answer-error.js';
import { decodePathKey } from '../../http/path-key.js';
import { Activity } from '../activity/activity.js';
import { trafficOf } from '../activity/route-traffic.js';
import { conflictOn } from '../audit/conflict-on.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { callerOf, hasCaller, problemOf, readCallerQuery, type CallerQuery } from './caller-query.js';
import { explainRoute, type Step } from './explain-route.js';
import { idleLimits } from './idle-limits.js';
import { changeRoutes, chosenIn, ROUTE_ACTIONS, type RouteAction } from './route-actions.js';
import { RouteFields, WORDING } from './route-dialog.js';
import { listRoutes, readRouteFilter } from './route-list.js';
import { RoutePage } from './route-page.js';
import type { RouteHour } from './route-traffic-panel.js';
import { RoutesPage } from './routes-page.js';

const MOST_CHOSEN = 500;

@Controller('routes')
@UseFilters(PageErrorsFilter)
export class RoutePages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly activity: Activity,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  list(@Visiting() visit: Visit): void {
    const { who } = visit;
    const all = this.engine.sync.routes.list().filter(({ service }) => who.sees(service));
    const filter = readRouteFilter((name) => visit.query(name));
    const list = listRoutes(all, filter);
    const named = list.services.filter((service) => service !== '-');
    const services = named.map((service) => ({ service, view: this.engine.sync.maintenance.forService(service) }));
    this.pages.page(visit, {
      title: 'Routes',
      section: 'routes',
      children: (
        <RoutesPage
          list={list}
          filter={filter}
          global={this.engine.sync.maintenance.get()}
          services={services}
          who={who}
          links={this.pages.links}
          now={this.engine.now()}
          refused={this.activity.refusedByRoute()}
          traffic={trafficOf(
            this.engine.stats,
            list.items.map(({ key }) => key),
          )}
        />
      ),
    });
  }

  /** The form of an action, chosen by a button beside ticked routes. */
  @Get('act')
  @Requires('operator', 'filtered')
  choose(@Visiting() visit: Visit): void {
    this.form(visit, visit.query('action'));
  }

  @Get('act/:action')
  @Requires('operator', 'filtered')
  form(@Visiting() visit: Visit, @Param('action') name: string): void {
    const action = actionOf(name);
    this.#dialog(visit, action, this.#routes(visit.who, visit.queries('key')));
  }

  @Post('act/:action')
  @Requires('operator', 'routes')
  async act(@Visiting() visit: Visit, @Param('action') name: string): Promise<void> {
    const action = actionOf(name);
    const chosen = chosenIn(visit.form);
    const routes = this.#routes(
      visit.who,
      chosen.map(({ key }) => key),
    );
    let undo: readonly number[];
    try {
      const { revision, changed } = await changeRoutes(this.engine, action, visit, chosen);
      undo = changed.length === 0 ? [] : [revision];
    } catch (error) {
      return this.#refused(visit, action, routes, error);
    }
    const [first] = routes;
    const what = routes.length === 1 && first !== undefined ? first.key : `${routes.length} routes`;
    this.pages.done(visit, { message: `${what}: ${WORDING[action].done}.`, undo, back: 'routes' });
  }

  @Get(':key')
  @Requires('viewer', 'route')
  async detail(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const route = this.engine.sync.routes.get(decodePathKey(pathKey));
    const caller = readCallerQuery((name) => visit.query(name));
    const { items } = await this.engine.audit.list({ key: route.key, limit: 30 });
    this.pages.page(visit, {
      title: route.key,
      section: 'routes',
      charts: true,
      children: (
        <RoutePage
          route={route}
          policies={this.engine.sync.rateLimits.find(route.key)?.policies ?? []}
          steps={this.#explained(route, caller)}
          caller={caller}
          problem={problemOf(caller)}
          history={items}
          refused={this.activity.refusedByRoute().get(route.key) ?? 0}
          hour={this.#hourOf(route.key, items)}
          who={visit.who}
          links={this.pages.links}
          now={this.engine.now()}
        />
      ),
    });
  }

  #explained(route: RouteView, caller: CallerQuery): readonly Step[] {
    return explainRoute(this.engine.explain(route.key, callerOf(caller)), {
      route,
      environment: this.engine.environment,
      idle: idleLimits(this.engine, route),
      hasCaller: hasCaller(caller),
    });
  }

  #hourOf(key: string, history: readonly RecordedAuditEntry[]): RouteHour | null {
    const { stats } = this.engine;
    if (!stats.isOn) return null;
    const minutes = stats.byMinute([key]);
    const from = minutes[0]?.minute ?? 0;
    const marks = history.map(({ at, revision }) => ({ at: instantMs(at), revision })).filter(({ at }) => at >= from);
    return { total: stats.byRoute().find(({ route }) => route === key) ?? null, minutes, marks: marks.toReversed() };
  }

  async #refused(visit: Visit, action: RouteAction, routes: readonly RouteView[], error: unknown): Promise<void> {
    if (error instanceof ValidationError || error instanceof RouteProtectedError)
      return this.#dialog(visit, action, routes, { error: error.message, status: 422 });
    if (!(error instanceof ConflictError)) throw error;
    const keys = error instanceof ChangesConflictError ? error.conflicts.map(({ key }) => key) : [error.key];
    const conflict = await conflictOn(this.engine, 'route', ...keys);
    const now = this.#routes(
      visit.who,
      routes.map(({ key }) => key),
    );
    this.#dialog(visit, action, now, { conflict, status: 409 });
  }

  #dialog(
    visit: Visit,
    action: RouteAction,
    routes: readonly RouteView[],
    problem: { error?: string; conflict?: VNode; status?: number } = {},
  ): void {
    const { title, verb, tone, note } = WORDING[action];
    this.pages.dialog(
      visit,
      'routes',
      {
        title: routes.length === 1 ? title : `${title}: ${routes.length} routes`,
        note,
        action: `routes/act/${action}`,
        submit: verb,
        tone,
        back: 'routes',
        error: problem.error,
        conflict: problem.conflict,
        children: (
          <RouteFields
            action={action}
            routes={routes}
            value={(name) => visit.field(name)}
            environment={this.engine.environment}
          />
        ),
      },
      problem.status,
    );
  }

  /** @throws {AnswerError} for none, too many, or one that is not there */
  #routes(who: Principal, keys: readonly string[]): readonly RouteView[] {
    if (keys.length === 0) throw new AnswerError(400, 'Tick at least one route first');
    if (keys.length > MOST_CHOSEN) throw new AnswerError(400, `At most ${MOST_CHOSEN} routes can be changed at once`);
    return keys.map((key) => {
      const view = this.engine.sync.routes.get(key);
      if (!who.covers(view.service)) throw new AnswerError(403, 'This concerns a service you are not responsible for');
      return view;
    });
  }
}

function actionOf(name: string): RouteAction {
  const action = ROUTE_ACTIONS.find((known) => known === name);
  if (action === undefined) throw new AnswerError(404, `'${name}' cannot be done with routes`);
  return action;
}
