import type { FeatureFlag } from './flags.js';
import type { RateLimitPolicy } from './rate-limits.js';
import type { RouteState } from './routes.js';
import type { Segment } from './segments.js';

/** What an SDK needs to decide, as of one revision. */
export interface SdkSnapshot {
  readonly revision: number;
  /** Maintenance switches first, as states of `__waygate:global__` and its kind; then the routes. */
  readonly states: readonly RouteState[];
  readonly rate_limits: readonly RateLimitPolicy[];
  readonly flags: readonly FeatureFlag[];
  readonly segments: readonly Segment[];
}

/** A route as its service registers it. */
export type RouteRegistration = Pick<RouteState, 'path'> & Partial<RouteState>;
