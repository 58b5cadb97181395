import type { TimeWindow } from './time.js';

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
}

/** The key of the global record among those that otherwise are named after a service. No service can be called so. */
export const GLOBAL_SCOPE = '*';

export const NO_MAINTENANCE: MaintenanceRecord = Object.freeze({
  enabled: false,
  reason: '',
  exempt: [],
  includeForceActive: false,
  window: null,
});
