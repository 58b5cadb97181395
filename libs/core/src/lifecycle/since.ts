import { instantMs, windowAt, type Instant, type TimeWindow } from '../model/time.js';
import type { MaintenanceRecord } from '../schema/maintenance.js';
import type { DeclaredRoute } from '../schema/route.js';
import type { EffectiveRoute } from './effective-route.js';

/** When the state of a route began; `null` = unknown. */
export function routeSince({ inForce, state }: EffectiveRoute, declared: DeclaredRoute, now: number): Instant | null {
  if (inForce !== null) return laterOf(inForce.setAt, opening(inForce.window, now));
  return state === 'active' ? null : opening(declared.window, now);
}

/** When a maintenance in force began; `null` = unknown. */
export function maintenanceSince({ setAt, window }: MaintenanceRecord, now: number): Instant | null {
  const opened = opening(window, now);
  return setAt === null ? opened : laterOf(setAt, opened);
}

/** When the window that is open now opened; `null` = it has no start. */
function opening(window: TimeWindow | null, now: number): Instant | null {
  const { open, from } = windowAt(window, now);
  return open && from !== -Infinity ? new Date(from).toISOString() : null;
}

function laterOf(instant: Instant, other: Instant | null): Instant {
  return other !== null && instantMs(other) > instantMs(instant) ? other : instant;
}
