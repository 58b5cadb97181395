import type { CounterSegment } from './counter-segment.js';
import type { CounterRule, CounterVerdict } from './counter-store.js';
import { never, type CounterLaw } from './counter-law.js';

/** A millionth of a millisecond; keeps sums of fractions from refusing what is exactly due. */
const TOLERANCE_MS = 1e-6;

/**
 * **Law.** A bucket holds limit + burst tokens and is filled evenly with `limit` a period; a request takes its cost or is refused and
 * takes nothing. Kept as the time until the bucket is full (GCRA, the "theoretical arrival time" of ITU-T I.371), and when that was so:
 * two small numbers lose nothing to rounding where one moment in epoch milliseconds would.
 *
 * **Overshoot.** At most 2 · limit + burst in any one period: a full bucket, and what flows in meanwhile.
 * **Memory.** One slot a caller (40 bytes).
 */
export const tokenBucket: CounterLaw = {
  chargesRefused: false,

  judge(segment, slot, rule, cost, now): CounterVerdict {
    const most = rule.limit + rule.burst;
    const perToken = rule.periodMs / rule.limit;
    const untilFull = timeUntilFull(segment, slot, rule, now);
    if (rule.limit === 0 || cost > most) return never(rule, now, rule.limit === 0 ? 0 : tokens(most, untilFull, perToken));
    const after = untilFull + cost * perToken;
    const late = after - most * perToken;
    if (late <= TOLERANCE_MS)
      return { allowed: true, remaining: tokens(most, after, perToken), resetAt: Math.ceil(now + after), retryAfterMs: 0 };
    const retryAfterMs = Math.max(1, Math.ceil(late - TOLERANCE_MS));
    return { allowed: false, remaining: tokens(most, untilFull, perToken), resetAt: Math.ceil(now + untilFull), retryAfterMs };
  },

  take(segment, slot, rule, cost, now): CounterVerdict {
    const verdict = tokenBucket.judge(segment, slot, rule, cost, now);
    if (verdict.allowed) tokenBucket.charge(segment, slot, rule, cost, now);
    return verdict;
  },

  charge(segment, slot, rule, cost, now): void {
    const untilFull = timeUntilFull(segment, slot, rule, now) + (cost * rule.periodMs) / rule.limit;
    segment.first[slot] = untilFull;
    segment.second[slot] = now;
    segment.expires[slot] = now + untilFull;
  },
};

function timeUntilFull(segment: CounterSegment, slot: number, rule: CounterRule, now: number): number {
  const untilFull = segment.first[slot] as number;
  if (untilFull === 0 || rule.limit === 0) return 0;
  const passed = now - (segment.second[slot] as number);
  if (passed >= 0) return Math.max(0, untilFull - passed);
  // The clock leapt back: what was so then is so now, for good.
  segment.second[slot] = now;
  segment.expires[slot] = now + untilFull;
  return untilFull;
}

/** Whole tokens in a bucket that is full in `untilFull` ms. */
function tokens(most: number, untilFull: number, perToken: number): number {
  return Math.max(0, Math.floor(most - untilFull / perToken + 1e-9));
}
