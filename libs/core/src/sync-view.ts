import type { Maintenance, MaintenanceView } from './lifecycle/maintenance.js';
import type { Routes, RouteView } from './lifecycle/routes.js';
import type { RateLimits, RateLimitView } from './rate-limit/rate-limits.js';

/** What can be read without waiting: everything here comes from the snapshot. For handlers that do not await. */
export class SyncView {
  readonly routes: {
    /** @throws {RouteNotFoundError | AmbiguousRouteError} */
    get(key: string): RouteView;
    list(filter?: { readonly service?: string | null }): readonly RouteView[];
  };
  readonly maintenance: {
    get(): MaintenanceView;
    forService(service: string): MaintenanceView;
  };

  readonly rateLimits: {
    /** @returns `null` = the route is not known */
    find(key: string): RateLimitView | null;
    list(filter?: { readonly service?: string | null }): readonly RateLimitView[];
  };

  constructor(routes: Routes, maintenance: Maintenance, rateLimits: RateLimits) {
    this.routes = { get: (key) => routes.read(key), list: (filter) => routes.readAll(filter) };
    this.maintenance = { get: () => maintenance.read(), forService: (service) => maintenance.forService(service).read() };
    this.rateLimits = { find: (key) => rateLimits.find(key), list: (filter) => rateLimits.readAll(filter) };
  }
}
