import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { MemoryCounterStore, type CounterRule, type CounterStore, type CounterVerdict } from '@waygate/core';

/** The shape `@nestjs/throttler` expects of its storage's answers; times in seconds. */
interface StorageRecord {
  totalHits: number;
  timeToExpire: number;
  isBlocked: boolean;
  timeToBlockExpire: number;
}

/** Throttlers whose limits are functions may name many; beyond so many they are made again. */
const MAX_RULES = 1_000;

/**
 * Counts for the stock `ThrottlerGuard` on Waygate's counters: bounded memory and no timer a hit, or shared over processes. While a shared
 * store does not answer, it counts in this process.
 *
 * @example
 * ```ts
 * ThrottlerModule.forRoot({ throttlers: [{ ttl: 60_000, limit: 10 }], storage: new WaygateThrottlerStorage() })
 * ```
 */
export class WaygateThrottlerStorage implements ThrottlerStorage, OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('Waygate');
  readonly #rules = new Map<string, CounterRule>();
  readonly #local: CounterStore;
  #fails = false;

  /** @param store where to count; it is opened and closed with the app. Default: in this process */
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

  async increment(key: string, ttl: number, limit: number, blockDuration: number, throttlerName: string): Promise<StorageRecord> {
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
    const checks = [{ rule, caller, cost: 1 }];
    let verdicts: readonly CounterVerdict[];
    try {
      verdicts = await this.store.consume(checks);
      this.#fails = false;
    } catch (error) {
      this.#failed(error);
      verdicts = await this.#local.consume(checks);
    }
    return verdicts[0] as CounterVerdict;
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

function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1_000));
}
