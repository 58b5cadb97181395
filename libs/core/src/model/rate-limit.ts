import type { Instant } from './time.js';

/**
 * How requests are counted, and what may pass in one period at worst:
 *
 * - `fixed_window`: a window opens with the first attempt, and every attempt in it counts; 2 · (limit + burst), over a border.
 * - `sliding_window`: the present period, and the last one by its overlap; just under 2 · (limit + burst).
 * - `moving_window`: a log of what was accepted; limit + burst, exactly. Takes memory for each request accepted.
 * - `token_bucket`: limit + burst tokens, refilled evenly; 2 · limit + burst.
 */
export type RateLimitAlgorithm = 'fixed_window' | 'sliding_window' | 'moving_window' | 'token_bucket';

/** Whose requests are counted together. `custom` = a function in the code decides. */
export type RateLimitKeyStrategy = 'ip' | 'user' | 'api_key' | 'global' | 'custom';

/** What happens to a request without a key (no user, no API key): let through uncounted, counted by address, refused. */
export type MissingKeyPolicy = 'exempt' | 'fallback_ip' | 'block';

/** `shadow` counts and records would-be blocks but refuses nobody and sets no headers. */
export type RateLimitMode = 'enforce' | 'shadow' | 'off';

/** What holds while the counter store fails: count in this process, let everything through, refuse everything. */
export type StoreFailurePolicy = 'local' | 'allow' | 'deny';

export const MAX_BURST = 1_000_000_000;
export const MAX_COST = 1_000_000;

export interface RateLimitTier {
  readonly name: string;
  /** A limit string, or `unlimited`. */
  readonly limit: string;
}

/** One limit, wholly resolved: plain data that can be stored, compared and shown. */
export interface RateLimitPolicy {
  /** Tells several limits of one route apart; the first is `default`. */
  readonly name: string;
  /** E.g. `100/minute`. With tiers: what holds when no tier matches. */
  readonly limit: string;
  readonly algorithm: RateLimitAlgorithm;
  readonly key: RateLimitKeyStrategy;
  readonly onMissingKey: MissingKeyPolicy | null;
  /** Added to the limit; whole, 0 to {@link MAX_BURST}. */
  readonly burst: number;
  readonly tiers: readonly RateLimitTier[];
  /** The caller's attribute that names the tier. */
  readonly tierResolver: string;
  /** CIDR blocks or single addresses. */
  readonly exemptIps: readonly string[];
  readonly exemptRoles: readonly string[];
  /** What one request weighs; whole, 0 to {@link MAX_COST}. A function in the code wins over it. */
  readonly cost: number;
  readonly mode: RateLimitMode;
  readonly onStoreError: StoreFailurePolicy;
  /** Where it was declared or set: `decorator`, `throttler`, or an operator's override. */
  readonly origin: 'decorator' | 'throttler' | 'override';
}

/** What an operator put in place of the declared limits. */
export interface RateLimitOverride {
  /** May be empty: no limit holds. */
  readonly policies: readonly RateLimitPolicy[];
  readonly setAt: Instant;
  /** The actor who set it. */
  readonly setBy: string;
  /** When it goes away by itself; `null` = when it is changed or cleared. */
  readonly expiresAt: Instant | null;
  /** What was set before and holds again afterwards. Never set when `expiresAt` is `null`. */
  readonly beneath: RateLimitOverride | null;
}

/** Which counters are to be forgotten. Every process does so when it hears of it, and only once. */
export interface RateLimitResets {
  /** Grows with each reset of all callers; part of the counters' names. */
  readonly generation: number;
  /** The latest resets of single callers, oldest first. At most 32. */
  readonly callers: readonly { readonly caller: string; readonly sequence: number }[];
}

/** The persisted value of kind `rate-limit`: what the code declares on a route and what an operator put in its place. */
export interface RateLimitRecord {
  readonly service: string | null;
  readonly declared: readonly RateLimitPolicy[];
  /** `null` = the declared ones hold. */
  readonly override: RateLimitOverride | null;
  readonly resets: RateLimitResets;
}

export const NO_RESETS: RateLimitResets = Object.freeze({ generation: 0, callers: [] });

/** The persisted value of kind `limit-scope`: one limit over everything, or over one service. */
export interface LimitScopeRecord {
  readonly policy: RateLimitPolicy;
  /** Routes it does not count: `/path` or `METHOD:/path`. */
  readonly exemptRoutes: readonly string[];
  /** `false` = paused. */
  readonly enabled: boolean;
  readonly resets: RateLimitResets;
  readonly setAt: Instant;
  /** The actor who set it. */
  readonly setBy: string;
  /** When it goes away by itself; `null` = when it is changed or cleared. */
  readonly expiresAt: Instant | null;
  /** What was set before and holds again afterwards; `null` = no limit. Never set when `expiresAt` is `null`. */
  readonly beneath: Omit<LimitScopeRecord, 'resets'> | null;
}

/** A request that was refused (or, in shadow mode, would have been). */
export interface RateLimitHit {
  /** UUID. */
  readonly id: string;
  readonly at: Instant;
  /** Key of the route. */
  readonly route: string;
  readonly method: string;
  /** The caller, as the key strategy sees it. */
  readonly caller: string;
  readonly policy: string;
  /** The limit string that held. */
  readonly limit: string;
  readonly tier: string | null;
  readonly resetAt: Instant;
  readonly shadow: boolean;
}

/** All given fields must match. */
export interface HitFilter {
  readonly route?: string;
  readonly caller?: string;
  readonly since?: Instant;
}
