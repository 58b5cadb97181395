import * as v from 'valibot';
import { isAddressBlock } from '../model/address-set.js';
import { parseLimit, UNLIMITED } from '../model/limit-string.js';
import type { Instant } from '../model/time.js';
import { rule, type Schema } from './check.js';
import {
  amount,
  bool,
  choice,
  duplicateIn,
  instant,
  list,
  matching,
  normalized,
  object,
  quoted,
  text,
  whole,
  type MembersOf,
} from './fields.js';
import { named } from './wire-name.js';

export const ALGORITHMS = ['fixed_window', 'sliding_window', 'moving_window', 'token_bucket'] as const;

/**
 * How requests are counted, and what may pass in one period at worst:
 *
 * - `fixed_window`: a window opens with the first attempt, and every attempt in it counts; 2 · (limit + burst), over a border.
 * - `sliding_window`: the present period, and the last one by its overlap; just under 2 · (limit + burst).
 * - `moving_window`: a log of what was accepted; limit + burst, exactly. Takes memory for each request accepted.
 * - `token_bucket`: limit + burst tokens, refilled evenly; 2 · limit + burst.
 */
export type RateLimitAlgorithm = (typeof ALGORITHMS)[number];

export const KEY_STRATEGIES = ['ip', 'user', 'api_key', 'unverified_api_key', 'global', 'custom'] as const;

/**
 * Whose requests are counted together. `api_key`: the key that the app accepted. `unverified_api_key`: whatever `X-API-Key` says, which the
 * caller can invent; a limit of ten times as much by address is added. `custom` = a function in the code decides.
 */
export type RateLimitKeyStrategy = (typeof KEY_STRATEGIES)[number];

export const MISSING_KEY_POLICIES = ['exempt', 'fallback_ip', 'block'] as const;

/** What happens to a request without a key (no user, no API key): let through uncounted, counted by address, refused. */
export type MissingKeyPolicy = (typeof MISSING_KEY_POLICIES)[number];

export const RATE_LIMIT_MODES = ['enforce', 'shadow', 'off'] as const;

/** `shadow` counts and records would-be blocks but refuses nobody and sets no headers. */
export type RateLimitMode = (typeof RATE_LIMIT_MODES)[number];

export const STORE_FAILURE_POLICIES = ['local', 'allow', 'deny'] as const;

/** What applies while the counter store fails: count in this process, let everything through, refuse everything. */
export type StoreFailurePolicy = (typeof STORE_FAILURE_POLICIES)[number];

export const MAX_BURST = 1_000_000_000;
export const MAX_COST = 1_000_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const limit = limitText("a limit such as '100/minute'", (value) => parseLimit(value).text);
const tierLimit = limitText(`a limit such as '100/minute', or '${UNLIMITED}'`, (value) =>
  value === UNLIMITED ? UNLIMITED : parseLimit(value).text,
);

/** @throws {InvalidLimitError} where a limit is read that cannot be parsed */
function limitText(what: string, canonical: (value: string) => string) {
  const message = `must be ${what}`;
  const parses = (value: string) => {
    try {
      return canonical(value) !== '';
    } catch {
      return false;
    }
  };
  return normalized(
    v.pipe(
      v.custom<string>(() => true),
      v.transform(canonical),
    ),
    v.pipe(v.string(message), v.check(parses, message)),
  );
}

const addressBlock = v.custom<string>(
  isAddressBlock,
  ({ input }) => `${quoted(input)} is not an address or CIDR block, e.g. 10.0.0.0/8 or 2001:db8::/32`,
);

const rateLimitTier = object({
  name: matching(NAME, 'the name of a tier'),
  /** A limit string, or `unlimited`. */
  limit: tierLimit,
});

export interface RateLimitTier extends v.InferOutput<typeof rateLimitTier> {}

const policyFields = {
  /** Tells several limits of one route apart: letters, digits, `.`, `_`, `-`; at most 64. Default `default`. */
  name: v.optional(matching(NAME, "a name of letters, digits, '.', '_' and '-' (at most 64)"), 'default'),
  /** `<count>/<period>`, e.g. `100/minute`, `5 per second`, `100/2minutes`; with tiers, what applies when none matches. */
  limit,
  /** Default: the module's `defaultAlgorithm`, else `fixed_window`. */
  algorithm: v.optional(choice(ALGORITHMS), 'fixed_window'),
  /** Whose requests are counted together. Default `ip`; with tiers `user`. `custom` = a function given in the code. */
  key: named('key_strategy', v.optional(choice(KEY_STRATEGIES), 'ip')),
  /** Default: `exempt` for `user` and `custom`, `fallback_ip` for `ip` and API keys: without an address, all such requests together. */
  onMissingKey: v.optional(v.nullable(choice(MISSING_KEY_POLICIES)), null),
  /** Added to the limit; whole, 0 to 1,000,000,000. Default 0. */
  burst: v.optional(whole(MAX_BURST), 0),
  /** Limits by tier; the value may be `unlimited`. At most 1,000. */
  tiers: v.optional(
    v.pipe(
      list(rateLimitTier),
      rule((tiers) =>
        duplicateIn(
          tiers.map((tier) => tier.name),
          (index) => [index, 'name'],
        ),
      ),
    ),
    [],
  ),
  /** The caller's attribute that names the tier. Default `plan`. */
  tierResolver: v.optional(matching(NAME, 'the name of an attribute'), 'plan'),
  /** Addresses and CIDR blocks, v4 and v6, that are not counted. At most 1,000. */
  exemptIps: v.optional(list(addressBlock), []),
  /** Roles that are not counted. At most 1,000. */
  exemptRoles: v.optional(list(v.pipe(text(128), v.minLength(1, 'must not be empty'))), []),
  /** What one request weighs; whole, 0 to 1,000,000. A function in the code takes precedence. Default 1. */
  cost: v.optional(whole(MAX_COST), 1),
  /** Default `enforce`. */
  mode: v.optional(choice(RATE_LIMIT_MODES), 'enforce'),
  /** What applies while the counter store fails. Default `local`. */
  onStoreError: v.optional(choice(STORE_FAILURE_POLICIES), 'local'),
} as const;

