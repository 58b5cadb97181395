import type { ExecutionContext } from '@nestjs/common';
import type { LimitPhase, RateLimitDeclaration, RateLimitFunctions, RateLimitInput } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';
import { declares } from './declaration.metadata.js';

/** Limits by tier, e.g. `{ free: '10/minute', pro: '100/minute', enterprise: 'unlimited' }`. The first applies to callers without a tier. */
export type TieredLimits = Readonly<Record<string, string>>;

/** A function of the app that a limit calls for each request. Declare `request` as the type your platform passes. */
export type AskedOfRequest<T> = (request: never, context: ExecutionContext) => T | Promise<T>;

/** Options of {@link RateLimit}. */
export interface RateLimitDecoratorOptions extends Omit<RateLimitInput, 'limit' | 'tiers' | 'key' | 'tierResolver' | 'cost'> {
  /** Whose requests are counted together, or a function that returns a key. Default: `ip`, with tiers `user`. */
  readonly key?: Exclude<RateLimitInput['key'], 'custom'> | AskedOfRequest<string | null | undefined>;
  /** The caller's attribute that names the tier, or a function that returns the name. Default: `plan`. */
  readonly tierResolver?: string | AskedOfRequest<string | null | undefined>;
  /** What one request counts, or a function that returns it. A whole number ≥ 0. Default: 1. */
  readonly cost?: number | AskedOfRequest<number>;
  /**
   * `origin`: before the app's guards, so that requests they reject count too, e.g. sign-in attempts counted by the name in the body.
   * `identity`: after all guards. Default: `identity` when the limit depends on the user or on functions for key or tier, else `origin`.
   */
  readonly phase?: LimitPhase;
  /** What callers over the limit get instead of the built-in 429. Default: the module's `responses.rateLimited`, then the built-in JSON. */
  readonly response?: BlockResponder;
}

/**
 * Limits how often a route, or each route of a controller, may be called. All limits of a handler apply. They replace those of its
 * controller. Callers over a limit get 429 with `RATE_LIMIT_EXCEEDED` and `Retry-After`.
 *
 * Limits by address or API key are checked before the app's guards. Limits that depend on the caller (`user`, tiers, `exemptRoles`,
 * functions for key or tier) are checked after them. `phase` overrides that.
 *
 * Boot fails with `ConfigurationError` when a limit is invalid.
 *
 * @param limit `<count>/<period>` such as `10/minute`, or limits by tier
 *
 * @example
 * ```ts
 * @Controller('search')
 * class SearchController {
 *   @Get()
 *   @RateLimit('10/second')
 *   @RateLimit('1000/hour', { algorithm: 'token_bucket', key: 'api_key' })
 *   search() {}
 * }
 * ```
 * @example
 * ```ts
 * @Controller('reports')
 * @RateLimit({ free: '10/minute', pro: '100/minute', enterprise: 'unlimited' }, { key: 'user' })
 * class ReportsController {
 *   @Get()
 *   list() {}
 * }
 * ```
 */
export function RateLimit(
  limit: string | TieredLimits,
  options: RateLimitDecoratorOptions = {},
): ClassDecorator & MethodDecorator {
  const { response, key, tierResolver, cost, ...rest } = options;
  const functions = {
    ...(typeof key === 'function' ? { key } : {}),
    ...(typeof tierResolver === 'function' ? { tier: tierResolver } : {}),
    ...(typeof cost === 'function' ? { cost } : {}),
  } as RateLimitFunctions;
  const declaration: RateLimitDeclaration = {
    ...rest,
    ...limitOrTiers(limit),
    ...(key === undefined ? {} : { key: typeof key === 'function' ? 'custom' : key }),
    ...(typeof tierResolver === 'string' ? { tierResolver } : {}),
    ...(typeof cost === 'number' ? { cost } : {}),
    ...(Object.keys(functions).length === 0 ? {} : { functions }),
  };
  return declares({ rateLimits: [declaration], ...(response === undefined ? {} : { responders: { rateLimited: response } }) });
}

function limitOrTiers(limit: string | TieredLimits): Pick<RateLimitInput, 'limit' | 'tiers'> {
  // What is neither, such as a variable of the environment that is not set, is refused with the route's name when the app starts.
  if (typeof limit !== 'object' || limit === null || Array.isArray(limit)) return { limit: limit as string };
  const tiers = Object.entries(limit).map(([name, tierLimit]) => ({ name, limit: tierLimit }));
  // A first tier without a limit leaves nothing to fall back on but the next one that has one.
  const base = tiers.find((tier) => tier.limit !== 'unlimited');
  return { limit: base?.limit ?? 'no tier of this limit has a count', tiers };
}
