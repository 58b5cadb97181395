import type { Instant, TimeWindow } from './time.js';

/** Whether a route answers; `env_gated` = only in some environments. */
export type OverrideState = 'active' | 'maintenance' | 'disabled' | 'env_gated';

/** One word for a route's effective state, as it stands on the wire and in lists. */
export type RouteStatus = OverrideState | 'deprecated';

/** RFC 9745 (`Deprecation`) and RFC 8594 (`Sunset`). */
export interface Deprecation {
  /** Deprecated since. */
  readonly since: Instant;
  /** No longer answering after; `null` = not planned. */
  readonly sunset: Instant | null;
  /** What to use instead: a path or an absolute URL. */
  readonly successor: string | null;
  /** Where to read about it. */
  readonly link: string | null;
}

/** What the code says about a route. The parts compose: a route may be gated, deprecated and in maintenance at once. */
export interface DeclaredRoute {
  readonly state: Exclude<OverrideState, 'env_gated'>;
  /** Why `state` is not active. */
  readonly reason: string;
  /** When `state` holds; outside the route is active. `null` = always. */
  readonly window: TimeWindow | null;
  /** Environments the route exists in; `null` = all. */
  readonly environments: readonly string[] | null;
  readonly deprecation: Deprecation | null;
  /** Bypasses every check; cannot be overridden. */
  readonly forceActive: boolean;
  /**
   * What the route is filed under, sorted; decides nothing. Left out where there are none, as in records of versions without tags: so
   * they are no change.
   */
  readonly tags?: readonly string[];
}

/**
 * What an operator set. It holds inside its window; where it does not, the one beneath it does, and at last the declared state.
 */
export interface RouteOverride {
  readonly state: OverrideState;
  readonly reason: string;
  /** Set exactly when `state` is `env_gated`. */
  readonly environments: readonly string[] | null;
  readonly setAt: Instant;
  /** The actor who set it. */
  readonly setBy: string;
  /** `null` = until it is changed or cleared. An expiry is a window without a start. */
  readonly window: TimeWindow | null;
  /** What was set before and holds again outside the window. Never set when `window` is `null`. */
  readonly beneath: RouteOverride | null;
}

/** How many tags a route may have. */
export const MAX_ROUTE_TAGS = 20;

/** The longest a tag may be, in characters. */
export const MAX_ROUTE_TAG_LENGTH = 64;

/** The persisted value of kind `route`. Its key is `METHOD:/path`, behind `service:` when it belongs to one. */
export interface RouteRecord {
  readonly service: string | null;
  readonly declared: DeclaredRoute;
  /** When the code began to say so; absent = unknown. */
  readonly declaredAt?: Instant;
  readonly override: RouteOverride | null;
}

/** A route about which the code says nothing. */
export const ACTIVE_ROUTE: DeclaredRoute = Object.freeze({
  state: 'active',
  reason: '',
  window: null,
  environments: null,
  deprecation: null,
  forceActive: false,
});
