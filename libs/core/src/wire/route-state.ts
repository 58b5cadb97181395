import { effectiveRoute } from '../lifecycle/effective.js';
import { maintenanceAt } from '../lifecycle/compiled-maintenance.js';
import { NO_MAINTENANCE, type MaintenanceRecord } from '../schema/maintenance.js';
import type { MaintenanceOnWire, RouteStateOnWire, WindowOnWire } from '../model/route-state.js';
import type { RouteRecord } from '../schema/route.js';
import { instantMs, windowAt, type TimeWindow } from '../model/time.js';
import { instantOnWire } from './time.js';

/** The wire knows no window that is open on one side: these stand for the missing edge. */
const SINCE_EVER = '1970-01-01T00:00:00.000Z';
const FOR_EVER = '9999-12-31T23:59:59.000Z';

/**
 * A route as clients see it at the instant `now` (epoch ms): a pure function of record and clock.
 * @param key the record's key
 */
export function routeStateOnWire(key: string, record: RouteRecord, now: number): RouteStateOnWire {
  const { status, reason, environments, deprecation, forceActive } = effectiveRoute(record, now);
  return {
    path: key,
    service: record.service,
    status,
    reason,
    allowed_envs: environments ?? [],
    allowed_roles: [],
    allowed_ips: [],
    window: windowAhead(record, now),
    sunset_date: deprecation?.sunset == null ? null : new Date(deprecation.sunset).toUTCString(),
    successor_path: deprecation?.successor ?? null,
    rollout_percentage: 100,
    force_active: forceActive,
  };
}

/** A maintenance switch as clients see it at the instant `now` (epoch ms): what is in force, as the wire knows no window for it. */
export function maintenanceOnWire(record: MaintenanceRecord, now: number): MaintenanceOnWire {
  const { record: inForce } = maintenanceAt(record, now);
  const { reason, exempt, includeForceActive } = inForce ?? { ...NO_MAINTENANCE, exempt: record.exempt };
  return { enabled: inForce !== null, reason, exempt_paths: exempt, include_force_active: includeForceActive };
}

/** The topmost window that is not over, unless something without a window lies above it. */
function windowAhead({ declared, override }: RouteRecord, now: number): WindowOnWire | null {
  if (declared.forceActive) return null;
  for (let current = override; current !== null; current = current.beneath) {
    if (current.window === null) return null;
    if (isOver(current.window, now)) continue;
    return current.state === 'active' ? null : windowOnWire(current.window, current.reason, now);
  }
  if (declared.state === 'active' || declared.window === null || isOver(declared.window, now)) return null;
  return windowOnWire(declared.window, declared.reason, now);
}

function occurrenceOf(window: TimeWindow, now: number): TimeWindow {
  const { open, from, until } = windowAt(window, now);
  if (until === Infinity) return { start: window.start, end: window.end };
  const closes = open ? until : windowAt(window, until).until;
  const edge = (ms: number) => (ms === Infinity ? null : new Date(ms).toISOString());
  return { start: edge(open ? from : until), end: edge(closes) };
}

function isOver({ end }: TimeWindow, now: number): boolean {
  return end !== null && instantMs(end) <= now;
}

/** Of a recurring window: the opening that lasts, else the next one. */
function windowOnWire(window: TimeWindow, reason: string, now: number): WindowOnWire {
  const { start, end } = window.recurrence === undefined ? window : occurrenceOf(window, now);
  return { start: instantOnWire(start ?? SINCE_EVER), end: instantOnWire(end ?? FOR_EVER), reason };
}
