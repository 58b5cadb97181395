import type { RouteOverride } from '../schema/route.js';
import { instantMs } from '../model/time.js';
import { isScheduled } from './schedule-input.js';

/** The stack without what can never hold again. */
export function pruned(override: RouteOverride | null, now: number): RouteOverride | null {
  if (override === null) return null;
  const beneath = pruned(override.beneath, now);
  const end = override.window?.end ?? null;
  if (end !== null && instantMs(end) <= now) return beneath;
  return beneath === override.beneath ? override : { ...override, beneath };
}

/** The stack without maintenance that was scheduled, whether it began or not. */
export function withoutSchedules(override: RouteOverride | null): RouteOverride | null {
  if (override === null) return null;
  const beneath = withoutSchedules(override.beneath);
  if (override.state === 'maintenance' && isScheduled(override.window)) return beneath;
  return beneath === override.beneath ? override : { ...override, beneath };
}

export function depth(override: RouteOverride | null): number {
  return override === null ? 0 : 1 + depth(override.beneath);
}
