import type { StateSource, WireInstant } from './routes.js';

export type RateLimitAlgorithm = 'fixed_window' | 'sliding_window' | 'moving_window' | 'token_bucket';
export type KeyStrategy = 'ip' | 'user' | 'api_key' | 'global' | 'custom';
/** `shadow` counts and reports, but refuses nobody. */
export type LimitMode = 'enforce' | 'shadow' | 'off';
export type OnMissingKey = 'exempt' | 'fallback_ip' | 'block';

export interface RateLimitTier {
  readonly name: string;
  /** A limit such as `100/minute`, or `unlimited`. */
  readonly limit: string;
}

export interface RateLimitPolicy {
  readonly path: string;
  readonly method: string;
  readonly limit: string;
  readonly algorithm: RateLimitAlgorithm;
  readonly key_strategy: KeyStrategy;
  readonly on_missing_key: OnMissingKey | null;
  readonly burst: number;
  readonly tiers: readonly RateLimitTier[];
  readonly tier_resolver: string;
  readonly exempt_ips: readonly string[];
  readonly exempt_roles: readonly string[];
  readonly name?: string;
  readonly cost?: number;
  readonly mode?: LimitMode;
  readonly on_store_error?: 'local' | 'allow' | 'deny';
  readonly source?: StateSource;
  readonly revision?: number;
}

export interface RateLimitPolicyInput {
  readonly path: string;
  readonly limit: string;
  /** Default `GET`. */
  readonly method?: string;
  readonly algorithm?: string;
  readonly key_strategy?: string;
  readonly on_missing_key?: string | null;
  readonly burst?: number;
  readonly tiers?: readonly RateLimitTier[];
  readonly tier_resolver?: string;
  readonly exempt_ips?: readonly string[];
  readonly exempt_roles?: readonly string[];
  readonly name?: string;
  readonly cost?: number;
  readonly mode?: string;
  readonly on_store_error?: string;
  /** The limit goes away by itself after this long, e.g. `2h`. */
  readonly expires_in?: string;
}

/** A limit over all routes, or over all routes of one service. */
export interface GlobalRateLimitPolicy {
  readonly limit: string;
  readonly algorithm: RateLimitAlgorithm;
  readonly key_strategy: KeyStrategy;
  readonly on_missing_key: OnMissingKey | null;
  readonly burst: number;
  readonly exempt_routes: readonly string[];
  readonly enabled: boolean;
  readonly mode?: LimitMode;
}

export interface GlobalRateLimitInput {
  readonly limit: string;
  readonly algorithm?: string;
  readonly key_strategy?: string;
  readonly on_missing_key?: string | null;
  readonly burst?: number;
  readonly exempt_routes?: readonly string[];
  readonly mode?: string;
}

export interface GlobalRateLimit {
  /** `false` also when there is no policy. */
  readonly enabled: boolean;
  readonly policy: GlobalRateLimitPolicy | null;
}

/** A request that was refused. */
export interface RateLimitHit {
  readonly id: string;
  readonly timestamp: WireInstant;
  readonly path: string;
  readonly method: string;
  readonly key: string;
  readonly limit: string;
  readonly tier: string | null;
  readonly reset_at: WireInstant;
  /** Only counted, not refused. */
  readonly shadow?: boolean;
}
