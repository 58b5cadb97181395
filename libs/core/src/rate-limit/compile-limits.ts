import type { RateLimitPolicy } from '../schema/rate-limit.js';
import type { AddressGrouping } from './address-key.js';
import { CompiledLimit, type LimitCode, type LimitScope } from './compiled-limit.js';

/** How many keys one address may use up at a time where keys are not verified. */
const KEYS_PER_ADDRESS = 10;

/** What limits are compiled from beside their policy. */
export interface LimitSource {
  readonly scope: LimitScope;
  /** Names the counters: the scope or route, the policy, the generation. */
  readonly counterId: string;
  readonly code: LimitCode;
  readonly grouping: AddressGrouping;
  readonly onFunctionError: (what: string, error: unknown) => void;
}

/**
 * The limits that a policy makes: itself and, where it counts by keys that nobody verified, one of ten times as much by address. Otherwise
 * a caller with an invented key for each request would never be refused.
 */
export function compileLimits(policy: RateLimitPolicy, source: LimitSource): readonly CompiledLimit[] {
  const { scope, counterId, code, grouping, onFunctionError } = source;
  const limit = new CompiledLimit(scope, policy, counterId, code, grouping, onFunctionError);
  if (policy.key !== 'unverified_api_key') return [limit];
  const { blockMs } = code;
  const own: LimitCode = blockMs === undefined ? {} : { blockMs };
  return [new CompiledLimit(scope, byAddress(policy), `${counterId}|address`, own, grouping, onFunctionError), limit];
}

function byAddress(policy: RateLimitPolicy): RateLimitPolicy {
  const limit = policy.limit.replace(/^\d+/, (amount) => String(Number(amount) * KEYS_PER_ADDRESS));
  const burst = policy.burst * KEYS_PER_ADDRESS;
  return { ...policy, name: `${policy.name}-address`, key: 'ip', limit, burst, tiers: [], exemptRoles: [] };
}
