import type { Api } from '../http/api.js';
import { pathKey } from './path-key.js';
import type { RouteState, WireInstant } from '../wire/routes.js';
import type { Expiry, PlanInput } from '../wire/schedule.js';

export interface ChangeOptions {
  /** For callers that are refused, and for the audit log. */
  readonly reason?: string;
}

export interface WindowInput {
  readonly start: WireInstant;
  readonly end: WireInstant;
}

/**
 * Routes and their state. Keys are `METHOD:/path`, `/path` where one method answers to it, or either behind `service:`. Every change
 * throws `NotFoundError`, `AmbiguousRouteError` (with the matches), or `ConflictError` for a route that is force-active.
 */
export class RoutesResource {
  constructor(private readonly api: Api) {}

  list(filter: { readonly service?: string; readonly tag?: string } = {}): Promise<readonly RouteState[]> {
    return this.api.get('/api/routes', { service: filter.service, tag: filter.tag });
  }

  /** Names of the services that have routes. */
  services(): Promise<readonly string[]> {
    return this.api.get('/api/services');
  }

  /** An unknown key gives an active route without a service, never an error. */
  get(key: string): Promise<RouteState> {
    return this.api.get(at(key));
  }

  enable(key: string, options: ChangeOptions & Expiry = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/enable`, options);
  }

  disable(key: string, options: ChangeOptions & Expiry = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/disable`, options);
  }

  /** Now, or in the window when both ends are given. */
  maintenance(key: string, options: ChangeOptions & Expiry & Partial<WindowInput> = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/maintenance`, options);
  }

  /** The environments the route exists in; everywhere else it does not. */
  setEnvironments(key: string, envs: readonly string[], options: ChangeOptions & Expiry = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/env`, { envs, ...options });
  }

  /** Maintenance to come, once or again and again; until then the route stays as it is. */
  schedule(key: string, plan: ChangeOptions & PlanInput): Promise<RouteState> {
    return this.api.post(`${at(key)}/schedule`, plan);
  }

  /** Takes back every planned window, begun or not. Never throws `NotFoundError`. */
  cancelSchedule(key: string): Promise<RouteState> {
    return this.api.call('DELETE', `${at(key)}/schedule`);
  }

  /** Removes what operators set, so that what the code declares holds again. */
  clear(key: string): Promise<RouteState> {
    return this.api.call('DELETE', `${at(key)}/override`);
  }
}

function at(key: string): string {
  return `/api/routes/${pathKey(key)}`;
}
