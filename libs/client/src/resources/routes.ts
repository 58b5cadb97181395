import type { Api } from '../http/api.js';
import { pathKey } from '../path-key.js';
import type { RouteState, WireInstant } from '../wire/routes.js';

export interface ChangeOptions {
  readonly reason?: string;
}

export interface WindowInput extends ChangeOptions {
  readonly start: WireInstant;
  readonly end: WireInstant;
}

/**
 * Routes and their state. Keys are `METHOD:/path`, `/path` where one method answers to it, or either behind `service:`. Every change
 * throws `NotFoundError`, `AmbiguousRouteError` (with the matches), or `ConflictError` for a route that is force-active.
 */
export class RoutesResource {
  constructor(private readonly api: Api) {}

  list(filter: { readonly service?: string } = {}): Promise<readonly RouteState[]> {
    return this.api.get('/api/routes', { service: filter.service });
  }

  /** Names of the services that have routes. */
  services(): Promise<readonly string[]> {
    return this.api.get('/api/services');
  }

  /** An unknown key gives an active route without a service, never an error. */
  get(key: string): Promise<RouteState> {
    return this.api.get(at(key));
  }

  enable(key: string, options: ChangeOptions = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/enable`, options);
  }

  /** `expires_in` is a length of time such as `2h`: afterwards, what was set before holds again. */
  disable(key: string, options: ChangeOptions & { readonly expires_in?: string } = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/disable`, options);
  }

  /** Now, or in the window when both ends are given. */
  maintenance(key: string, options: ChangeOptions | WindowInput = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/maintenance`, options);
  }

  setEnvironments(key: string, envs: readonly string[], options: ChangeOptions = {}): Promise<RouteState> {
    return this.api.post(`${at(key)}/env`, { envs, ...options });
  }

  schedule(key: string, window: WindowInput): Promise<RouteState> {
    return this.api.post(`${at(key)}/schedule`, window);
  }

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
