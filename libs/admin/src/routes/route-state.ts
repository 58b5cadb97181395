import {
  GLOBAL_SCOPE,
  instantMs,
  windowIsOpen,
  type Instant,
  type MaintenanceRecord,
  type RouteOverride,
  type RouteView,
  type TimeWindow,
} from '@waygate/core';
import { maintenanceConfig } from '../maintenance/maintenance-config.js';
import { wireTime, wireTimeOrNull } from '../http/wire-time.js';

/** A route on the wire (wire contract, §3). The last three fields are ours. */
export interface RouteState {
  readonly path: string;
  readonly service: string | null;
  readonly status: string;
  readonly reason: string;
  readonly allowed_envs: readonly string[];
  readonly allowed_roles: readonly string[];
  readonly allowed_ips: readonly string[];
  readonly window: { readonly start: string; readonly end: string; readonly reason: string } | null;
  readonly sunset_date: string | null;
  readonly successor_path: string | null;
  readonly rollout_percentage: number;
  readonly force_active: boolean;
  readonly source: 'declared' | 'override';
  /** When a window opens or closes next. */
  readonly next_change: string | null;
  readonly revision: number;
}

/** A window on the wire has both ends; these stand for what is open. */
const ALWAYS: Instant = '1970-01-01T00:00:00.000Z';
const NEVER: Instant = '9999-12-31T23:59:59.000Z';

export function routeState(view: RouteView, now: number): RouteState {
  return {
    path: view.key,
    service: view.service,
    status: view.status,
    reason: view.reason,
    allowed_envs: view.environments ?? [],
    allowed_roles: [],
    allowed_ips: [],
    window: windowAhead(view, now),
    sunset_date: wireTimeOrNull(view.deprecation?.sunset ?? null),
    successor_path: view.deprecation?.successor ?? null,
    rollout_percentage: 100,
    force_active: view.forceActive,
    source: view.source,
    next_change: wireTimeOrNull(view.nextChange),
    revision: view.revision,
  };
}

/** What the wire says about a route nobody knows. */
export function unknownRoute(path: string): RouteState {
  return {
    path,
    service: null,
    status: 'active',
    reason: '',
    allowed_envs: [],
    allowed_roles: [],
    allowed_ips: [],
    window: null,
    sunset_date: null,
    successor_path: null,
    rollout_percentage: 100,
    force_active: false,
    source: 'declared',
    next_change: null,
    revision: 0,
  };
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

/** The window of what was set last and is not over: it may be open, or still to come. */
function windowAhead({ override, declared, forceActive }: RouteView, now: number): RouteState['window'] {
  if (forceActive) return null;
  for (let current: RouteOverride | null = override; current !== null; current = current.beneath) {
    if (current.window === null) return null;
    if (!isOver(current.window, now)) return wireWindow(current.window, current.reason);
  }
  return declared.window === null || isOver(declared.window, now) ? null : wireWindow(declared.window, declared.reason);
}

function isOver(window: TimeWindow, now: number): boolean {
  return window.end !== null && instantMs(window.end) <= now && !windowIsOpen(window, now);
}

function wireWindow({ start, end }: TimeWindow, reason: string): RouteState['window'] {
  return { start: wireTime(start ?? ALWAYS), end: wireTime(end ?? NEVER), reason };
}
