import { isAddressBlock } from '../model/address-set.js';
import { ValidationError } from '../model/errors.js';
import {
  MAX_BURST,
  MAX_COST,
  type MissingKeyPolicy,
  type RateLimitAlgorithm,
  type RateLimitKeyStrategy,
  type RateLimitMode,
  type RateLimitPolicy,
  type RateLimitTier,
  type StoreFailurePolicy,
} from '../model/rate-limit.js';
import { parseLimit, UNLIMITED } from '../model/limit-string.js';

/** A limit as callers write it; only `limit` must be given. */
export interface RateLimitInput {
  /** Tells several limits of one route apart: letters, digits, `.`, `_`, `-`. Default `default`. */
  readonly name?: string;
  /** `<count>/<period>`, e.g. `100/minute`, `5 per second`, `100/2minutes`; with tiers, what holds when none matches. */
  readonly limit: string;
  /** Default: the module's `defaultAlgorithm`, else `fixed_window`. */
  readonly algorithm?: RateLimitAlgorithm;
  /** Default `ip`; with tiers `user`. `custom` = a function given in the code. */
  readonly key?: RateLimitKeyStrategy;
  /** Default: `exempt` for `user` and `custom`, `fallback_ip` for `ip` and `api_key`: without an address, all such requests together. */
  readonly onMissingKey?: MissingKeyPolicy | null;
  /** Added to the limit; whole, ≥ 0. Default 0. */
  readonly burst?: number;
  /** Limits by tier; the value may be `unlimited`. */
  readonly tiers?: readonly RateLimitTier[];
  /** The caller's attribute that names the tier. Default `plan`. */
  readonly tierResolver?: string;
  /** Addresses and CIDR blocks, v4 and v6, that are not counted. */
  readonly exemptIps?: readonly string[];
  /** Roles that are not counted. */
  readonly exemptRoles?: readonly string[];
  /** What one request weighs; whole, ≥ 0. Default 1. */
  readonly cost?: number;
  /** Default `enforce`. */
  readonly mode?: RateLimitMode;
  /** What holds while the counter store fails. Default `local`. */
  readonly onStoreError?: StoreFailurePolicy;
}

export const ALGORITHMS: readonly RateLimitAlgorithm[] = ['fixed_window', 'sliding_window', 'moving_window', 'token_bucket'];
const KEY_STRATEGIES: readonly RateLimitKeyStrategy[] = ['ip', 'user', 'api_key', 'global', 'custom'];
const MISSING_KEY: readonly MissingKeyPolicy[] = ['exempt', 'fallback_ip', 'block'];
const MODES: readonly RateLimitMode[] = ['enforce', 'shadow', 'off'];
const ON_STORE_ERROR: readonly StoreFailurePolicy[] = ['local', 'allow', 'deny'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_LIST = 1_000;

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
  const tiers = readTiers(input.tiers ?? [], `${field}.tiers`);
  return {
    name: matching(input.name ?? 'default', NAME, `${field}.name`, "a name of letters, digits, '.', '_' and '-' (at most 64)"),
    limit: parseLimit(input.limit).text,
    algorithm: oneOf(input.algorithm ?? defaultAlgorithm, ALGORITHMS, `${field}.algorithm`),
    key: oneOf(input.key ?? (tiers.length > 0 ? 'user' : 'ip'), KEY_STRATEGIES, `${field}.key`),
    onMissingKey: input.onMissingKey == null ? null : oneOf(input.onMissingKey, MISSING_KEY, `${field}.onMissingKey`),
    burst: wholeNumber(input.burst ?? 0, MAX_BURST, `${field}.burst`),
    tiers,
    tierResolver: matching(input.tierResolver ?? 'plan', NAME, `${field}.tierResolver`, 'the name of an attribute'),
    exemptIps: readList(input.exemptIps, `${field}.exemptIps`, checkCidr),
    exemptRoles: readList(input.exemptRoles, `${field}.exemptRoles`, checkRole),
    cost: wholeNumber(input.cost ?? 1, MAX_COST, `${field}.cost`),
    mode: oneOf(input.mode ?? 'enforce', MODES, `${field}.mode`),
    onStoreError: oneOf(input.onStoreError ?? 'local', ON_STORE_ERROR, `${field}.onStoreError`),
    origin,
  };
}

/** What happens without a key where the policy leaves it open (wire contract, §9). */
export function missingKeyPolicy({ onMissingKey, key }: Pick<RateLimitPolicy, 'key' | 'onMissingKey'>): MissingKeyPolicy {
  return onMissingKey ?? (key === 'api_key' || key === 'ip' ? 'fallback_ip' : 'exempt');
}

function readTiers(tiers: readonly RateLimitTier[], field: string): readonly RateLimitTier[] {
  const names = new Set<string>();
  return readList(tiers, field, (tier, at) => {
    if (typeof tier !== 'object' || tier === null)
      throw new ValidationError(at, "must be { name, limit }, e.g. { name: 'pro', limit: '100/minute' }");
    const name = matching(tier.name, NAME, `${at}.name`, 'the name of a tier');
    if (names.has(name)) throw new ValidationError(`${at}.name`, `'${name}' stands here twice`);
    names.add(name);
    return { name, limit: tier.limit === UNLIMITED ? UNLIMITED : parseLimit(tier.limit).text };
  });
}

function readList<T, R>(list: readonly T[] | undefined, field: string, read: (entry: T, at: string) => R): readonly R[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new ValidationError(field, 'must be a list');
  if (list.length > MAX_LIST) throw new ValidationError(field, `must have at most ${MAX_LIST} entries`);
  return list.map((entry: T, index) => read(entry, `${field}[${index}]`));
}

function checkCidr(block: string, field: string): string {
  if (!isAddressBlock(block)) {
    throw new ValidationError(field, `'${String(block)}' is not an address or CIDR block, e.g. 10.0.0.0/8 or 2001:db8::/32`);
  }
  return block;
}

function checkRole(role: string, field: string): string {
  if (typeof role !== 'string' || role === '' || role.length > 128)
    throw new ValidationError(field, 'must be a role of 1 to 128 characters');
  return role;
}

function wholeNumber(value: number, most: number, field: string): number {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new ValidationError(field, `must be a whole number from 0 to ${most}`);
  return value;
}

function matching(value: string, pattern: RegExp, field: string, what: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new ValidationError(field, `'${String(value)}' is not ${what}`);
  return value;
}

function oneOf<T extends string>(value: T, known: readonly T[], field: string): T {
  if (!known.includes(value)) throw new ValidationError(field, `'${String(value)}' is not known. Use one of ${known.join(', ')}`);
  return value;
}
