import type { CounterSegment } from './counter-segment.js';
import type { CounterRule, CounterVerdict } from './counter-store.js';

/** How an algorithm counts. The numbers of a caller lie in a slot; time is given, never asked for. */
export interface CounterLaw {
  /** Whether refused attempts are counted too. */
  readonly chargesRefused: boolean;
  /** What a request comes to, were it counted. Changes nothing that a later call could notice. */
  judge(segment: CounterSegment, slot: number, rule: CounterRule, cost: number, now: number): CounterVerdict;
  /** Judges and, where it is allowed or refused attempts count, counts: the same as one after the other, in one go. */
  take(segment: CounterSegment, slot: number, rule: CounterRule, cost: number, now: number): CounterVerdict;
  /** Counts it. */
  charge(segment: CounterSegment, slot: number, rule: CounterRule, cost: number, now: number): void;
}

/** The verdict for a request that weighs more than the limit ever has. */
export function never(rule: CounterRule, now: number, remaining: number): CounterVerdict {
  return { allowed: false, remaining, resetAt: now + rule.periodMs, retryAfterMs: Infinity };
}
