import type { Instant, TimeWindow } from './time.js';

/**
 * The persisted value of kind `maintenance`: the switch that takes everything down, or one service.
 * Its key is {@link GLOBAL_SCOPE} or the service's name.
 */
export interface MaintenanceRecord {
  readonly enabled: boolean;
  readonly reason: string;
  /** Routes that stay up: `/path` (all methods) or `METHOD:/path`, as templates. */
  readonly exempt: readonly string[];
  /** Takes routes declared `@ForceActive()` down too. */
  readonly includeForceActive: boolean;
  /** When `enabled` takes effect; `null` = at once and until it is switched off. */
  readonly window: TimeWindow | null;
  /** When and by whom it was switched on; `null` while it is off. */
  readonly setAt: Instant | null;
  readonly setBy: string | null;
  /** What was on before and is again outside the window; `null` = nothing. Never set when `window` is `null`. */
  readonly beneath: MaintenanceRecord | null;
}

/** The key of the global record among those that otherwise are named after a service. No service can be called so. */
export const GLOBAL_SCOPE = '*';

export const NO_MAINTENANCE: MaintenanceRecord = Object.freeze({
  enabled: false,
  reason: '',
  exempt: [],
  includeForceActive: false,
  window: null,
  setAt: null,
  setBy: null,
  beneath: null,
});
