/** An instant on the wire: ISO 8601 in UTC, e.g. `2027-01-01T00:00:00Z`. */
export type WireInstant = string;

export type RouteStatus = 'active' | 'maintenance' | 'disabled' | 'env_gated' | 'deprecated';

export interface MaintenanceWindow {
  readonly start: WireInstant;
  readonly end: WireInstant;
  readonly reason: string;
}

/** Where a state comes from: the code, or an operator at runtime. */
export type StateSource = 'declared' | 'override';

/** A route as the API gives it; `status` is what holds now. Other servers of this protocol do not send the optional fields. */
export interface RouteState {
  /** `METHOD:/path`, `/path`, or either behind `service:`. */
  readonly path: string;
  readonly service: string | null;
  readonly status: RouteStatus;
  readonly reason: string;
  readonly allowed_envs: readonly string[];
  readonly allowed_roles: readonly string[];
  readonly allowed_ips: readonly string[];
  readonly window: MaintenanceWindow | null;
  readonly sunset_date: string | null;
  readonly successor_path: string | null;
  readonly rollout_percentage: number;
  readonly force_active: boolean;
  readonly source?: StateSource;
  /** When a window opens or closes next. */
  readonly next_change?: WireInstant | null;
  readonly revision?: number;
  /** What the code files the route under, sorted. */
  readonly tags?: readonly string[];
}