/** What callers may say about a limit. */
export const rateLimitInput = object(policyFields);

/** A limit as callers write it; only `limit` is required. */
export interface RateLimitInput extends v.InferInput<typeof rateLimitInput> {}

export const rateLimitPolicy = object({
  ...policyFields,
  /** Where it was declared or set: `decorator`, `throttler`, or an operator's override. */
  origin: choice(['decorator', 'throttler', 'override']),
});

/** One limit, completely resolved: plain data that can be stored, compared, and shown. */
export interface RateLimitPolicy extends v.InferOutput<typeof rateLimitPolicy> {}

const limitOverrideLayer = {
  /** May be empty: no limit applies. */
  policies: list(rateLimitPolicy),
  setAt: instant,
  /** The actor who set it. */
  setBy: text(),
  /** When it expires; `null` = it stays until it is changed or cleared. */
  expiresAt: v.nullable(instant),
} as const;

/** What an operator put in place of the declared limits. */
export interface RateLimitOverride extends MembersOf<typeof limitOverrideLayer> {
  /** What was set before and applies again afterwards. Never set when `expiresAt` is `null`. */
  readonly beneath: RateLimitOverride | null;
}

const rateLimitOverride: Schema<RateLimitOverride> = object({
  ...limitOverrideLayer,
  beneath: v.nullable(v.lazy(() => rateLimitOverride)),
});

const rateLimitResets = object({
  /** Grows with each reset of all callers; part of the counters' names. */
  generation: amount,
  /** The latest resets of single callers, oldest first. At most 32. */
  callers: list(object({ caller: text(10_000), sequence: amount })),
});

/** Which counters are to be forgotten. Every process does so when it hears of it, and only once. */
export interface RateLimitResets extends v.InferOutput<typeof rateLimitResets> {}

export const rateLimitRecord = object({
  service: v.nullable(text()),
  declared: list(rateLimitPolicy),
  /** `null` = the declared ones apply. */
  override: v.nullable(rateLimitOverride),
  resets: rateLimitResets,
});

/** The stored value of kind `rate-limit`: what the code declares on a route and what an operator put in its place. */
export interface RateLimitRecord extends v.InferOutput<typeof rateLimitRecord> {}

export const NO_RESETS: RateLimitResets = Object.freeze({ generation: 0, callers: [] });

const limitScopeLayer = {
  policy: rateLimitPolicy,
  /** Routes it does not count: `/path` or `METHOD:/path`. */
  exemptRoutes: list(text(2_048), 10_000),
  /** `false` = paused. */
  enabled: bool,
  setAt: instant,
  /** The actor who set it. */
  setBy: text(),
  /** When it expires; `null` = it stays until it is changed or cleared. */
  expiresAt: v.nullable(instant),
} as const;

interface LimitScopeLayer extends MembersOf<typeof limitScopeLayer> {
  /** What was set before and applies again afterwards; `null` = no limit. Never set when `expiresAt` is `null`. */
  readonly beneath: LimitScopeLayer | null;
}

const limitScope: Schema<LimitScopeLayer> = object({ ...limitScopeLayer, beneath: v.nullable(v.lazy(() => limitScope)) });

export const limitScopeRecord = object({ ...limitScopeLayer, beneath: v.nullable(limitScope), resets: rateLimitResets });

/** The stored value of kind `limit-scope`: one limit over everything, or over one service. */
export interface LimitScopeRecord extends v.InferOutput<typeof limitScopeRecord> {}

/** A request that was refused (or, in shadow mode, would have been). */
export interface RateLimitHit {
  /** UUID. */
  readonly id: string;
  readonly at: Instant;
  /** Key of the route. */
  readonly route: string;
  readonly method: string;
  /** The caller, as the key strategy sees it. */
  readonly caller: string;
  readonly policy: string;
  /** The limit string that held. */
  readonly limit: string;
  readonly tier: string | null;
  readonly resetAt: Instant;
  readonly shadow: boolean;
}

/** All given fields must match. */
export interface HitFilter {
  readonly route?: string;
  readonly caller?: string;
  readonly since?: Instant;
}
