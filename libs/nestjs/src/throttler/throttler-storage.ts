import type { ThrottlerStorage } from '@nestjs/throttler';
import { MemoryCounterStore, type CounterRule, type CounterStore } from '@waygate/core';

/** The shape `@nestjs/throttler` expects of its storage's answers; times in seconds. */
interface StorageRecord {
  totalHits: number;
  timeToExpire: number;
  isBlocked: boolean;
  timeToBlockExpire: number;
}

/**
 * Counts for the stock `ThrottlerGuard` on Waygate's counters: bounded memory and no timer a hit, or shared over processes.
 *
 * @example
 * ```ts
 * ThrottlerModule.forRoot({ throttlers: [{ ttl: 60_000, limit: 10 }], storage: new WaygateThrottlerStorage() })
 * ```
 */
export class WaygateThrottlerStorage implements ThrottlerStorage {
  readonly #rules = new Map<string, CounterRule>();

  /** @param store where to count; default: in this process */
  constructor(private readonly store: CounterStore = new MemoryCounterStore()) {}

  async increment(key: string, ttl: number, limit: number, blockDuration: number, throttlerName: string): Promise<StorageRecord> {
    const hits = this.#rule(`throttler:${throttlerName}`, limit, ttl);
    // A rule that lets nothing through, but counts: whoever is in it is blocked until its window ends.
    const block = this.#rule(`throttler-block:${throttlerName}`, 0, blockDuration);
    const [blocked] = await this.store.consume([{ rule: block, caller: key, cost: 0 }]);
    if (blocked?.allowed === false)
      return {
        totalHits: limit + 1,
        timeToExpire: seconds(blocked.retryAfterMs),
        isBlocked: true,
        timeToBlockExpire: seconds(blocked.retryAfterMs),
      };
    const [verdict] = await this.store.consume([{ rule: hits, caller: key, cost: 1 }]);
    const timeToExpire = verdict === undefined ? 0 : seconds(verdict.resetAt - Date.now());
    if (verdict?.allowed !== false)
      return { totalHits: limit - (verdict?.remaining ?? 0), timeToExpire, isBlocked: false, timeToBlockExpire: 0 };
    await this.store.consume([{ rule: block, caller: key, cost: 1 }]);
    return { totalHits: limit + 1, timeToExpire, isBlocked: true, timeToBlockExpire: seconds(blockDuration) };
  }

  #rule(name: string, limit: number, periodMs: number): CounterRule {
    const id = `${name}|${limit}/${periodMs}ms`;
    let rule = this.#rules.get(id);
    if (rule === undefined) {
      rule = Object.freeze({ id, algorithm: 'fixed_window' as const, limit, burst: 0, periodMs: Math.max(1, periodMs) });
      this.#rules.set(id, rule);
    }
    return rule;
  }
}

function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1_000));
}
