import { Get, Param } from '@nestjs/common';
import { instantMs, WaygateEngine, type RecordedAuditEntry, type RouteView } from '@waygate/core';
import { decodePathKey, Requires } from '../admin/surface.js';
import { Activity } from '../activity/activity.js';
import { trafficOf } from '../activity/route-traffic.js';
import { switchesFor } from '../page/maintenance-banners.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { callerOf, hasCaller, problemOf, readCallerQuery, type CallerQuery } from './caller-query.js';
import { explainRoute, type Step } from './explain-route.js';
import { idleLimits } from './idle-limits.js';
import { listRoutes, readRouteFilter } from './route-list.js';
import { RoutePage } from './route-page.js';
import type { RouteHour } from './route-traffic-panel.js';
import { RoutesPage } from './routes-page.js';

const HISTORY = 30;

@PageController('routes')
export class RoutePages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly activity: Activity,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  list(@Visiting() visit: Visit): void {
    const all = this.engine.sync.routes.list().filter(({ service }) => visit.who.sees(service));
    const filter = readRouteFilter((name) => visit.query(name));
    const list = listRoutes(all, filter);
    this.pages.page(visit, {
      title: 'Routes',
      section: 'routes',
      children: (
        <RoutesPage
          list={list}
          filter={filter}
          switches={switchesFor(this.engine, visit.who)}
          refused={this.activity.refusedByRoute()}
          traffic={trafficOf(
            this.engine.stats,
            list.items.map(({ key }) => key),
          )}
        />
      ),
    });
  }

  @Get(':key')
  @Requires('viewer', 'route')
  async detail(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const route = this.engine.sync.routes.get(decodePathKey(pathKey));
    const caller = readCallerQuery((name) => visit.query(name));
    const { items } = await this.engine.audit.list({ key: route.key, limit: HISTORY });
    const steps = await this.#explained(route, caller);
    this.pages.page(visit, {
      title: route.key,
      section: 'routes',
      charts: true,
      children: (
        <RoutePage
          route={route}
          policies={this.engine.sync.rateLimits.find(route.key)?.policies ?? []}
          steps={steps}
          caller={caller}
          problem={problemOf(caller)}
          history={items}
          refused={this.activity.refusedByRoute().get(route.key) ?? 0}
          hour={this.#hourOf(route.key, items)}
        />
      ),
    });
  }

  async #explained(route: RouteView, caller: CallerQuery): Promise<readonly Step[]> {
    return explainRoute(await this.engine.explain(route.key, callerOf(caller)), {
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
}
