import type { Caller } from '../model/caller.js';
import type { RateLimitPolicy } from '../schema/rate-limit.js';
import type { Instant } from '../model/time.js';
import type { CounterCheck, CounterStore, CounterVerdict } from './counter-store.js';
import type { CompiledLimit, LimitPhase, LimitScope } from './compiled-limit.js';

/** What a limit would make of a request; nothing is counted. */
export interface ExplainedLimit {
  readonly scope: LimitScope;
  readonly phase: LimitPhase;
  readonly policy: RateLimitPolicy;
  /** `app` = a function of the app decides, which is not asked; `refuse` = the request has no key, and the limit refuses such. */
  readonly result: 'count' | 'exempt' | 'refuse' | 'app';
  /** Whom it is counted as; `null` = it is not. */
  readonly caller: string | null;
  /** Name of the tier that applies. */
  readonly tier: string | null;
  /** The limit in force for this caller. */
  readonly limit: string;
  readonly cost: number;
  /** What is counted now; `null` = it is not counted, or the counters cannot be read from here. */
  readonly usage: LimitUsage | null;
}

/** How a caller stands with a limit, read without counting. */
export interface LimitUsage {
  readonly used: number;
  /** Burst included. */
  readonly limit: number;
  /** When what is used is available again, or the window ends. */
  readonly resetAt: Instant;
  /** Whether the request would be refused; by a limit in shadow mode it is only recorded. */
  readonly refuses: boolean;
  /** Who counts: all processes together, or this one alone. */
  readonly countedBy: 'all processes' | 'this process';
}

/** Reads counters without consuming. */
export interface UsageReader {
  readonly store: CounterStore;
  readonly countedBy: LimitUsage['countedBy'];
}

/** @param reader `null` = the counters are in other processes */
export async function explainLimit(limit: CompiledLimit, caller: Caller, reader: UsageReader | null): Promise<ExplainedLimit> {
  const { scope, phase, policy } = limit;
  const explained = { scope, phase, policy, caller: null, tier: null, limit: policy.limit, cost: policy.cost, usage: null };
  if (limit.asksApp) return { ...explained, result: 'app' };
  const applied = limit.apply(caller);
  // Only functions of the app wait, and there are none.
  if (applied instanceof Promise) return { ...explained, result: 'app' };
  if (applied.kind !== 'count') return { ...explained, result: applied.kind === 'exempt' ? 'exempt' : 'refuse' };
  const { check, tier } = applied;
  const inForce = tier?.limit ?? policy.limit;
  const usage = reader === null ? null : await usageOf(check, reader);
  return {
    ...explained,
    result: 'count',
    caller: check.caller,
    tier: tier?.name ?? null,
    limit: inForce,
    cost: check.cost,
    usage,
  };
}

async function usageOf(check: CounterCheck, { store, countedBy }: UsageReader): Promise<LimitUsage | null> {
  const verdict = await look(check, store);
  if (verdict === undefined) return null;
  const { allowed, remaining, resetAt } = verdict;
  const limit = check.rule.limit + check.rule.burst;
  return {
    used: Math.max(0, limit - remaining),
    limit,
    resetAt: new Date(Math.min(resetAt, MAX_DATE)).toISOString(),
    refuses: !allowed || remaining < check.cost,
    countedBy,
  };
}

/** A store that cannot answer says nothing about the caller. */
async function look(check: CounterCheck, store: CounterStore): Promise<CounterVerdict | undefined> {
  try {
    return (await store.consume([{ ...check, cost: 0 }]))[0];
  } catch {
    return undefined;
  }
}

const MAX_DATE = 8.64e15;
