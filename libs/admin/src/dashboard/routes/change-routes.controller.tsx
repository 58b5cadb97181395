import { Get, Param, Post } from '@nestjs/common';
import { WaygateEngine, type RouteView } from '@waygate/core';
import { AnswerError, type Principal, Requires } from '../admin/surface.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Visiting, type Visit } from '../page/visit.js';
import { changeRoutes, chosenIn, ROUTE_ACTIONS, type RouteAction } from './route-actions.js';
import { RouteFields } from './route-fields.js';
import { WORDING } from './route-wording.js';

const MAX_CHOSEN = 500;

/** Changes one route, or all that are ticked, by what a form says. */
@PageController('routes/act')
export class ChangeRoutesController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly forms: Forms,
  ) {}

  /** The form of an action, chosen by a button beside ticked routes. */
  @Get()
  @Requires('operator', 'filtered')
  choose(@Visiting() visit: Visit): void {
    this.form(visit, visit.query('action'));
  }

  @Get(':action')
  @Requires('operator', 'filtered')
  form(@Visiting() visit: Visit, @Param('action') name: string): void {
    this.forms.show(visit, this.#form(visit.who, actionOf(name), visit.queries('key')));
  }

  @Post(':action')
  @Requires('operator', 'routes')
  act(@Visiting() visit: Visit, @Param('action') name: string): Promise<void> {
    const action = actionOf(name);
    const chosen = chosenIn(visit.form);
    const keys = chosen.map(({ key }) => key);
    const form = () => this.#form(visit.who, action, keys);
    return this.forms.send(visit, form, async () => {
      const [first] = this.#routes(visit.who, keys);
      const { revision, changed } = await changeRoutes(this.engine, action, visit, chosen);
      const what = chosen.length === 1 && first !== undefined ? first.key : `${chosen.length} routes`;
      return { message: `${what}: ${WORDING[action].done}.`, undo: changed.length === 0 ? [] : [revision], back: 'routes' };
    });
  }

  #form(who: Principal, action: RouteAction, keys: readonly string[]): Form {
    const routes = this.#routes(who, keys);
    const { title } = WORDING[action];
    return {
      ...WORDING[action],
      section: 'routes',
      title: routes.length === 1 ? title : `${title}: ${routes.length} routes`,
      action: `routes/act/${action}`,
      back: 'routes',
      fields: <RouteFields action={action} routes={routes} environment={this.engine.environment} />,
    };
  }

  /** @throws {AnswerError} for none, too many, or one that does not exist */
  #routes(who: Principal, keys: readonly string[]): readonly RouteView[] {
    if (keys.length === 0) throw new AnswerError(400, 'Tick at least one route first');
    if (keys.length > MAX_CHOSEN) throw new AnswerError(400, `At most ${MAX_CHOSEN} routes can be changed at once`);
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
