import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { CounterStoreError, MemoryCounterStore, type CounterRule, type CounterStore, type CounterVerdict } from '@waygate/core';

/** Throttlers whose limits are functions may name many; beyond so many they are made again. */
const MAX_RULES = 1_000;

/**
 * Counts for the `ThrottlerGuard` of `@nestjs/throttler` with Waygate's counters: bounded memory, no timer per hit, and optionally shared
 * by all processes. While a shared store does not answer, each process counts alone.
 *
 * @example
 * ```ts
 * const throttlers = ThrottlerModule.forRoot({
 *   throttlers: [{ ttl: 60_000, limit: 10 }],
 *   storage: new WaygateThrottlerStorage(),
 * });
 * ```
 */
export class WaygateThrottlerStorage implements ThrottlerStorage, OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('Waygate');
  readonly #rules = new Map<string, CounterRule>();
  readonly #local: CounterStore;
  #fails = false;

  /** @param store where to count. It is opened and closed with the app. Default: in this process */
  constructor(private readonly store: CounterStore = new MemoryCounterStore()) {
    this.#local = store instanceof MemoryCounterStore ? store : new MemoryCounterStore();
  }

  async onModuleInit(): Promise<void> {
    try {
      await this.store.open?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.close?.();
  }

  /** Counts a request. Called by the guard; its durations are in milliseconds, those of the result in seconds. */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): ReturnType<ThrottlerStorage['increment']> {
    const rule = this.#rule(throttlerName, limit, ttl, blockDuration);
    const { allowed, remaining, resetAt, retryAfterMs } = await this.#count(rule, key);
    if (allowed)
      return {
        totalHits: limit - remaining,
        timeToExpire: seconds(resetAt - Date.now()),
        isBlocked: false,
        timeToBlockExpire: 0,
      };
    const left = seconds(Number.isFinite(retryAfterMs) ? retryAfterMs : ttl);
    return { totalHits: limit + 1, timeToExpire: left, isBlocked: true, timeToBlockExpire: left };
  }

  async #count(rule: CounterRule, caller: string): Promise<CounterVerdict> {
    try {
      const verdict = await countOne(this.store, rule, caller);
      this.#fails = false;
      return verdict;
    } catch (error) {
      this.#failed(error);
      return countOne(this.#local, rule, caller);
    }
  }

  #failed(error: unknown): void {
    if (!this.#fails) this.#logger.error(`Throttlers are counted in this process only: ${String(error)}`);
    this.#fails = true;
  }

  /** A throttler's limit is no part of its counters' name: one that is a function of the request counts the same hits. */
  #rule(name: string, limit: number, ttl: number, blockDuration: number): CounterRule {
    const key = `${name} ${limit} ${ttl} ${blockDuration}`;
    let rule = this.#rules.get(key);
    if (rule === undefined) {
      const periodMs = Math.max(1, Math.ceil(ttl));
      const block = blockDuration > 0 ? { blockMs: Math.ceil(blockDuration) } : {};
      const id = `throttler:${name}|${periodMs}!${blockDuration}`;
      rule = Object.freeze({ id, algorithm: 'fixed_window' as const, limit, burst: 0, periodMs, ...block });
      if (this.#rules.size >= MAX_RULES) this.#rules.clear();
      this.#rules.set(key, rule);
    }
    return rule;
  }
}

async function countOne(store: CounterStore, rule: CounterRule, caller: string): Promise<CounterVerdict> {
  const [verdict] = await store.consume([{ rule, caller, cost: 1 }]);
  if (verdict === undefined) throw new CounterStoreError('The counter store returned no verdict.');
  return verdict;
}

function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1_000));
}
