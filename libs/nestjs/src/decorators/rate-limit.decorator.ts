import type { ExecutionContext } from '@nestjs/common';
import type { LimitPhase, RateLimitDeclaration, RateLimitFunctions, RateLimitInput } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';
import { declares } from './declaration.metadata.js';

/** Limits by tier, e.g. `{ free: '10/minute', pro: '100/minute', enterprise: 'unlimited' }`; the first holds where no tier matches. */
export type TieredLimits = Readonly<Record<string, string>>;

/** A function of the app that a limit asks about each request; the platform's request may be declared as what it is. */
export type AskedOfRequest<T> = (request: never, context: ExecutionContext) => T | Promise<T>;

export interface RateLimitDecoratorOptions extends Omit<RateLimitInput, 'limit' | 'tiers' | 'key' | 'tierResolver' | 'cost'> {
  /** Whose requests are counted together, or a function that says so. Default `ip`; with tiers `user`. */
  readonly key?: Exclude<RateLimitInput['key'], 'custom'> | AskedOfRequest<string | null | undefined>;
  /** The caller's attribute that names the tier (default `plan`), or a function that gives the name. */
  readonly tierResolver?: string | AskedOfRequest<string | null | undefined>;
  /** What one request weighs, or a function that says so. Whole, ≥ 0. Default 1. */
  readonly cost?: number | AskedOfRequest<number>;
  /**
   * `origin`: before the app's guards, so that requests they refuse count too, e.g. for attempts to sign in counted by the name in the
   * body. `identity`: after all of them. Default: `identity` where it asks who is calling or functions for key or tier, else `origin`.
   */
  readonly phase?: LimitPhase;
  /** What refused callers get instead of the built-in 429. */
  readonly response?: BlockResponder;
}

/**
 * Limits how often a route, or each route of a controller, may be called. Several on one handler all hold; they take the place of those on
 * its controller.
 * Callers over the limit get 429 with `RATE_LIMIT_EXCEEDED` and `Retry-After`.
 *
 * Limits by address or API key are checked before the app's guards; those that need to know who is calling (`user`, tiers,
 * `exemptRoles`, functions for key or tier) after them; `phase` says otherwise. Fails at boot when something about it is wrong.
 *
 * @param limit `<count>/<period>` such as `10/minute`, or limits by tier
 *
 * @example
 * ```ts
 * @RateLimit('10/second')
 * @RateLimit('1000/hour', { algorithm: 'token_bucket', key: 'api_key' })
 * @Get('search')
 * ```
 * @example
 * ```ts
 * @RateLimit({ free: '10/minute', pro: '100/minute', enterprise: 'unlimited' }, { key: 'user' })
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
