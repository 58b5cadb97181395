import {
  CounterStoreError,
  ValidationError,
  type CounterCheck,
  type CounterRule,
  type CounterStore,
  type CounterVerdict,
} from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { ownClientFor, withoutCommandTimeout, type RedisClient, type RedisConnection } from '../connection/connection.js';
import { runScript, scriptOf } from '../connection/script.js';
import { within } from '../connection/within.js';
import { AnswerBudget } from './answer-budget.js';
import { BlockedCallers } from './blocked-callers.js';
import { Breaker } from './breaker.js';
import { CONSUME_SCRIPT } from './consume.lua.js';
import { FixedWindows } from './fixed-windows.js';
import { GatheredWrites } from './gathered-writes.js';
import { ScriptRules } from './script-rules.js';

export interface RedisCounterStoreOptions {
  /** Begins every key; apps that share it share counters. Default `waygate`. */
  readonly prefix?: string;
  /** How long an answer may take, in ms. Time in which this process was too busy to read it does not count. Default 50. */
  readonly budgetMs?: number;
  /** Blocked callers remembered in this process. Default 10 000. */
  readonly blockedCapacity?: number;
}

const CONSUME = scriptOf(CONSUME_SCRIPT);
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
  readonly #client: RedisClient;
  readonly #budgetMs: number;
  readonly #answers: AnswerBudget;
  readonly #rules: ScriptRules;
  readonly #breaker: Breaker;
  readonly #blocked: BlockedCallers<CounterVerdict>;
  /** Whether the keys of a request lie in different slots. */
  readonly #isSpread: boolean;
  readonly #fixedWindows: FixedWindows;
  readonly #gathered: GatheredWrites;
  /** The first connection on its way. */
  #opening: Promise<void> | null = null;

  /** @throws {ValidationError} for a prefix that is no usable text */
  constructor(
    connection: RedisConnection,
    { prefix = 'waygate', budgetMs = 50, blockedCapacity = 10_000 }: RedisCounterStoreOptions = {},
  ) {
    if (typeof prefix !== 'string' || !/^[\w.:{}-]{1,128}$/.test(prefix)) {
      throw new ValidationError('prefix', "must have 1 to 128 letters, digits, '.', ':', '_', '-' or braces");
    }
    this.#client = ownClientFor(connection);
    withoutCommandTimeout(this.#client);
    this.#answers = new AnswerBudget(budgetMs);
    this.#budgetMs = budgetMs;
    this.#rules = new ScriptRules(prefix);
    this.#isSpread = this.#client.isCluster && !/\{[^}]+\}/.test(prefix);
    this.#breaker = new Breaker({ pauseMs: 250, clock: () => performance.now() });
    this.#blocked = new BlockedCallers(blockedCapacity, () => performance.now());
    this.#gathered = new GatheredWrites(this.#client);
    this.#fixedWindows = new FixedWindows(this.#client, this.#rules);
  }

  /** @throws {CounterStoreError} when Redis cannot be reached; it is tried again in the background */
  async open(): Promise<void> {
    if (this.#client.status === 'wait') this.#opening = this.#client.connect();
    try {
      await this.#opening;
    } catch (error) {
      throw unavailable(error);
    } finally {
      this.#opening = null;
    }
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }

  consume(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const known = this.#knownToBeBlocked(checks);
    if (known !== undefined) return Promise.resolve(known);
    if (!this.#breaker.admits())
      return Promise.reject(new CounterStoreError('Redis does not answer; it is asked again shortly.'));
    return this.#opening === null && this.#client.status !== 'wait' ? this.#ask(checks) : this.#openAndAsk(checks);
  }

  #ask(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    this.#gathered.begin();
    // One link of promises, not a chain: this is the way of every request.
    return this.#answers.limit(this.#decide(checks)).then(
      (verdicts) => {
        this.#gathered.end();
        this.#breaker.succeeded();
        this.#remember(checks, verdicts);
        return verdicts;
      },
      (error: unknown) => {
        this.#gathered.end();
        this.#breaker.failed();
        throw unavailable(error);
      },
    );
  }

  /** Whoever did not open the store has it opened by the first request, within the time a request may take. */
  async #openAndAsk(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const late = () => new CounterStoreError(`Redis could not be reached within ${this.#budgetMs} ms`);
    try {
      await within(this.open(), this.#budgetMs, late);
    } catch (error) {
      this.#breaker.failed();
      throw error;
    }
    return this.#ask(checks);
  }

  /** @throws {CounterStoreError} */
  async reset(rule: CounterRule, caller: string): Promise<void> {
    this.#blocked.forget(idOf(rule, caller));
    const keys = this.#keysOf(rule, caller);
    this.#fixedWindows.forget(rule, caller);
    try {
      await this.#answers.limit(this.#client.del(...keys));
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Only where the first check is the one that refuses: nothing before it would have been counted. */
  #knownToBeBlocked([first]: readonly CounterCheck[]): readonly CounterVerdict[] | undefined {
    if (first === undefined) return [];
    if (first.cost === 0 || this.#blocked.isEmpty) return undefined;
    const { rule, caller, cost } = first;
    const entry = this.#blocked.get(idOf(rule, caller));
    if (entry === undefined) return undefined;
    // What weighs more than the limit never passes.
    const wait = cost > rule.limit + rule.burst ? Infinity : Math.max(1, Math.ceil(entry.until - performance.now()));
    return [{ ...entry.verdict, retryAfterMs: wait }];
  }

  #decide(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    if (this.#isSpread && checks.length > 1) return this.#decideSpread(checks);
    if (checks.some(needsGeneralScript)) return this.#decideAny(checks);
    return this.#fixedWindows.decide(checks);
  }

  #decideAny(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const keys = checks.flatMap(({ rule, caller }) => this.#keysOf(rule, caller));
    const values = checks.flatMap(({ rule, cost }) => {
      const { general, block } = this.#rules.of(rule);
      return [...general, String(cost), block];
    });
    return runScript(this.#client, CONSUME, keys, values, (flat) => verdictsFrom(flat as readonly string[]));
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
      this.#blocked.add(idOf(check.rule, check.caller), performance.now() + last.retryAfterMs, last);
    }
  }

  #keysOf(rule: CounterRule, caller: string): [string, string] {
    const key = this.#rules.keyOf(rule, caller);
    return [key, `${key}:log`];
  }
}

function needsGeneralScript({ rule, cost }: CounterCheck): boolean {
  return rule.algorithm !== 'fixed_window' || cost === 0 || rule.blockMs !== undefined;
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

/** With the limit: rules may share their counters. */
function idOf({ id, limit, burst }: CounterRule, caller: string): string {
  return `${id} ${limit + burst}\n${caller}`;
}

function unavailable(error: unknown): CounterStoreError {
  if (error instanceof CounterStoreError) return error;
  return new CounterStoreError(`Redis cannot count: ${errorMessage(error)}`, { cause: error });
}
