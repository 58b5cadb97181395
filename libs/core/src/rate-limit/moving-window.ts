import type { CounterSegment } from './counter-segment.js';
import type { CounterVerdict } from './counter-store.js';
import { never, type CounterLaw } from './counter-law.js';
import { MovingLog } from './moving-log.js';

/**
 * **Law.** A log of what was accepted. A request passes when what was accepted in the period that ends now, and its own cost, are within
 * limit + burst. Refused ones are not logged.
 *
 * **Overshoot.** None: at most limit + burst in any period. **Memory.** One slot a caller, and 16 bytes for each millisecond of the
 * period in which something was accepted, so at most 16 · (limit + burst) bytes: prefer another law for limits of many thousands.
 */
export const movingWindow: CounterLaw = {
  chargesRefused: false,

  judge(segment, slot, rule, cost, now): CounterVerdict {
    const most = rule.limit + rule.burst;
    const log = currentLog(segment, slot, rule.periodMs, now);
    const used = log?.sum ?? 0;
    if (cost > most) return never(rule, now, Math.max(0, most - used));
    if (used + cost <= most) {
      const resetAt = cost > 0 ? now + rule.periodMs : log === undefined || used === 0 ? now : log.latest + rule.periodMs;
      return { allowed: true, remaining: most - used - cost, resetAt, retryAfterMs: 0 };
    }
    const latest = log?.latest ?? now;
    const freed = log?.timeToFree(used + cost - most) ?? now;
    return {
      allowed: false,
      remaining: Math.max(0, most - used),
      resetAt: latest + rule.periodMs,
      retryAfterMs: Math.max(1, freed + rule.periodMs - now),
    };
  },

  take(segment, slot, rule, cost, now): CounterVerdict {
    const verdict = movingWindow.judge(segment, slot, rule, cost, now);
    if (verdict.allowed) movingWindow.charge(segment, slot, rule, cost, now);
    return verdict;
  },

  charge(segment, slot, rule, cost, now): void {
    if (cost === 0) return;
    let log = currentLog(segment, slot, rule.periodMs, now);
    if (log === undefined) {
      log = new MovingLog();
      (segment.logs ??= [])[slot] = log;
    }
    log.add(now, cost);
    segment.expires[slot] = now + rule.periodMs;
  },
};

function currentLog(segment: CounterSegment, slot: number, periodMs: number, now: number): MovingLog | undefined {
  const log = segment.logs?.[slot];
  if (log === undefined) return undefined;
  if (log.latest > now) log.clampTo(now);
  log.dropUntil(now - periodMs);
  return log;
}
