import type { CounterSegment } from './counter-segment.js';
import type { CounterRule, CounterVerdict } from './counter-store.js';
import { never, type CounterLaw } from './law.js';

/** Less than a microsecond; keeps sums of fractions from refusing what is exactly due. */
const TOLERANCE_MS = 1e-4;

/**
 * **Law.** A bucket holds limit + burst tokens and is filled evenly with `limit` a period; a request takes its cost or is refused and
 * takes nothing. Kept as the moment at which the bucket will be full (GCRA, the "theoretical arrival time" of ITU-T I.371).
 *
 * **Overshoot.** At most 2 · limit + burst in any one period: a full bucket, and what flows in meanwhile.
 * **Memory.** One slot a caller (40 bytes).
 */
export const tokenBucket: CounterLaw = {
  chargesRefused: false,

  judge(segment, slot, rule, cost, now): CounterVerdict {
    const most = rule.limit + rule.burst;
    const perToken = rule.periodMs / rule.limit;
    const full = fullAt(segment, slot, rule, now);
    if (rule.limit === 0 || cost > most) return never(rule, now, rule.limit === 0 ? 0 : tokens(most, full - now, perToken));
    const after = full + cost * perToken;
    const late = after - now - most * perToken;
    if (late <= TOLERANCE_MS)
      return { allowed: true, remaining: tokens(most, after - now, perToken), resetAt: Math.ceil(after), retryAfterMs: 0 };
    const retryAfterMs = Math.max(1, Math.ceil(late - TOLERANCE_MS));
    return { allowed: false, remaining: tokens(most, full - now, perToken), resetAt: Math.ceil(full), retryAfterMs };
  },

  charge(segment, slot, rule, cost, now): void {
    const full = fullAt(segment, slot, rule, now) + (cost * rule.periodMs) / rule.limit;
    segment.first[slot] = full;
    segment.expires[slot] = full;
  },
};

/** When the bucket is full again, at least now; after a clock that leapt back at most as late as an empty one. */
function fullAt(segment: CounterSegment, slot: number, rule: CounterRule, now: number): number {
  const full = segment.first[slot] as number;
  if (full <= now) return now;
  return Math.min(full, now + ((rule.limit + rule.burst) * rule.periodMs) / rule.limit);
}

/** Whole tokens in a bucket that is full in `untilFull` ms. */
function tokens(most: number, untilFull: number, perToken: number): number {
  return Math.max(0, Math.floor(most - untilFull / perToken + 1e-9));
}
