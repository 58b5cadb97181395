import { hash } from 'node:crypto';
import { AddressSet } from '../model/address-set.js';
import type { Caller } from '../model/caller.js';
import type { RateLimitPolicy, RateLimitTier } from '../schema/rate-limit.js';
import { addressKey, type AddressGrouping } from './address-key.js';
import { askApp, type AppFunction } from './app-function.js';
import type { CounterCheck, CounterRule } from './counter-store.js';
import { parseLimit, UNLIMITED } from '../model/limit-string.js';
import { missingKeyPolicy } from './policy.js';

export interface DynamicLimit {
  /** Whole, ≥ 0. */
  readonly limit: number;
  /** In ms, ≥ 1. */
  readonly periodMs: number;
  /** How long who goes over is refused, in ms, ≥ 1. Default: until the law lets them in again. */
  readonly blockMs?: number;
}

/**
 * Functions of the app that a policy refers to; they live in code and are never stored. One that throws, answers with something else, or
 * not within a second counts as having said nothing.
 */
export interface RateLimitFunctions {
  /** Whose requests are counted together, for `key: 'custom'`; nothing = the key is missing. */
  readonly key?: AppFunction<string | null | undefined>;
  /** The name of the caller's tier. */
  readonly tier?: AppFunction<string | null | undefined>;
  /** What this request weighs; whole, ≥ 0. */
  readonly cost?: AppFunction<number>;
  /** Another limit for this request, as long as no operator set one; where it says nothing, there is none. */
  readonly limit?: AppFunction<DynamicLimit>;
  /** Requests that are not counted. */
  readonly exempt?: AppFunction<boolean>;
}

/** What a policy has in code only. */
export interface LimitCode {
  readonly functions?: RateLimitFunctions;
  /** When the limit is checked. Default: `identity` where it asks who is calling, or functions of the app; else `origin`. */
  readonly phase?: LimitPhase;
  /** How long who goes over is refused, in ms, ≥ 1. Default: until the law lets them in again. */
  readonly blockMs?: number;
  /** Names the counters in place of the route: routes that give the same one share them, each with its own limit. */
  readonly counters?: string;
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
const NO_FUNCTIONS: RateLimitFunctions = Object.freeze({});
const EVERYBODY = '*';
/** Requests whose address the framework cannot tell, e.g. over a Unix socket, are counted together. */
const UNKNOWN_ADDRESS = 'unknown';
/** How callers of other kinds begin. */
const OTHER_KIND = /^(?:ip|key|user):/;
const MAX_CALLER_LENGTH = 512;
const MAX_DYNAMIC_RULES = 1_000;
/** What limit strings can say. */
const MAX_AMOUNT = 1e15 - 1;
const MAX_PERIOD_MS = 99_999 * 360 * 86_400_000;

/** What functions of the app said: key, tier, cost, limit, exempt. Nothing of it is trusted to be what it should be. */
type Answers = readonly [key: unknown, tier: unknown, cost: unknown, limit: unknown, exempt: unknown];

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
  #hasFailed = false;

  readonly #functions: RateLimitFunctions;

