import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { WaygateEngine, type RouteView } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { LenientBody, StrictBody } from '../http/body.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { decodePathKey, partsOf } from '../http/path-key.js';
import { Who } from '../http/who.decorator.js';
import { expiryOf, isGiven, planOf, windowOf } from '../schedule/schedule.dto.js';
import {
  scopeOfSentinel,
  sentinelState,
  shownRouteState,
  unknownRoute,
  type RouteState,
  type ShownRouteState,
} from './route-state.js';
import { EnvironmentsBody, ExpiringBody, MaintenanceBody, ScheduleBody } from './routes.dto.js';

/** Routes and their state (wire contract, §4). */
@Controller('api')
export class RoutesController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get('routes')
  @Requires('viewer', 'filtered', { sdk: true })
  list(@Who() who: Principal, @Query('service') service?: unknown, @Query('tag') tag?: unknown): readonly ShownRouteState[] {
    const filter = typeof service === 'string' && service !== '' ? { service } : {};
    const isTagged = ({ tags }: RouteView) => typeof tag !== 'string' || tag === '' || tags.includes(tag);
    const views = this.engine.sync.routes.list(filter).filter((view) => who.sees(view.service) && isTagged(view));
    return views.map((view) => this.#state(view));
  }

  @Get('services')
  @Requires('viewer', 'filtered', { sdk: true })
  services(@Who() who: Principal): readonly string[] {
    const services = new Set<string>();
    for (const { service } of this.engine.sync.routes.list()) if (service !== null && who.sees(service)) services.add(service);
    return [...services].toSorted((a, b) => (a < b ? -1 : 1));
  }

  @Get('routes/:key')
  @Requires('viewer', 'route', { sdk: true })
  get(@Param('key') pathKey: string): RouteState {
    const key = decodePathKey(pathKey);
    const scope = scopeOfSentinel(key);
    if (scope !== null) {
      const { revision, ...record } =
        scope === '*' ? this.engine.sync.maintenance.get() : this.engine.sync.maintenance.forService(scope);
      return sentinelState(scope, record, revision, this.engine.now());
    }
    try {
      const view = this.engine.sync.routes.get(key);
      // A bare path is not looked for under its methods here.
      return partsOf(key).method === null && view.method !== null ? unknownRoute(key) : this.#state(view);
    } catch {
      return unknownRoute(key);
    }
  }

  @Post('routes/:key/enable')
  @HttpCode(200)
  @Requires('operator', 'route')
  async enable(
    @Param('key') key: string,
    @LenientBody(ExpiringBody) body: ExpiringBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<ShownRouteState> {
    return this.#state(
      await this.engine.routes.enable(keyOf(key), { ...who.author(body.reason), ...expected, ...expiryOf(body) }),
    );
  }

  @Post('routes/:key/disable')
  @HttpCode(200)
  @Requires('operator', 'route')
  async disable(
    @Param('key') key: string,
    @LenientBody(ExpiringBody) body: ExpiringBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<ShownRouteState> {
    const change = { ...who.author(body.reason), ...expected, ...expiryOf(body) };
    return this.#state(await this.engine.routes.disable(keyOf(key), change));
  }

  @Post('routes/:key/maintenance')
  @HttpCode(200)
  @Requires('operator', 'route')
  async maintenance(
    @Param('key') key: string,
    @LenientBody(MaintenanceBody) body: MaintenanceBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<ShownRouteState> {
    const { reason, start, end } = body;
    const window = isGiven(start) && isGiven(end) ? windowOf(start, end) : null;
    const change = { ...who.author(reason), ...expected, ...expiryOf(body), window };
    return this.#state(await this.engine.routes.setMaintenance(keyOf(key), change));
  }

  @Post('routes/:key/env')
  @HttpCode(200)
  @Requires('operator', 'route')
  async environments(
    @Param('key') key: string,
    @StrictBody(EnvironmentsBody) body: EnvironmentsBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<ShownRouteState> {
    const change = { ...who.author(body.reason), ...expected, ...expiryOf(body) };
    return this.#state(await this.engine.routes.setEnvironments(keyOf(key), body.envs, change));
  }

  @Post('routes/:key/schedule')
  @HttpCode(200)
  @Requires('operator', 'route')
  async schedule(
    @Param('key') key: string,
    @StrictBody(ScheduleBody) body: ScheduleBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<ShownRouteState> {
    const change = { ...who.author(body.reason), ...expected, ...planOf(body) };
    return this.#state(await this.engine.routes.schedule(keyOf(key), change));
  }

  /** Takes back every planned window, begun or not. Never 404. */
  @Delete('routes/:key/schedule')
  @Requires('operator', 'route')
  async cancel(@Param('key') pathKey: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<RouteState> {
    const key = decodePathKey(pathKey);
    try {
      this.engine.sync.routes.get(key);
    } catch {
      return unknownRoute(key);
    }
    return this.#state(await this.engine.routes.cancelSchedule(key, { ...who.author(), ...expected }));
  }

  /** Removes what operators set, so that the declared state holds again. */
  @Delete('routes/:key/override')
  @Requires('operator', 'route')
  async clear(@Param('key') key: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<ShownRouteState> {
    return this.#state(await this.engine.routes.clear(keyOf(key), { ...who.author(), ...expected }));
  }

  #state(view: RouteView): ShownRouteState {
    return shownRouteState(view, this.engine.now());
  }
}

/** The key to change; what cannot be a route key is not registered. */
function keyOf(pathKey: string): string {
  const key = decodePathKey(pathKey);
  partsOf(key);
  return key;
}
