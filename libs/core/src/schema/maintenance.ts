import * as v from 'valibot';
import type { Schema } from './check.js';
import { bool, instant, list, object, text, type MembersOf } from './fields.js';
import { timeWindow } from './window.js';

const maintenanceLayer = {
  enabled: bool,
  reason: text(2_000),
  /** Routes that stay up: `/path` (all methods) or `METHOD:/path`, as templates. */
  exempt: list(text(2_048), 10_000),
  /** Takes routes declared `@ForceActive()` down too. */
  includeForceActive: bool,
  /** When `enabled` takes effect; `null` = at once and until it is switched off. */
  window: v.nullable(timeWindow),
  /** When and by whom it was switched on; `null` while it is off. */
  setAt: v.nullable(instant),
  setBy: v.nullable(text()),
} as const;

/**
 * The stored value of kind `maintenance`: the switch that takes everything down, or one service.
 * Its key is {@link GLOBAL_SCOPE} or the service's name.
 */
export interface MaintenanceRecord extends MembersOf<typeof maintenanceLayer> {
  /** What was on before and is again outside the window; `null` = nothing. Never set when `window` is `null`. */
  readonly beneath: MaintenanceRecord | null;
}

export const maintenanceRecord: Schema<MaintenanceRecord> = object({
  ...maintenanceLayer,
  beneath: v.nullable(v.lazy(() => maintenanceRecord)),
});

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
