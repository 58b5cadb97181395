import type { Caller } from '../model/caller.js';
import { CounterStoreError } from '../model/errors.js';
import type { Clock } from '../model/time.js';
import { isError } from '../native-errors/native-error.js';
import type { AppliedLimit, CompiledLimit, CountedLimit } from './compiled-limit.js';
import type { CounterCheck, CounterStore, CounterVerdict } from './counter-store.js';
import {
  UNLIMITED_OUTCOME,
  type LimitOutcome,
  type LimitQuota,
  type LimitReport,
  type RateLimitedBlock,
} from './limit-outcome.js';

export interface LimiterOptions {
  readonly store: CounterStore;
  /** Counts in this process while `store` fails, for limits with `onStoreError: 'local'`. */
  readonly fallback: CounterStore;
  readonly clock: Clock;
  /** Told when the store starts and stops to fail. */
  readonly onStoreHealth: (error: Error | null) => void;
}

/** Told every refused request, and every one a shadow limit would have refused. */
export type RefusalListener = (block: RateLimitedBlock, shadow: boolean) => void;

const NONE: readonly LimitQuota[] = Object.freeze([]);

interface Counted {
  readonly limit: CompiledLimit;
  readonly check: CounterCheck;
  readonly tier: string | null;
  /** The limit string that holds for this caller. */
  readonly text: string;
}

/** Decides requests against compiled limits: applies them to the caller, counts all of them at once, and reads the verdicts. */
export class Limiter {
  #storeFails = false;

  constructor(private readonly options: LimiterOptions) {}

  /** A promise only where the store or a function of the app needs one. Never rejects: what fails follows each limit's own policy. */
  decide(limits: readonly CompiledLimit[], caller: Caller, onRefused: RefusalListener): LimitOutcome | Promise<LimitOutcome> {
    if (limits.length === 0) return UNLIMITED_OUTCOME;
    const [only] = limits;
    if (limits.length === 1 && only !== undefined && only.policy.mode === 'enforce')
      return this.#decideOne(only, caller, onRefused);
    const applied: (AppliedLimit | Promise<AppliedLimit>)[] = [];
    let waits = false;
    for (const limit of limits) {
      const one = limit.apply(caller);
      if (one instanceof Promise) waits = true;
      applied.push(one);
    }
    if (waits) return Promise.all(applied.map(async (one) => one)).then((resolved) => this.#count(limits, resolved, onRefused));
    return this.#count(limits, applied as AppliedLimit[], onRefused);
  }

  /** The same for one enforced limit, which is what nearly every route has, without the lists. */
  #decideOne(limit: CompiledLimit, caller: Caller, onRefused: RefusalListener): LimitOutcome | Promise<LimitOutcome> {
    const applied = limit.apply(caller);
    if (applied instanceof Promise) return applied.then((resolved) => this.#count([limit], [resolved], onRefused));
    if (applied.kind !== 'count') return this.#count([limit], [applied], onRefused);
    const verdicts = this.#consume([applied.check], [limit]);
    if (verdicts instanceof Promise) {
      return verdicts.then((resolved) => this.#outcomeOfOne(limit, applied, resolved[0] as CounterVerdict, onRefused));
    }
    return this.#outcomeOfOne(limit, applied, verdicts[0] as CounterVerdict, onRefused);
  }

  #outcomeOfOne(
    limit: CompiledLimit,
    { check, tier }: CountedLimit,
    verdict: CounterVerdict,
    onRefused: RefusalListener,
  ): LimitOutcome {
    if (verdict.allowed) {
      return limit.scope === 'route' ? { outcome: 'allow', reports: [reportOf(limit, check, verdict)] } : UNLIMITED_OUTCOME;
    }
    const text = tier?.limit ?? limit.policy.limit;
    const block = blockOf(limit, check.caller, tier?.name ?? null, text, verdict, [reportOf(limit, check, verdict)]);
    onRefused(block, false);
    return block;
  }

  #count(
    limits: readonly CompiledLimit[],
    applied: readonly AppliedLimit[],
    onRefused: RefusalListener,
  ): LimitOutcome | Promise<LimitOutcome> {
    const enforced: Counted[] = [];
    let shadowed: Counted[] | null = null;
    for (let i = 0; i < limits.length; i++) {
      const limit = limits[i] as CompiledLimit;
      const one = applied[i] as AppliedLimit;
      if (one.kind === 'exempt') continue;
      const shadow = limit.policy.mode === 'shadow';
      if (one.kind === 'keyless') {
        const block = this.#keyless(limit);
        onRefused(block, shadow);
        if (!shadow) return block;
        continue;
      }
      const counted = { limit, check: one.check, tier: one.tier?.name ?? null, text: one.tier?.limit ?? limit.policy.limit };
      if (shadow) (shadowed ??= []).push(counted);
      else enforced.push(counted);
    }
    if (enforced.length === 0) return this.#shadow(shadowed, UNLIMITED_OUTCOME, onRefused);
    const verdicts = this.#consume(
      enforced.map(({ check }) => check),
      enforced.map(({ limit }) => limit),
    );
    return verdicts instanceof Promise
      ? verdicts.then((resolved) => this.#shadow(shadowed, this.#outcome(enforced, resolved, onRefused), onRefused))
      : this.#shadow(shadowed, this.#outcome(enforced, verdicts, onRefused), onRefused);
  }

