import type { RouteStatus } from '../schema/route.js';

/** A maintenance window as it stands on the wire (wire contract, §3). Both edges are always given. */
export interface WindowOnWire {
  readonly start: string;
  readonly end: string;
  readonly reason: string;
}

/** A route as it stands on the wire: `RouteState` of the wire contract, §3, all twelve fields always present. */
export interface RouteStateOnWire {
  /** The record's key: `METHOD:/path`, behind `service:` when it belongs to one. */
  readonly path: string;
  readonly service: string | null;
  /** What holds now. */
  readonly status: RouteStatus;
  readonly reason: string;
  /** Environments the route exists in; empty = all. */
  readonly allowed_envs: readonly string[];
  /** Kept for clients that expect it; always empty. */
  readonly allowed_roles: readonly string[];
  /** Kept for clients that expect it; always empty. */
  readonly allowed_ips: readonly string[];
  /** The window that is open or comes next; `null` = none. */
  readonly window: WindowOnWire | null;
  /** An HTTP-date, fit for the `Sunset` header. */
  readonly sunset_date: string | null;
  readonly successor_path: string | null;
  /** Kept for clients that expect it; always 100. */
  readonly rollout_percentage: number;
  readonly force_active: boolean;
}

/** A maintenance switch as it stands on the wire: `GlobalMaintenanceConfig` of the wire contract, §3. */
export interface MaintenanceOnWire {
  readonly enabled: boolean;
  readonly reason: string;
  readonly exempt_paths: readonly string[];
  readonly include_force_active: boolean;
}