  /** @param counterId names the counters: the scope or route, the policy, the generation */
  constructor(
    readonly scope: LimitScope,
    readonly policy: RateLimitPolicy,
    private readonly counterId: string,
    private readonly code: LimitCode,
    private readonly grouping: AddressGrouping,
    private readonly onFunctionError: (what: string, error: unknown) => void,
  ) {
    const functions = (this.#functions = code.functions ?? NO_FUNCTIONS);
    this.rule = ruleOf(counterId, policy, policy.limit, code);
    for (const tier of policy.tiers)
      this.#tiers.set(tier.name, { tier, rule: tier.limit === UNLIMITED ? null : ruleOf(counterId, policy, tier.limit, code) });
    this.#exemptIps = policy.exemptIps.length === 0 ? null : new AddressSet(policy.exemptIps);
    this.#exemptRoles = policy.exemptRoles.length === 0 ? null : new Set(policy.exemptRoles);
    const asksWho =
      policy.key === 'user' ||
      policy.key === 'api_key' ||
      policy.key === 'custom' ||
      policy.tiers.length > 0 ||
      this.#exemptRoles !== null;
    const asksApp = functions.tier !== undefined || functions.limit !== undefined || functions.exempt !== undefined;
    this.phase = code.phase ?? (asksWho || asksApp ? 'identity' : 'origin');
    this.#simple = policy.key === 'ip' && !asksWho && !asksApp && this.#exemptIps === null && functions.cost === undefined;
  }

  /** Whether functions of the app have a say. */
  get asksApp(): boolean {
    return Object.values(this.#functions).some((ask) => ask !== undefined);
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
    const { key, tier, cost, limit, exempt } = this.#functions;
    const answers: Answers = [
      this.policy.key === 'custom' ? this.#ask(key, caller) : this.#keyOf(caller),
      tier === undefined ? this.#tierNameOf(caller) : this.#ask(tier, caller),
      this.#ask(cost, caller),
      this.#ask(limit, caller),
      this.#ask(exempt, caller),
    ];
    if (!answers.some(isPromise)) return this.#resolve(caller, answers);
    return Promise.all(answers).then((settled) => this.#resolve(caller, settled as unknown as Answers));
  }

  #resolve(caller: Caller, [key, tierName, cost, dynamic, exempt]: Answers): AppliedLimit {
    if (exempt === true) return EXEMPT;
    const tiered = this.#tiers.get(this.#text(tierName, 'tier') ?? '');
    const rule =
      this.#functions.limit === undefined ? (tiered === undefined ? this.rule : tiered.rule) : this.#dynamicRule(dynamic);
    if (rule === null) return EXEMPT;
    const weight = this.#weight(cost, rule);
    const known = this.#text(key, 'key');
    if (known !== null) {
      const { key: strategy } = this.policy;
      const name = strategy === 'user' || strategy === 'custom' ? chosen(known) : known;
      return this.#count(rule, name, weight, tiered?.tier ?? null);
    }
    const missing = missingKeyPolicy(this.policy);
    if (missing === 'fallback_ip') return this.#count(rule, this.#fallbackOf(caller), weight, tiered?.tier ?? null);
    return missing === 'exempt' ? EXEMPT : KEYLESS;
  }

  /** Rules are kept by what they say: functions give few different limits, for many requests. */
  #dynamicRule(dynamic: unknown): CounterRule | null {
    if (!isDynamicLimit(dynamic)) {
      if (dynamic !== undefined)
        this.#failed(new TypeError(`the one for the limit gave ${describe(dynamic)}, not { limit, periodMs }`));
      return null;
    }
    const { limit, periodMs, blockMs = this.code.blockMs } = dynamic;
    const name = `${limit}/${periodMs} ${blockMs}`;
    let rule = this.#dynamic.get(name);
    if (rule === undefined) {
      if (this.#dynamic.size >= MAX_DYNAMIC_RULES) this.#dynamic.clear();
      rule = ruleFor(this.counterId, this.policy, limit, Math.ceil(periodMs), { ...this.code, ...(blockMs && { blockMs }) });
      this.#dynamic.set(name, rule);
    }
    return rule;
  }

  /** What a request weighs. More than the limit ever has is as much as one more than that: stores need not count further. */
  #weight(cost: unknown, { limit, burst }: CounterRule): number {
    if (cost === undefined) return this.policy.cost;
    if (typeof cost === 'number' && Number.isInteger(cost) && cost >= 0) return Math.min(cost, limit + burst + 1);
    this.#failed(new TypeError(`the one for the cost gave ${describe(cost)}, not a whole number from 0`));
    return this.policy.cost;
  }

  /** A key or the name of a tier; `null` = none. Numbers are what they are written as, as ids often are. */
  #text(value: unknown, what: string): string | null {
    if (typeof value === 'string') return value === '' ? null : value;
    if (value === undefined || value === null) return null;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    this.#failed(new TypeError(`the one for the ${what} gave ${describe(value)}, not text`));
    return null;
  }

