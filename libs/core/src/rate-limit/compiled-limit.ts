import { createHash } from 'node:crypto';
import { AddressSet } from '../model/address-set.js';
import type { Caller } from '../model/caller.js';
import type { RateLimitPolicy, RateLimitTier } from '../model/rate-limit.js';
import { addressKey, type AddressGrouping } from './address.js';
import type { CounterCheck, CounterRule } from './counter-store.js';
import { parseLimit, UNLIMITED } from './limit-string.js';
import { missingKeyPolicy } from './policy.js';

/** Asked for every request; `context` is what the framework knows beside it. */
export type AppFunction<T> = (request: unknown, context: unknown) => T | Promise<T>;

export interface DynamicLimit {
  /** Whole, ≥ 0. */
  readonly limit: number;
  /** In ms, ≥ 1. */
  readonly periodMs: number;
}

/** Functions of the app that a policy refers to; they live in code and are never stored. */
export interface RateLimitFunctions {
  /** Whose requests are counted together, for `key: 'custom'`; nothing = the key is missing. */
  readonly key?: AppFunction<string | null | undefined>;
  /** The name of the caller's tier. */
  readonly tier?: AppFunction<string | null | undefined>;
  /** What this request weighs; whole, ≥ 0. */
  readonly cost?: AppFunction<number>;
  /** Another limit for this request, as long as no operator set one. */
  readonly limit?: AppFunction<DynamicLimit>;
  /** Requests that are not counted. */
  readonly exempt?: AppFunction<boolean>;
}

export type LimitScope = 'global' | 'service' | 'route';

/** Where in the request's way a limit can be decided: by where it comes from, or only once it is known who is calling. */
export type LimitPhase = 'origin' | 'identity';

/** A limit applied to one request: to be counted, not to be counted, or refused because it has no key. */
export type AppliedLimit = CountedLimit | { readonly kind: 'exempt' } | { readonly kind: 'keyless' };

export interface CountedLimit {
  readonly kind: 'count';
  readonly check: CounterCheck;
  readonly tier: RateLimitTier | null;
}

const EXEMPT: AppliedLimit = Object.freeze({ kind: 'exempt' });
const KEYLESS: AppliedLimit = Object.freeze({ kind: 'keyless' });
const EVERYBODY = '*';
const MAX_CALLER_LENGTH = 512;
const MAX_DYNAMIC_RULES = 1_000;

/** What functions of the app said: key, tier, cost, limit, exempt. */
type Answers = readonly [
  string | null | undefined,
  string | null | undefined,
  number | undefined,
  DynamicLimit | undefined,
  boolean | undefined,
];

/** The same, while some of it is still being found out. */
type PendingAnswers = readonly [
  Answers[0] | Promise<Answers[0]>,
  Answers[1] | Promise<Answers[1]>,
  Answers[2] | Promise<Answers[2]>,
  Answers[3] | Promise<Answers[3]>,
  Answers[4] | Promise<Answers[4]>,
];

/** A policy with everything prepared that does not depend on the request. */
export class CompiledLimit {
  readonly phase: LimitPhase;
  /** What is counted by when no tier applies. */
  readonly rule: CounterRule;
  readonly #tiers = new Map<string, { readonly tier: RateLimitTier; readonly rule: CounterRule | null }>();
  readonly #exemptIps: AddressSet | null;
  readonly #exemptRoles: ReadonlySet<string> | null;
  readonly #simple: boolean;
  readonly #dynamic = new Map<string, CounterRule>();
  #warned = false;

  /** @param counterId names the counters: the scope or route, the policy, the generation */
  constructor(
    readonly scope: LimitScope,
    readonly policy: RateLimitPolicy,
    private readonly counterId: string,
    private readonly functions: RateLimitFunctions,
    private readonly grouping: AddressGrouping,
    private readonly onFunctionError: (what: string, error: unknown) => void,
  ) {
    this.rule = ruleOf(counterId, policy, policy.limit);
    for (const tier of policy.tiers)
      this.#tiers.set(tier.name, { tier, rule: tier.limit === UNLIMITED ? null : ruleOf(counterId, policy, tier.limit) });
    this.#exemptIps = policy.exemptIps.length === 0 ? null : new AddressSet(policy.exemptIps);
    this.#exemptRoles = policy.exemptRoles.length === 0 ? null : new Set(policy.exemptRoles);
    const asksWho = policy.key === 'user' || policy.key === 'custom' || policy.tiers.length > 0 || this.#exemptRoles !== null;
    const asksApp = functions.tier !== undefined || functions.limit !== undefined || functions.exempt !== undefined;
    this.phase = asksWho || asksApp ? 'identity' : 'origin';
    this.#simple = policy.key === 'ip' && this.phase === 'origin' && this.#exemptIps === null && functions.cost === undefined;
  }

  /** Whether functions of the app have a say. */
  get asksApp(): boolean {
    return Object.values(this.functions).some((ask) => ask !== undefined);
  }

