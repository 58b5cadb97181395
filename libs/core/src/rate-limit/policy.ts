import { ValidationError } from '../model/errors.js';
import { read } from '../schema/check.js';
import {
  rateLimitInput,
  type MissingKeyPolicy,
  type RateLimitAlgorithm,
  type RateLimitInput,
  type RateLimitPolicy,
} from '../schema/rate-limit.js';

/**
 * Checks a limit and fills in what is left out. Nothing is stored that this does not let through.
 * @throws {ValidationError | InvalidLimitError}
 */
export function readPolicy(
  input: RateLimitInput,
  origin: RateLimitPolicy['origin'],
  defaultAlgorithm: RateLimitAlgorithm,
  field = 'rateLimit',
): RateLimitPolicy {
  if (typeof input !== 'object' || input === null)
    throw new ValidationError(field, "must be a limit, e.g. { limit: '100/minute' }");
  const { algorithm = defaultAlgorithm, tiers, key = tiers === undefined || tiers.length === 0 ? 'ip' : 'user' } = input;
  return { ...read(rateLimitInput, { ...input, algorithm, key }, field), origin };
}

/** What happens without a key where the policy leaves it open (wire contract, §9). */
export function missingKeyPolicy({ onMissingKey, key }: Pick<RateLimitPolicy, 'key' | 'onMissingKey'>): MissingKeyPolicy {
  return onMissingKey ?? (key === 'api_key' || key === 'unverified_api_key' || key === 'ip' ? 'fallback_ip' : 'exempt');
}
