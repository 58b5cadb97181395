import type { Deprecation, OverrideState, RouteOverride, RouteRecord, RouteStatus } from '../schema/route.js';
import { readableOverride } from './readable-override.js';
import { windowAt, windowIsOpen, type Instant, type TimeWindow } from '../model/time.js';

/** What holds for a route at an instant, and how long that stays true if nobody changes anything. */
export interface EffectiveRoute {
  readonly status: RouteStatus;
  readonly state: OverrideState;
  readonly reason: string;
  /** Environments it exists in; `null` = all. Holds beside any state: outside of them the route is not there at all. */
  readonly environments: readonly string[] | null;
  readonly deprecation: Deprecation | null;
  readonly forceActive: boolean;
  /** When `state` ends; `null` = not planned. */
  readonly until: Instant | null;
  readonly source: 'declared' | 'override';
  /** The override in force; `null` = what the code declares applies. */
  readonly inForce: RouteOverride | null;
  /** The result is the same for every clock in `[holdsFrom, holdsUntil)`, epoch ms. */
  readonly holdsFrom: number;
  readonly holdsUntil: number;
}

/**
 * `override ?? declared ?? active`, at the instant `now` (epoch ms): a pure function of record and clock. An override that cannot be read
 * never opens the route.
 */
export function effectiveRoute(record: Pick<RouteRecord, 'declared' | 'override'>, now: number): EffectiveRoute {
  const { declared } = record;
  const override = readableOverride(record.override);
  const { forceActive, deprecation } = declared;
  const { holdsFrom, holdsUntil } = constancy(windowsOf(declared.window, override), now);
  const inForce = forceActive ? null : overrideInForce(override, now);
  if (inForce !== null) {
    const { state, reason } = inForce;
    const environments = environmentsUnder(inForce, declared.environments);
    const until = state === 'active' ? null : endOf(inForce.window, now);
    return {
      status: state,
      state,
      reason,
      environments,
      deprecation,
      forceActive,
      until,
      source: 'override',
      inForce,
      holdsFrom,
      holdsUntil,
    };
  }
  const { environments } = declared;
  const holds = declared.state !== 'active' && windowIsOpen(declared.window, now);
  const state = holds ? declared.state : environments === null ? 'active' : 'env_gated';
  const status = state === 'active' && deprecation !== null ? 'deprecated' : state;
  const reason = holds ? declared.reason : '';
  const until = holds ? endOf(declared.window, now) : null;
  const source = 'declared';
  return { status, state, reason, environments, deprecation, forceActive, until, source, inForce, holdsFrom, holdsUntil };
}

/** The topmost override whose window is open. */
function overrideInForce(override: RouteOverride | null, now: number): RouteOverride | null {
  let current = override;
  while (current !== null && !windowIsOpen(current.window, now)) current = current.beneath;
  return current;
}

/** An operator who opens or gates a route decides about environments; one who takes it down leaves the gate as declared. */
function environmentsUnder(override: RouteOverride, declared: readonly string[] | null): readonly string[] | null {
  if (override.state === 'active') return null;
  return override.state === 'env_gated' ? override.environments : declared;
}

function windowsOf(declared: TimeWindow | null, override: RouteOverride | null): readonly TimeWindow[] {
  if (declared === null && override === null) return [];
  const windows: TimeWindow[] = declared === null ? [] : [declared];
  for (let current = override; current !== null; current = current.beneath)
    if (current.window !== null) windows.push(current.window);
  return windows;
}

/** The span around `now` in which no window opens or closes. */
function constancy(windows: readonly TimeWindow[], now: number): { holdsFrom: number; holdsUntil: number } {
  let holdsFrom = -Infinity;
  let holdsUntil = Infinity;
  for (const window of windows) {
    const { from, until } = windowAt(window, now);
    holdsFrom = Math.max(holdsFrom, from);
    holdsUntil = Math.min(holdsUntil, until);
  }
  return { holdsFrom, holdsUntil };
}

/** When an open window closes; `null` = not planned. */
function endOf(window: TimeWindow | null, now: number): Instant | null {
  const { open, until } = windowAt(window, now);
  return open && until !== Infinity ? new Date(until).toISOString() : null;
}
