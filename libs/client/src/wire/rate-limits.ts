import type {
  MissingKeyPolicy,
  RateLimitAlgorithm,
  RateLimitKeyStrategy,
  RateLimitMode,
  RateLimitPolicy as StoredPolicy,
  RateLimitTier,
  StoreFailurePolicy,
} from '@waygate/core';
import type { StateSource, WireInstant } from './routes.js';
import type { Expiry } from './schedule.js';

export type { RateLimitAlgorithm, RateLimitTier };
export type KeyStrategy = RateLimitKeyStrategy;
/** `shadow` counts and reports, but refuses nobody. */
export type LimitMode = RateLimitMode;
export type OnMissingKey = MissingKeyPolicy;
export type OnStoreError = StoreFailurePolicy;

interface LimitFields {
  readonly limit: string;
  readonly algorithm: RateLimitAlgorithm;
  readonly key_strategy: KeyStrategy;
  /** `null` = as the key strategy has it. */
  readonly on_missing_key: OnMissingKey | null;
  readonly burst: number;
}

/** What other servers of this protocol do not send. */
interface MoreOfLimit {
  readonly cost?: number;
  readonly mode?: LimitMode;
  readonly on_store_error?: OnStoreError;
  /** When it goes away by itself; `null` = it does not. */
  readonly expires_at?: WireInstant | null;
}

interface Tiered {
  readonly tiers: readonly RateLimitTier[];
  readonly tier_resolver: string;
  readonly exempt_ips: readonly string[];
  readonly exempt_roles: readonly string[];
}

/** One limit of a route. */
export interface RateLimitPolicy extends LimitFields, Tiered, MoreOfLimit {
  /** The path, behind `service:` where it has one. */
  readonly path: string;
  readonly method: string;
  /** `default` unless a route has several. */
  readonly name?: string;
  /** What set it. */
  readonly origin?: StoredPolicy['origin'];
  readonly source?: StateSource;
  readonly revision?: number;
}

interface LimitInput extends Expiry {
  readonly limit: string;
  readonly algorithm?: string;
  readonly key_strategy?: string;
  readonly on_missing_key?: string | null;
  readonly burst?: number;
  readonly tiers?: readonly RateLimitTier[];
  readonly tier_resolver?: string;
  readonly exempt_ips?: readonly string[];
  readonly exempt_roles?: readonly string[];
  readonly cost?: number;
  readonly mode?: string;
  readonly on_store_error?: string;
}

export interface RateLimitPolicyInput extends LimitInput {
  readonly path: string;
  /** Default `GET`. */
  readonly method?: string;
  /** Tells several limits of a route apart. Default `default`. */
  readonly name?: string;
}

/** A limit over all routes, or over all routes of one service. */
export interface GlobalRateLimitPolicy extends LimitFields, Partial<Tiered>, MoreOfLimit {
  readonly exempt_routes: readonly string[];
  readonly enabled: boolean;
}

export interface GlobalRateLimitInput extends LimitInput {
  readonly exempt_routes?: readonly string[];
}

export interface GlobalRateLimit {
  /** `false` also when there is no policy. */
  readonly enabled: boolean;
  readonly policy: GlobalRateLimitPolicy | null;
  readonly revision?: number;
}

/** A request that was refused. */
export interface RateLimitHit {
  readonly id: string;
  readonly timestamp: WireInstant;
  /** Empty = no route answers. */
  readonly path: string;
  readonly method: string;
  readonly key: string;
  readonly limit: string;
  readonly tier: string | null;
  readonly reset_at: WireInstant;
  /** Name of the limit. */
  readonly policy?: string;
  /** Only counted, not refused. */
  readonly shadow?: boolean;
}
