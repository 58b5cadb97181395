import type { WireInstant } from './routes.js';

/** When a maintenance switch is on; `null` = no edge on that side. */
export interface SwitchWindow {
  readonly start: WireInstant | null;
  readonly end: WireInstant | null;
  /** `null` = once. */
  readonly recurrence: { readonly cron: string; readonly duration_ms: number; readonly time_zone: string } | null;
}

/** The switch that takes everything, or one service, down. Other servers of this protocol do not send the optional fields. */
export interface MaintenanceConfig {
  readonly enabled: boolean;
  readonly reason: string;
  /** `/path` (every method) or `METHOD:/path`. */
  readonly exempt_paths: readonly string[];
  /** Whether routes marked force-active go down as well. */
  readonly include_force_active: boolean;
  /** `null` = everything. */
  readonly service?: string | null;
  /** When what stops requests began; `null` = nothing does, or unknown. */
  readonly since?: WireInstant | null;
  /** When what stops requests ends on its own; `null` = when it is switched off. */
  readonly until?: WireInstant | null;
  readonly set_by?: string | null;
  /** Of what was set last; `null` = it holds until it is changed. */
  readonly window?: SwitchWindow | null;
  /** When it goes on or off by itself next. */
  readonly next_change?: WireInstant | null;
  readonly revision?: number;
}

export interface MaintenanceInput {
  readonly reason?: string;
  readonly exempt_paths?: readonly string[];
  readonly include_force_active?: boolean;
}
