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
import { FIXED_WINDOW_SCRIPT } from './fixed-window.lua.js';

export interface RedisCounterStoreOptions {
  /** Begins every key; apps that share it share counters. Default `waygate`. */
  readonly prefix?: string;
  /** What an answer may take, in ms; a later one counts as none. Default 50. A client of your own keeps its own `commandTimeout`. */
  readonly budgetMs?: number;
  /** Blocked callers remembered in this process. Default 10 000. */
  readonly blockedCapacity?: number;
}

/** A script and the digest Redis knows it by. */
interface Script {
  readonly text: string;
  readonly sha: string;
}

const CONSUME = scriptOf(CONSUME_SCRIPT);
const FIXED_WINDOWS = scriptOf(FIXED_WINDOW_SCRIPT);
const LETTERS = { fixed_window: 'f', sliding_window: 's', moving_window: 'm', token_bucket: 't' } as const;
const FIELDS = 4;

/**
 * Counts in Redis, for all processes together, by the clock of Redis. All checks of a request are decided and counted by one script call:
 * exact, whoever else counts at the same time.
 *
 * Standalone, Sentinel and Cluster. On a Cluster the limits of a request lie in different slots: there each is decided by a call of its
 * own, all at once, exactly for itself; a request that one refuses is charged by the others nevertheless. A prefix with a hash tag, e.g.
 * `{waygate}`, keeps all counters in one slot and the one call, at the price of one node doing all the counting.
 *
 * A Redis that fails or answers too slowly is not waited for: `consume` rejects with `CounterStoreError` at once, but for one probe now and
 * then, and each limit's `onStoreError` says what holds.
 */
export class RedisCounterStore implements CounterStore {
  readonly #connection: OwnedClient;
  readonly #prefix: string;
  readonly #breaker: Breaker;
  readonly #blocked: BlockedCallers<CounterVerdict>;
  /** Whether the keys of a request lie in different slots. */
  readonly #isSpread: boolean;
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
    this.#isSpread = this.#connection.client.isCluster && !/\{[^}]+\}/.test(prefix);
    this.#breaker = new Breaker({ pauseMs: 250, clock: () => performance.now() });
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
      const verdicts = await this.#decide(checks);
      this.#breaker.succeeded();
      this.#remember(checks, verdicts);
      return verdicts;
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

  async #decide(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    if (this.#isSpread && checks.length > 1) return this.#decideSpread(checks);
    return checks.every(({ rule }) => rule.algorithm === 'fixed_window')
      ? this.#decideFixedWindows(checks)
      : this.#decideAny(checks);
  }

  async #decideAny(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const keys = checks.flatMap(({ rule, caller }) => this.#keysOf(rule, caller));
    const values = checks.flatMap(({ rule, cost }) => [...this.#argumentsOf(rule), String(cost)]);
    const flat = (await this.#run(CONSUME, keys, values)) as readonly string[];
    return verdictsFrom(flat);
  }

  async #decideFixedWindows(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const keys: string[] = [];
    const values: number[] = [];
    for (const { rule, caller, cost } of checks) {
      keys.push(this.#keyOf(rule, caller));
      values.push(rule.limit + rule.burst, rule.periodMs, cost);
    }
    const flat = (await this.#run(FIXED_WINDOWS, keys, values)) as readonly number[];
    const now = Date.now();
    const verdicts: CounterVerdict[] = [];
    for (let i = 0; i * 2 < flat.length; i++)
      verdicts.push(fixedWindowVerdict(checks[i] as CounterCheck, flat[i * 2] ?? 0, flat[i * 2 + 1] ?? 0, now));
    return verdicts;
  }

  async #run({ text, sha }: Script, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    const { client } = this.#connection;
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...values);
    } catch (error) {
      // A Redis that was restarted or flushed does not know the script; sending it whole teaches it again.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.eval(text, keys.length, ...keys, ...values);
    }
  }

  /** One call a limit, all at once; what comes behind the first refusal is not looked at, as in one call. */
  async #decideSpread(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const verdicts = (await Promise.all(checks.map((check) => this.#decide([check])))).flat();
    const refused = verdicts.findIndex(({ allowed }) => !allowed);
    return refused === -1 ? verdicts : verdicts.slice(0, refused + 1);
  }

  #remember(checks: readonly CounterCheck[], verdicts: readonly CounterVerdict[]): void {
    const last = verdicts.at(-1);
    const check = checks[verdicts.length - 1];
    // A request of another weight might still pass, so only the common weight of 1 is remembered.
    if (last?.allowed === false && check?.cost === 1 && Number.isFinite(last.retryAfterMs)) {
      this.#blocked.add(idOf(check.rule, check.caller), Date.now() + last.retryAfterMs, last);
    }
  }

  #keyOf({ id }: CounterRule, caller: string): string {
    // The tag keeps a limit's two keys in one slot of a Cluster. A tag in the prefix comes first and keeps all of them there.
    return `${this.#prefix}:rl:{${id}:${caller}}`;
  }

  #keysOf(rule: CounterRule, caller: string): [string, string] {
    const key = this.#keyOf(rule, caller);
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

function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** What the general script says, four texts a verdict. */
function verdictsFrom(flat: readonly string[]): readonly CounterVerdict[] {
  const verdicts: CounterVerdict[] = [];
  for (let at = 0; at < flat.length; at += FIELDS) {
    const retry = Number(flat[at + 3]);
    verdicts.push({
      allowed: flat[at] === '1',
      remaining: Number(flat[at + 1]),
      resetAt: Number(flat[at + 2]),
      retryAfterMs: retry === -1 ? Infinity : retry,
    });
  }
  return verdicts;
}

function fixedWindowVerdict({ rule, cost }: CounterCheck, count: number, left: number, now: number): CounterVerdict {
  const most = rule.limit + rule.burst;
  if (count <= most) return { allowed: true, remaining: most - count, resetAt: now + left, retryAfterMs: 0 };
  if (cost > most) return { allowed: false, remaining: 0, resetAt: now + rule.periodMs, retryAfterMs: Infinity };
  return { allowed: false, remaining: 0, resetAt: now + left, retryAfterMs: Math.max(1, left) };
}

function idOf({ id }: CounterRule, caller: string): string {
  return `${id}\n${caller}`;
}

function unavailable(error: unknown): CounterStoreError {
  if (error instanceof CounterStoreError) return error;
  return new CounterStoreError(`Redis cannot count: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