  /** All rules a caller may be counted by. */
  *rules(): IterableIterator<CounterRule> {
    yield this.rule;
    for (const { rule } of this.#tiers.values()) if (rule !== null) yield rule;
    yield* this.#dynamic.values();
  }

  /** What the limit means for this caller. A promise only where a function of the app returns one. */
  apply(caller: Caller): AppliedLimit | Promise<AppliedLimit> {
    if (this.#simple) {
      // Asked once: what the framework does to tell the address may cost more than all the rest.
      const { ip } = caller;
      if (ip !== null) return this.#count(this.rule, addressKey(ip, this.grouping), this.policy.cost, null);
    }
    if (this.#isExempt(caller)) return EXEMPT;
    const { key, tier, cost, limit, exempt } = this.functions;
    const answers = [
      this.policy.key === 'custom' ? this.#ask(key, caller) : this.#keyOf(caller),
      tier === undefined ? this.#tierNameOf(caller) : this.#ask(tier, caller),
      cost === undefined ? this.policy.cost : this.#ask(cost, caller),
      this.#ask(limit, caller),
      this.#ask(exempt, caller),
    ] as const;
    if (!answers.some(isPromise)) return this.#resolve(caller, answers as Answers);
    return this.#resolveLater(caller, answers);
  }

  async #resolveLater(caller: Caller, answers: PendingAnswers): Promise<AppliedLimit> {
    const [key, tier, cost, limit, exempt] = answers;
    return this.#resolve(caller, [await key, await tier, await cost, await limit, await exempt]);
  }

  #resolve(caller: Caller, [key, tierName, cost, dynamic, exempt]: Answers): AppliedLimit {
    if (exempt === true) return EXEMPT;
    const tiered = tierName == null ? undefined : this.#tiers.get(tierName);
    const rule = dynamic == null ? (tiered === undefined ? this.rule : tiered.rule) : this.#dynamicRule(dynamic);
    if (rule === null) return EXEMPT;
    const weight = cost !== undefined && Number.isInteger(cost) && cost >= 0 ? cost : this.policy.cost;
    const counted = this.#textOf(key);
    if (counted !== '') return this.#count(rule, counted, weight, tiered?.tier ?? null);
    const missing = missingKeyPolicy(this.policy);
    if (missing === 'fallback_ip' && caller.ip !== null)
      return this.#count(rule, addressKey(caller.ip, this.grouping), weight, tiered?.tier ?? null);
    return missing === 'exempt' ? EXEMPT : KEYLESS;
  }

  /** Rules are kept by what they say: functions give few different limits, for many requests. */
  #dynamicRule({ limit, periodMs }: DynamicLimit): CounterRule {
    if (!Number.isInteger(limit) || limit < 0 || !Number.isFinite(periodMs) || periodMs < 1) return this.rule;
    const id = `${this.counterId}|${this.policy.algorithm}|${limit}/${periodMs}ms+${this.policy.burst}`;
    let rule = this.#dynamic.get(id);
    if (rule === undefined) {
      if (this.#dynamic.size >= MAX_DYNAMIC_RULES) this.#dynamic.clear();
      rule = Object.freeze({
        id,
        algorithm: this.policy.algorithm,
        limit,
        burst: this.policy.burst,
        periodMs: Math.ceil(periodMs),
      });
      this.#dynamic.set(id, rule);
    }
    return rule;
  }

  /** A key as it is counted; empty = it is missing. A function may give a number; what is no key at all counts as a failure. */
  #textOf(key: unknown): string {
    if (typeof key === 'string') return key;
    if (key === undefined || key === null) return '';
    if (typeof key === 'number' || typeof key === 'bigint') return String(key);
    this.#failed(new TypeError(`the key must be text, got ${typeof key}`));
    return '';
  }

  /** What a function of the app says. One that fails says nothing: a broken function must not take the route down. */
  #ask<T>(ask: AppFunction<T> | undefined, { request, context }: Caller): T | undefined | Promise<T | undefined> {
    if (ask === undefined) return undefined;
    try {
      const answer = ask(request, context);
      if (answer instanceof Promise) return answer.catch((error: unknown) => this.#failed(error));
      return answer;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): undefined {
    if (!this.#warned) this.onFunctionError(`A function of the limit '${this.policy.name}' failed`, error);
    this.#warned = true;
    return undefined;
  }

  #count(rule: CounterRule, caller: string, cost: number, tier: RateLimitTier | null): AppliedLimit {
    const bounded = caller.length > MAX_CALLER_LENGTH ? `sha256:${createHash('sha256').update(caller).digest('hex')}` : caller;
    return { kind: 'count', check: { rule, caller: bounded, cost }, tier };
  }

  #keyOf(caller: Caller): string | null {
    switch (this.policy.key) {
      case 'ip':
        return caller.ip === null ? null : addressKey(caller.ip, this.grouping);
      case 'user':
        return caller.user;
      case 'api_key':
        return caller.apiKey;
      default:
        return EVERYBODY;
    }
  }

  #tierNameOf(caller: Caller): string | null {
    return this.#tiers.size === 0 ? null : caller.attribute(this.policy.tierResolver);
  }

  #isExempt(caller: Caller): boolean {
    if (this.#exemptIps !== null && caller.ip !== null && this.#exemptIps.has(caller.ip)) return true;
    const roles = this.#exemptRoles;
    return roles !== null && caller.roles.some((role) => roles.has(role));
  }
}

/** The limit is part of the name: another limit begins to count anew. */
function ruleOf(counterId: string, { algorithm, burst }: RateLimitPolicy, limit: string): CounterRule {
  const { amount, periodMs } = parseLimit(limit);
  const id = `${counterId}|${algorithm}|${amount}/${periodMs}+${burst}`;
  return Object.freeze({ id, algorithm, limit: amount, burst, periodMs });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
