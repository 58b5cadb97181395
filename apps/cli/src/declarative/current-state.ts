import type {
  FeatureFlag,
  GlobalRateLimit,
  MaintenanceConfig,
  RateLimitPolicy,
  RouteState,
  Segment,
  WaygateClient,
} from '@waygate/client';
import { orNone } from '../flags/or-none.js';
import type { Fields } from './waygate-document.js';
import { limitKeyOf } from './limit-key.js';

/** What the server holds of what a file can name. */
export interface CurrentState {
  readonly routes: ReadonlyMap<string, RouteState>;
  readonly limits: ReadonlyMap<string, RateLimitPolicy>;
  readonly flags: ReadonlyMap<string, FeatureFlag>;
  readonly segments: ReadonlyMap<string, Segment>;
  readonly maintenance: { readonly global: MaintenanceConfig; readonly services: ReadonlyMap<string, MaintenanceConfig> };
  readonly scopes: { readonly global: GlobalRateLimit; readonly services: ReadonlyMap<string, GlobalRateLimit> };
}

/** @param services asked about beside those that have routes */
export async function readCurrent(client: WaygateClient, services: readonly string[] = []): Promise<CurrentState> {
  const [routes, limits, flags, segments, registered, maintenance, limit] = await Promise.all([
    client.routes.list(),
    client.rateLimits.list(),
    orNone(client.flags.list()),
    orNone(client.segments.list()),
    client.routes.services(),
    client.maintenance.get(),
    client.rateLimits.global.get(),
  ]);
  const names = [...new Set([...registered, ...services])];
  const perService = await Promise.all(
    names.map(async (name) => ({
      name,
      maintenance: await client.maintenance.forService(name).get(),
      limit: await client.rateLimits.forService(name).get(),
    })),
  );
  return {
    routes: new Map(routes.map((route) => [route.path, route])),
    limits: new Map(limits.map((policy) => [limitKeyOf(policy), policy])),
    flags: new Map(flags.map((flag) => [flag.key, flag])),
    segments: new Map(segments.map((segment) => [segment.key, segment])),
    maintenance: { global: maintenance, services: new Map(perService.map((one) => [one.name, one.maintenance])) },
    scopes: { global: limit, services: new Map(perService.map((one) => [one.name, one.limit])) },
  };
}

/** Whether the code declares it, and nobody has set anything else. */
export function isDeclared({ source, origin }: { readonly source?: string; readonly origin?: string }): boolean {
  // Of a route's limits some may be declared and others set.
  return origin === undefined ? source === 'declared' : origin !== 'override';
}

export function pick(value: object, names: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(value).filter(([name, field]) => names.includes(name) && field !== null && field !== undefined),
  );
}

export function omit(value: object, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
