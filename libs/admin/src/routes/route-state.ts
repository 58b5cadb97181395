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
import { effectiveWire, type EffectiveOnWire } from './effective-wire.js';

/** A route on the wire (wire contract, §3). The fields added here are ours. */
export interface RouteState extends RouteStateOnWire {
  readonly source: 'declared' | 'override';
  /** When a window opens or closes next. */
  readonly next_change: string | null;
  readonly revision: number;
  readonly tags: readonly string[];
}

/**
 * A route as REST answers it. Streams and snapshots do not have these fields: they would be wrong as soon as a maintenance of everything
 * begins or ends, which is an event of its own.
 */
export interface ShownRouteState extends RouteState {
  /** What a request gets now; `status` is about the route alone, whatever is down around it. */
  readonly effective_status: EffectiveOnWire['status'];
  readonly blocked_by: EffectiveOnWire['blocked_by'];
  /** When the effective state ends on its own; `null` = when it is changed. */
  readonly until: EffectiveOnWire['until'];
  /** The whole answer: status, reason, since, until, by whom, and what comes next. */
  readonly effective: EffectiveOnWire;
}

export function shownRouteState(view: RouteView, now: number): ShownRouteState {
  const effective = effectiveWire(view.effective);
  const { status: effective_status, blocked_by, until } = effective;
  return { ...routeState(view, now), effective_status, blocked_by, until, effective };
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
