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

/** The check that refuses a handler's requests. */
export type BlockedBy = 'global' | 'service' | 'route' | 'environment';

/** What applies to a handler now: what a request gets, maintenance of everything and of its service included. */
export interface EffectiveState {
  readonly status: RouteStatus;
  /** `null` = requests are answered. */
  readonly blocked_by: BlockedBy | null;
  readonly reason: string;
  /** When the state began; `null` = unknown. */
  readonly since: WireInstant | null;
  /** When the state ends on its own; `null` = when it is changed. */
  readonly until: WireInstant | null;
  readonly source: StateSource;
  /** The operator who decided it; `null` = the code did. */
  readonly set_by: string | null;
  /** What the state changes to on its own; `null` = nothing is scheduled. */
  readonly next: {
    readonly at: WireInstant;
    readonly status: RouteStatus;
    readonly blocked_by: BlockedBy | null;
    readonly reason: string;
  } | null;
}

/** A route as the API gives it. `status` is that of the route alone; show {@link effectiveState}. Other servers of this protocol do not send the optional fields. */
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
  readonly effective_status?: RouteStatus;
  readonly blocked_by?: BlockedBy | null;
  readonly until?: WireInstant | null;
  readonly effective?: EffectiveState;
  readonly source?: StateSource;
  /** When a window opens or closes next. */
  readonly next_change?: WireInstant | null;
  readonly revision?: number;
  /** What the code files the route under, sorted. */
  readonly tags?: readonly string[];
}