  /** @param limits whose checks these are */
  #consume(
    checks: readonly CounterCheck[],
    limits: readonly CompiledLimit[],
  ): readonly CounterVerdict[] | Promise<readonly CounterVerdict[]> {
    try {
      const verdicts = this.options.store.consume(checks);
      if (!(verdicts instanceof Promise)) return verdicts;
      return verdicts.then(
        (resolved) => this.#storeAnswers(resolved),
        (error: unknown) => this.#withoutStore(checks, limits, error),
      );
    } catch (error) {
      return this.#withoutStore(checks, limits, error);
    }
  }

  #storeAnswers(verdicts: readonly CounterVerdict[]): readonly CounterVerdict[] {
    if (this.#storeFails) {
      this.#storeFails = false;
      this.options.onStoreHealth(null);
    }
    return verdicts;
  }

  /** Each limit says for itself what holds while nobody can count for all processes. */
  async #withoutStore(
    checks: readonly CounterCheck[],
    limits: readonly CompiledLimit[],
    error: unknown,
  ): Promise<readonly CounterVerdict[]> {
    if (!this.#storeFails) {
      this.#storeFails = true;
      this.options.onStoreHealth(isError(error) ? error : new CounterStoreError(String(error)));
    }
    const verdicts: CounterVerdict[] = [];
    for (let i = 0; i < checks.length; i++) {
      const verdict = await this.#verdictWithoutStore(limits[i] as CompiledLimit, checks[i] as CounterCheck);
      verdicts.push(verdict);
      if (!verdict.allowed) break;
    }
    return verdicts;
  }

  async #verdictWithoutStore({ policy }: CompiledLimit, check: CounterCheck): Promise<CounterVerdict> {
    const { rule } = check;
    const resetAt = this.options.clock() + rule.periodMs;
    if (policy.onStoreError === 'allow') return { allowed: true, remaining: rule.limit + rule.burst, resetAt, retryAfterMs: 0 };
    if (policy.onStoreError === 'deny') return { allowed: false, remaining: 0, resetAt, retryAfterMs: 1_000 };
    const [verdict] = await this.options.fallback.consume([check]);
    return verdict ?? { allowed: true, remaining: 0, resetAt, retryAfterMs: 0 };
  }

  #outcome(counted: readonly Counted[], verdicts: readonly CounterVerdict[], onRefused: RefusalListener): LimitOutcome {
    const reports: LimitReport[] = [];
    for (let i = 0; i < verdicts.length; i++) {
      const verdict = verdicts[i] as CounterVerdict;
      const { limit, check, tier, text } = counted[i] as Counted;
      if (limit.scope === 'route' || !verdict.allowed) reports.push(reportOf(limit, check, verdict));
      if (verdict.allowed) continue;
      // An outer limit says nothing of those of the route.
      const unasked = limit.scope === 'route' ? counted.slice(i + 1).map((other) => quotaOf(other.limit, other.check)) : [];
      const block = blockOf(limit, check.caller, tier, text, verdict, reports, unasked);
      onRefused(block, false);
      return block;
    }
    return reports.length === 0 ? UNLIMITED_OUTCOME : { outcome: 'allow', reports };
  }

  /** Counts beside the request, and only one that was let through: what it finds changes nothing for the caller. */
  #shadow(shadowed: readonly Counted[] | null, outcome: LimitOutcome, onRefused: RefusalListener): LimitOutcome {
    if (shadowed === null || outcome.outcome === 'block') return outcome;
    for (const { limit, check, tier, text } of shadowed) {
      const judge = ([verdict]: readonly CounterVerdict[]) => {
        if (verdict?.allowed === false) onRefused(blockOf(limit, check.caller, tier, text, verdict, []), true);
      };
      try {
        const verdicts = this.options.store.consume([check]);
        if (verdicts instanceof Promise) verdicts.then(judge, () => undefined);
        else judge(verdicts);
      } catch {
        // A store that fails is told by the limits that are enforced.
      }
    }
    return outcome;
  }

  #keyless(limit: CompiledLimit): RateLimitedBlock {
    const now = this.options.clock();
    return blockOf(limit, '', null, limit.policy.limit, { allowed: false, remaining: 0, resetAt: now, retryAfterMs: 1 }, []);
  }
}

function quotaOf({ scope, policy }: CompiledLimit, { rule }: CounterCheck): LimitQuota {
  return { scope, policy: policy.name, limit: rule.limit + rule.burst, periodMs: rule.periodMs };
}

function reportOf({ scope, policy }: CompiledLimit, { rule }: CounterCheck, { remaining, resetAt }: CounterVerdict): LimitReport {
  return { scope, policy: policy.name, limit: rule.limit + rule.burst, remaining, resetAt, periodMs: rule.periodMs };
}

function blockOf(
  { scope, policy }: CompiledLimit,
  caller: string,
  tier: string | null,
  limit: string,
  { resetAt, retryAfterMs }: CounterVerdict,
  reports: readonly LimitReport[],
  unasked: readonly LimitQuota[] = NONE,
): RateLimitedBlock {
  return {
    outcome: 'block',
    kind: 'rate_limited',
    scope,
    reason: '',
    policy: policy.name,
    limit,
    tier,
    caller,
    resetAt,
    retryAfterMs,
    reports,
    unasked,
  };
}
