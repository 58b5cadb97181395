import type { RateLimitAlgorithm } from '../schema/rate-limit.js';

/**
 * A limit as stores count it. One object a limit: made when a policy is compiled, kept as long as the policy holds, so that a store
 * may hang its own data on the object's identity. `id` is what identifies it across processes.
 */
export interface CounterRule {
  /**
   * Names the counters: scope or route, policy, the limit itself and the reset generation. Another limit or generation is another
   * id, so that what was counted before no longer counts. Rules that share an id share what was counted, and each has its own limit (but
   * for the token bucket, which counts no requests). At most 1500 characters.
   */
  readonly id: string;
  readonly algorithm: RateLimitAlgorithm;
  /** Requests (or cost units) per period, burst not included; whole, ≥ 0. 0 refuses everything. */
  readonly limit: number;
  /** Added to `limit`; for the token bucket the depth above the rate. Whole, ≥ 0. */
  readonly burst: number;
  /** Length of the period in ms; whole, ≥ 1. */
  readonly periodMs: number;
  /**
   * Who goes over is refused for so long, in ms, from the first refusal on, and is then counted anew; whole, ≥ 1. Left out = until the
   * law lets them in again.
   */
  readonly blockMs?: number;
}

/** One rule applied to one caller. */
export interface CounterCheck {
  readonly rule: CounterRule;
  /** Whose requests are counted together; any text, at most 512 characters. */
  readonly caller: string;
  /** What this request weighs; whole, ≥ 0. 0 = look, do not count. */
  readonly cost: number;
}

/** What one check came to. Never changed after it was given out. */
export interface CounterVerdict {
  readonly allowed: boolean;
  /** What is left until `resetAt`; whole, ≥ 0. */
  readonly remaining: number;
  /** Epoch ms (of the store's clock) by which the full limit is available again, or the window ends. */
  readonly resetAt: number;
  /** 0 when allowed; else ms (≥ 1) after which the same request would be allowed if nothing else came. `Infinity` = never. */
  readonly retryAfterMs: number;
}

/**
 * Counts requests. Chosen apart from the backend: counters are no records.
 *
 * `consume` decides all checks of one request together, in order (outer limits first):
 * - every check allows → all are charged;
 * - one refuses → it is the last verdict given; checks behind it are neither looked at nor charged; sliding, moving and token-bucket
 *   rules before it are not charged; fixed-window rules up to and including it are, because that law counts every attempt.
 *
 * Shared stores do this atomically and by their own clock.
 * @returns one verdict a check, or as many as there are up to the first that refuses
 * @throws (or rejects with) `CounterStoreError` when it cannot answer within its own bounds
 */
export interface CounterStore {
  /** A store in this process answers at once (no promise: the hot path does not wait); a networked one with a promise. */
  consume(checks: readonly CounterCheck[]): readonly CounterVerdict[] | Promise<readonly CounterVerdict[]>;

  /** Forgets what one caller used of a rule. All callers are forgotten by another generation in the rule's id. */
  reset(rule: CounterRule, caller: string): void | Promise<void>;

  open?(): Promise<void>;
  close?(): Promise<void>;
}
