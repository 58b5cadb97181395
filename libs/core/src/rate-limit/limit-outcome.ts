import type { LimitScope } from './compiled-limit.js';

/** What a limit allows a caller. */
export interface LimitQuota {
  readonly scope: LimitScope;
  /** Name of the policy. */
  readonly policy: string;
  /** Requests per period, burst included. */
  readonly limit: number;
  /** Length of the period in ms. */
  readonly periodMs: number;
}

/** How a caller stands with one limit; what rate-limit headers are made from. */
export interface LimitReport extends LimitQuota {
  /** Whole, ≥ 0. */
  readonly remaining: number;
  /** Epoch ms. */
  readonly resetAt: number;
}

/** A request over a limit. */
export interface RateLimitedBlock {
  readonly outcome: 'block';
  readonly kind: 'rate_limited';
  readonly scope: LimitScope;
  readonly reason: string;
  /** Name of the policy and the limit string that held. */
  readonly policy: string;
  readonly limit: string;
  readonly tier: string | null;
  /** The caller as it was counted; empty when the request had no key. */
  readonly caller: string;
  /** Epoch ms. */
  readonly resetAt: number;
  /** After how many ms to come back; ≥ 1. */
  readonly retryAfterMs: number;
  /** All limits of the route looked at, the one that refused last. */
  readonly reports: readonly LimitReport[];
  /** Limits of the route that hold as well and were not looked at any more. */
  readonly unasked: readonly LimitQuota[];
}

/** The request is within its limits. `reports` covers the route's own limits that counted it. */
export interface WithinLimits {
  readonly outcome: 'allow';
  readonly reports: readonly LimitReport[];
}

export type LimitOutcome = WithinLimits | RateLimitedBlock;

export const UNLIMITED_OUTCOME: WithinLimits = Object.freeze({
  outcome: 'allow',
  reports: Object.freeze([]),
});
