import type { Caller } from '../model/caller.js';
import type { RateLimitPolicy } from '../schema/rate-limit.js';
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
}

export function explainLimit(limit: CompiledLimit, caller: Caller): ExplainedLimit {
  const { scope, phase, policy } = limit;
  const explained = { scope, phase, policy, caller: null, tier: null, limit: policy.limit, cost: policy.cost };
  if (limit.asksApp) return { ...explained, result: 'app' };
  const applied = limit.apply(caller);
  // Only functions of the app wait, and there are none.
  if (applied instanceof Promise) return { ...explained, result: 'app' };
  if (applied.kind !== 'count') return { ...explained, result: applied.kind === 'exempt' ? 'exempt' : 'refuse' };
  const { check, tier } = applied;
  const inForce = tier?.limit ?? policy.limit;
  return { ...explained, result: 'count', caller: check.caller, tier: tier?.name ?? null, limit: inForce, cost: check.cost };
}
