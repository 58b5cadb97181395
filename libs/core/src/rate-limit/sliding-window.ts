import type { CounterSegment } from './counter-segment.js';
import type { CounterVerdict } from './counter-store.js';
import { never, type CounterLaw } from './counter-law.js';

/**
 * **Law.** Two counters for clock-aligned periods, the present and the last. The last one weighs as much as it still overlaps the period
 * that ends now; a request passes when the weighted sum, rounded down, leaves room for it. Refused ones are not counted.
 *
 * **Overshoot.** Exact if requests of the last period came evenly; at worst, when all came at its end, just under 2 · (limit + burst) in
 * one period. **Memory.** One slot a caller (40 bytes).
 */
export const slidingWindow: CounterLaw = {
  chargesRefused: false,

  judge(segment, slot, rule, cost, now): CounterVerdict {
    const { periodMs } = rule;
    const most = rule.limit + rule.burst;
    const elapsed = now % periodMs;
    mendLeapBack(segment, slot, periodMs, now);
    const current = currentCount(segment, slot, periodMs, now);
    const last = lastCount(segment, slot, periodMs, now);
    const weighted = Math.floor((last * (periodMs - elapsed)) / periodMs + current);
    if (cost > most) return never(rule, now, Math.max(0, most - weighted));
    if (weighted + cost <= most) {
      const resetAt = now + waitUntilBelow(1, last, current + cost, elapsed, periodMs);
      return { allowed: true, remaining: most - weighted - cost, resetAt, retryAfterMs: 0 };
    }
    const resetAt = now + waitUntilBelow(1, last, current, elapsed, periodMs);
    const retryAfterMs = Math.max(1, waitUntilBelow(most - cost + 1, last, current, elapsed, periodMs));
    return { allowed: false, remaining: Math.max(0, most - weighted), resetAt, retryAfterMs };
  },

  take(segment, slot, rule, cost, now): CounterVerdict {
    const verdict = slidingWindow.judge(segment, slot, rule, cost, now);
    if (verdict.allowed) slidingWindow.charge(segment, slot, rule, cost, now);
    return verdict;
  },

  charge(segment, slot, { periodMs }, cost, now): void {
    mendLeapBack(segment, slot, periodMs, now);
    const current = currentCount(segment, slot, periodMs, now);
    const last = lastCount(segment, slot, periodMs, now);
    segment.first[slot] = current + cost;
    segment.second[slot] = last;
    segment.expires[slot] = (Math.floor(now / periodMs) + 2) * periodMs;
  },
};

/** How many periods ago the slot was written: 0 = in this one. */
function age(segment: CounterSegment, slot: number, periodMs: number, now: number): number {
  const writtenIn = Math.round((segment.expires[slot] as number) / periodMs) - 2;
  return Math.floor(now / periodMs) - writtenIn;
}

function currentCount(segment: CounterSegment, slot: number, periodMs: number, now: number): number {
  return age(segment, slot, periodMs, now) === 0 ? (segment.first[slot] as number) : 0;
}

function lastCount(segment: CounterSegment, slot: number, periodMs: number, now: number): number {
  const periods = age(segment, slot, periodMs, now);
  if (periods === 0) return segment.second[slot] as number;
  return periods === 1 ? (segment.first[slot] as number) : 0;
}

/** What was written in a period that has not come yet was written before the clock leapt back: it counts as of now. */
function mendLeapBack(segment: CounterSegment, slot: number, periodMs: number, now: number): void {
  if (age(segment, slot, periodMs, now) < 0) segment.expires[slot] = (Math.floor(now / periodMs) + 2) * periodMs;
}

/** The least whole ms after which the weighted sum is below `level` if nothing else comes. */
function waitUntilBelow(level: number, last: number, current: number, elapsed: number, periodMs: number): number {
  const left = periodMs - elapsed;
  if ((last * left) / periodMs + current < level) return 0;
  if (current < level) return Math.min(left, Math.floor(left - ((level - current) * periodMs) / last) + 1);
  return left + Math.floor(periodMs - (level * periodMs) / current) + 1;
}
