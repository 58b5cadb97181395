/** An instant on the wire: ISO 8601 in UTC, e.g. `2027-01-01T00:00:00Z`. */
export type WireInstant = string;

export type RouteStatus = 'active' | 'maintenance' | 'disabled' | 'env_gated' | 'deprecated';

export interface MaintenanceWindow {
  readonly start: WireInstant | null;
  readonly end: WireInstant | null;
  readonly reason: string;
}

/** A route as the API gives it; `status` is what holds now. */
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
}
