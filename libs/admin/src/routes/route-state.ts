import {
  ACTIVE_ROUTE,
  GLOBAL_SCOPE,
  routeStateOnWire,
  type MaintenanceRecord,
  type RouteStateOnWire,
  type RouteView,
} from '@waygate/core';
import { maintenanceConfig } from '../maintenance/maintenance-config.js';
import { wireTimeOrNull } from '../http/wire-time.js';

/** A route on the wire (wire contract, §3). The last four fields are ours. */
export interface RouteState extends RouteStateOnWire {
  readonly source: 'declared' | 'override';
  /** When a window opens or closes next. */
  readonly next_change: string | null;
  readonly revision: number;
  readonly tags: readonly string[];
}

export function routeState(view: RouteView, now: number): RouteState {
  return {
    ...routeStateOnWire(view.key, view, now),
    source: view.source,
    next_change: wireTimeOrNull(view.nextChange),
    revision: view.revision,
    tags: view.tags,
  };
}

/** What the wire says about a route nobody knows. */
export function unknownRoute(path: string): RouteState {
  const nothing = routeStateOnWire(path, { service: null, declared: ACTIVE_ROUTE, override: null }, 0);
  return { ...nothing, source: 'declared', next_change: null, revision: 0, tags: [] };
}

/** A maintenance switch as the route that stands for it on the wire (wire contract, §2). */
export function sentinelState(scope: string, record: MaintenanceRecord, revision: number, now: number): RouteState {
  const service = scope === GLOBAL_SCOPE ? null : scope;
  const path = service === null ? '__waygate:global__' : `__waygate:svc_global:${service}__`;
  return { ...unknownRoute(path), service, reason: JSON.stringify(maintenanceConfig(record, now)), revision };
}

/** The scope whose switch a sentinel key stands for; `null` = it is no such key. */
export function scopeOfSentinel(key: string): string | null {
  if (key === '__waygate:global__') return GLOBAL_SCOPE;
  return /^__waygate:svc_global:(.+)__$/.exec(key)?.[1] ?? null;
}
