import { Injectable } from '@nestjs/common';
import {
  formatRouteKey,
  parseRouteKey,
  RouteProtectedError,
  Turn,
  ValidationError,
  WaygateEngine,
  type ReportedRoute,
} from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { routeState, type RouteState } from '../routes/route-state.js';
import type { ReportedState } from './reported-state.js';

const ROUTES_A_COMMIT = 100;

/** Registers routes of SDK processes, and applies what was changed there at runtime (wire contract, §5 and §7d). */
@Injectable()
export class SdkRoutes {
  constructor(private readonly engine: WaygateEngine) {}

  /**
   * @param states `null` = could not be read, and is skipped
   * @returns the states of all acceptable items, as they hold now
   */
  async register(app: string, states: readonly (ReportedState | null)[], who: Principal): Promise<readonly RouteState[]> {
    const turn = new Turn();
    const fresh: ReportedRoute[] = [];
    const changed: { readonly key: string; readonly state: ReportedState }[] = [];
    const keys: string[] = [];
    for (const state of states) {
      if (turn.isOver()) await turn.next();
      if (state === null || (state.service !== null && state.service !== app)) continue;
      const single = undoubled(state.path, app);
      const route = this.#checked({ key: single ?? state.path, service: app, declaration: state.declaration });
      if (route === null) continue;
      keys.push(route.key);
      if (single === null) fresh.push(route);
      else if (this.#isKnown(route.key)) changed.push({ key: route.key, state });
      else fresh.push(route);
    }
    // Several commits: one of thousands of routes would keep everybody else waiting. Registering the rest again is harmless.
    for (let from = 0; from < fresh.length; from += ROUTES_A_COMMIT) {
      await this.engine.reportedRoutes.register(fresh.slice(from, from + ROUTES_A_COMMIT));
      await turn.next();
    }
    for (const { key, state } of changed) await this.#apply(key, state, who);
    const answered: RouteState[] = [];
    for (const key of new Set(keys)) {
      answered.push(routeState(this.engine.sync.routes.get(key), this.engine.now()));
      if (turn.isOver()) await turn.next();
    }
    return answered;
  }

  /** The report in the form it is stored in; `null` = it cannot be stored, or is another service's. */
  #checked(route: ReportedRoute): ReportedRoute | null {
    try {
      const { key } = this.engine.reportedRoutes.check(route);
      const { service } = parseRouteKey(key);
      if (service !== null && service !== route.service) return null;
      const known = this.#isKnown(key) ? this.engine.sync.routes.get(key).service : route.service;
      return known === route.service ? { ...route, key } : null;
    } catch (error) {
      if (error instanceof ValidationError) return null;
      throw error;
    }
  }

  /** By the records alone: the engine looks through all routes for similar ones when it does not know one. */
  #isKnown(key: string): boolean {
    return this.engine.replication.snapshot.get('route', key) !== undefined;
  }

  /** What somebody did in the SDK's process becomes what holds here. */
  async #apply(key: string, { status, reason, environments, window }: ReportedState, who: Principal): Promise<void> {
    const change = who.author(reason);
    try {
      if (status === 'maintenance') await this.engine.routes.setMaintenance(key, { ...change, window });
      else if (status === 'disabled') await this.engine.routes.disable(key, change);
      else if (status === 'env_gated') await this.engine.routes.setEnvironments(key, environments, change);
      else await this.engine.routes.enable(key, change);
    } catch (error) {
      // It stays as it is, and that is what is answered.
      if (!(error instanceof RouteProtectedError) && !(error instanceof ValidationError)) throw error;
    }
  }
}

/** SDKs double their service's name in what they change at runtime; the key without that. `null` = it is not doubled. */
function undoubled(path: string, app: string): string | null {
  const doubled = `${app}:${app}:`;
  if (!path.startsWith(doubled)) return null;
  const parts = parseRouteKeyOrNull(path.slice(app.length + 1));
  return parts === null ? null : formatRouteKey(parts);
}

function parseRouteKeyOrNull(key: string): ReturnType<typeof parseRouteKey> | null {
  try {
    return parseRouteKey(key);
  } catch {
    return null;
  }
}