  #ask<T>(ask: AppFunction<T> | undefined, caller: Caller): unknown {
    return ask === undefined ? undefined : askApp(ask, caller, (error) => this.#failed(error));
  }

  /** Once for a limit: what fails, fails for every request. */
  #failed(error: unknown): void {
    if (!this.#hasFailed) this.onFunctionError(`A function of the limit '${this.policy.name}' failed`, error);
    this.#hasFailed = true;
  }

  #count(rule: CounterRule, caller: string, cost: number, tier: RateLimitTier | null): AppliedLimit {
    const bounded = caller.length > MAX_CALLER_LENGTH ? `sha256:${hash('sha256', caller)}` : caller;
    return { kind: 'count', check: { rule, caller: bounded, cost }, tier };
  }

  #keyOf(caller: Caller): string | null {
    switch (this.policy.key) {
      case 'ip':
        return caller.ip === null ? null : addressKey(caller.ip, this.grouping);
      case 'user':
        return caller.user;
      case 'api_key':
        return digestOf(caller.apiKey);
      case 'unverified_api_key':
        return digestOf(caller.unverifiedApiKey ?? null);
      default:
        return EVERYBODY;
    }
  }

  /** Where callers are counted by something else, an address must not be what a user could be called. */
  #fallbackOf(caller: Caller): string {
    const address = this.#addressOf(caller);
    return this.policy.key === 'ip' ? address : `ip:${address}`;
  }

  #addressOf({ ip }: Caller): string {
    return ip === null ? UNKNOWN_ADDRESS : addressKey(ip, this.grouping);
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

/** A secret: neither hits nor counters are to hold it. */
function digestOf(apiKey: string | null): string | null {
  return apiKey === null ? null : `key:${hash('sha256', apiKey).slice(0, 32)}`;
}

/** A text that the app or the caller chose, so that it cannot pass for an address or a key. */
function chosen(text: string): string {
  return OTHER_KIND.test(text) ? `user:${text}` : text;
}

function ruleOf(counterId: string, policy: RateLimitPolicy, limit: string, code: LimitCode): CounterRule {
  const { amount, periodMs } = parseLimit(limit);
  return ruleFor(counterId, policy, amount, periodMs, code);
}

/** The limit is part of the name: another limit begins to count anew. Not so where routes share what was counted, each with its own limit. */
function ruleFor(
  counterId: string,
  { algorithm, burst }: RateLimitPolicy,
  limit: number,
  periodMs: number,
  { blockMs: given, counters }: LimitCode,
): CounterRule {
  // Times that apps work out are no whole numbers (1.1 · 3 600 000 is a little more than 3 960 000), and stores take no others.
  const blockMs = given === undefined ? undefined : Math.min(Math.ceil(given), MAX_PERIOD_MS);
  const counted = counters === undefined ? `${limit}/${periodMs}+${burst}` : `${periodMs}`;
  const id = `${counterId}|${algorithm}|${counted}${blockMs === undefined ? '' : `!${blockMs}`}`;
  return Object.freeze({ id, algorithm, limit, burst, periodMs, ...(blockMs === undefined ? {} : { blockMs }) });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}

function isDynamicLimit(value: unknown): value is DynamicLimit {
  if (typeof value !== 'object' || value === null) return false;
  const { limit, periodMs, blockMs = 1 } = value as Partial<Record<keyof DynamicLimit, unknown>>;
  const isWhole = isBetween(limit, 0, MAX_AMOUNT) && Number.isInteger(limit);
  return isWhole && isBetween(periodMs, 1, MAX_PERIOD_MS) && isBetween(blockMs, 1, MAX_PERIOD_MS);
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

/** What a value is, without what it says: it may be anything. */
function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}
