import { createHash } from 'node:crypto';
import {
  CounterStoreError,
  ValidationError,
  type CounterCheck,
  type CounterRule,
  type CounterStore,
  type CounterVerdict,
} from '@waygate/core';
import { clientFor, type OwnedClient, type RedisConnection } from '../connection.js';
import { BlockedCallers } from './blocked-callers.js';
import { Breaker } from './breaker.js';
import { CONSUME_SCRIPT } from './consume.lua.js';

export interface RedisCounterStoreOptions {
  /** Begins every key; apps that share it share counters. Default `waygate`. */
  readonly prefix?: string;
  /** What an answer may take before the breaker opens, in ms. Default 50. */
  readonly budgetMs?: number;
  /** Blocked callers remembered in this process. Default 10 000. */
  readonly blockedCapacity?: number;
}

const SCRIPT_SHA = createHash('sha1').update(CONSUME_SCRIPT).digest('hex');
const LETTERS = { fixed_window: 'f', sliding_window: 's', moving_window: 'm', token_bucket: 't' } as const;
const FIELDS = 4;

/**
 * Counts in Redis, for all processes together, by the clock of Redis. All checks of a request are decided and counted by one script call:
 * exact, whoever else counts at the same time.
 *
 * Standalone and Sentinel. A Cluster works when all keys of a request lie in one slot: give a prefix with a hash tag, e.g. `{waygate}`.
 *
 * A Redis that fails or answers too slowly is not waited for: `consume` rejects with `CounterStoreError` at once, but for one probe now and
 * then, and each limit's `onStoreError` says what holds.
 */
export class RedisCounterStore implements CounterStore {
  readonly #connection: OwnedClient;
  readonly #prefix: string;
  readonly #budgetMs: number;
  readonly #breaker: Breaker;
  readonly #blocked: BlockedCallers<CounterVerdict>;
  readonly #arguments = new WeakMap<CounterRule, readonly [string, string, string, string]>();

  /** @throws {ValidationError} for a prefix that is no usable text */
  constructor(
    connection: RedisConnection,
    { prefix = 'waygate', budgetMs = 50, blockedCapacity = 10_000 }: RedisCounterStoreOptions = {},
  ) {
    if (typeof prefix !== 'string' || !/^[\w.:{}-]{1,128}$/.test(prefix)) {
      throw new ValidationError('prefix', "must have 1 to 128 letters, digits, '.', ':', '_', '-' or braces");
    }
    this.#connection = clientFor(connection, { commandTimeout: budgetMs });
    this.#prefix = prefix;
    this.#budgetMs = budgetMs;
    this.#breaker = new Breaker({ budgetMs, pauseMs: 250, clock: () => performance.now() });
    this.#blocked = new BlockedCallers(blockedCapacity, Date.now);
  }

  /** @throws {CounterStoreError} when Redis cannot be reached; it is tried again in the background */
  async open(): Promise<void> {
    const { client, owned } = this.#connection;
    if (!owned || client.status !== 'wait') return;
    try {
      await client.connect();
    } catch (error) {
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    if (this.#connection.owned) this.#connection.client.disconnect();
  }

  async consume(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const known = this.#knownToBeBlocked(checks);
    if (known !== undefined) return known;
    if (!this.#breaker.admits()) throw new CounterStoreError('Redis does not answer; it is asked again shortly.');
    try {
      const started = performance.now();
      const flat = await this.#run(checks);
      if (performance.now() - started > this.#budgetMs) this.#breaker.failed();
      else this.#breaker.succeeded();
      return this.#verdicts(checks, flat);
    } catch (error) {
      this.#breaker.failed();
      throw unavailable(error);
    }
  }

  /** @throws {CounterStoreError} */
  async reset(rule: CounterRule, caller: string): Promise<void> {
    this.#blocked.forget(idOf(rule, caller));
    try {
      await this.#connection.client.del(...this.#keysOf(rule, caller));
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Only where the first check is the one that refuses: nothing before it would have been counted. */
  #knownToBeBlocked([first]: readonly CounterCheck[]): readonly CounterVerdict[] | undefined {
    if (first === undefined) return [];
    if (first.cost === 0) return undefined;
    const entry = this.#blocked.get(idOf(first.rule, first.caller));
    return entry === undefined ? undefined : [{ ...entry.verdict, retryAfterMs: Math.max(1, entry.until - Date.now()) }];
  }

  async #run(checks: readonly CounterCheck[]): Promise<readonly string[]> {
    const keys = checks.flatMap(({ rule, caller }) => this.#keysOf(rule, caller));
    const values = checks.flatMap(({ rule, cost }) => [...this.#argumentsOf(rule), String(cost)]);
    const { client } = this.#connection;
    try {
      return (await client.evalsha(SCRIPT_SHA, keys.length, ...keys, ...values)) as string[];
    } catch (error) {
      // A Redis that was restarted or flushed does not know the script; sending it whole teaches it again.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return (await client.eval(CONSUME_SCRIPT, keys.length, ...keys, ...values)) as string[];
    }
  }

  #verdicts(checks: readonly CounterCheck[], flat: readonly string[]): readonly CounterVerdict[] {
    const verdicts: CounterVerdict[] = [];
    for (let at = 0; at < flat.length; at += FIELDS) {
      const [allowed, remaining, resetAt, retry] = flat.slice(at, at + FIELDS).map(Number);
      const retryAfterMs = retry === -1 ? Infinity : (retry ?? 0);
      verdicts.push({ allowed: allowed === 1, remaining: remaining ?? 0, resetAt: resetAt ?? 0, retryAfterMs });
    }
    const last = verdicts.at(-1);
    const check = checks[verdicts.length - 1];
    // A request of another weight might still pass, so only the common weight of 1 is remembered.
    if (last?.allowed === false && check?.cost === 1 && Number.isFinite(last.retryAfterMs)) {
      this.#blocked.add(idOf(check.rule, check.caller), Date.now() + last.retryAfterMs, last);
    }
    return verdicts;
  }

  #keysOf({ id }: CounterRule, caller: string): [string, string] {
    const key = `${this.#prefix}:rl:${id}:${caller}`;
    return [key, `${key}:log`];
  }

  #argumentsOf(rule: CounterRule): readonly [string, string, string, string] {
    let values = this.#arguments.get(rule);
    if (values === undefined) {
      values = [LETTERS[rule.algorithm], String(rule.limit), String(rule.burst), String(rule.periodMs)];
      this.#arguments.set(rule, values);
    }
    return values;
  }
}

function idOf({ id }: CounterRule, caller: string): string {
  return `${id}\n${caller}`;
}

function unavailable(error: unknown): CounterStoreError {
  if (error instanceof CounterStoreError) return error;
  return new CounterStoreError(`Redis cannot count: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
