import type { CounterSegment } from './counter-segment.js';
import type { CounterRule, CounterVerdict } from './counter-store.js';
import { never, type CounterLaw } from './counter-law.js';

/**
 * **Law.** A window opens with a caller's first attempt and lasts one period. Every attempt in it counts, refused ones too; those up to
 * the limit (plus burst) pass.
 *
 * **Overshoot.** At most limit + burst in any one window; over a border between two windows up to 2 · (limit + burst) in one period.
 * **Memory.** One slot a caller (40 bytes).
 */
export const fixedWindow: CounterLaw = {
  chargesRefused: true,

  judge(segment, slot, rule, cost, now): CounterVerdict {
    const most = rule.limit + rule.burst;
    const count = countIn(segment, slot, now) + cost;
    const end = windowEnd(segment, slot, rule, now);
    const remaining = Math.max(0, most - count);
    if (count <= most) return { allowed: true, remaining, resetAt: end, retryAfterMs: 0 };
    return cost > most ? never(rule, now, remaining) : { allowed: false, remaining, resetAt: end, retryAfterMs: end - now };
  },

  take(segment, slot, rule, cost, now): CounterVerdict {
    const most = rule.limit + rule.burst;
    const latest = now + rule.periodMs;
    const opened = segment.expires[slot] as number;
    const open = opened > now;
    const end = open && opened < latest ? opened : latest;
    const count = open ? (segment.first[slot] as number) + cost : cost;
    segment.first[slot] = count;
    segment.expires[slot] = end;
    if (count <= most) return { allowed: true, remaining: most - count, resetAt: end, retryAfterMs: 0 };
    return cost > most ? never(rule, now, 0) : { allowed: false, remaining: 0, resetAt: end, retryAfterMs: end - now };
  },

  charge(segment, slot, rule, cost, now): void {
    const end = windowEnd(segment, slot, rule, now);
    segment.first[slot] = countIn(segment, slot, now) + cost;
    segment.expires[slot] = end;
  },
};

function countIn(segment: CounterSegment, slot: number, now: number): number {
  return (segment.expires[slot] as number) > now ? (segment.first[slot] as number) : 0;
}

function windowEnd(segment: CounterSegment, slot: number, rule: CounterRule, now: number): number {
  const latest = now + rule.periodMs;
  const end = segment.expires[slot] as number;
  if (end <= now) return latest;
  // After a clock that leapt back, the end seems further away than a period. It is put right for good.
  if (end > latest) segment.expires[slot] = latest;
  return Math.min(end, latest);
}
