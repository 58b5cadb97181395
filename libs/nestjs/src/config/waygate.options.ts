import type { EvaluationContext, LimitPhase, WaygateEngineOptions } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';
import type { RateLimitHeaders } from '../responses/rate-limit-headers.js';
import type { Identify } from '../identity/request-caller.js';

/**
 * Tells who or what flags are evaluated for. Called when a request evaluates its first flag, and not at all when it evaluates none; what
 * was made before the app's guards had run is made anew after them, so that `req.user` is known to handlers. One that throws is logged,
 * and flags are evaluated without a context.
 */
export type ContextOf = (request: never) => EvaluationContext;

/** Options of `WaygateModule.forRoot`; every one may be left out. */
export interface WaygateModuleOptions extends WaygateEngineOptions {
  /**
   * `global` (default) covers every route. `manual` covers only what carries `@UseWaygate()`, and leaves unknown paths alone.
   */
  readonly enforcement?: 'global' | 'manual';
  /**
   * What a route says outside of its environments. `not-found` (default): exactly what an unknown path gets.
   * `forbidden`: 403 with `ENV_GATED`, naming the environments.
   */
  readonly envGate?: 'not-found' | 'forbidden';
  /** Answers for blocked callers in place of the built-in JSON, for all routes that have none of their own. */
  readonly responses?: {
    readonly maintenance?: BlockResponder;
    readonly disabled?: BlockResponder;
    /** Gives up that gated routes look like unknown ones. */
    readonly envGated?: BlockResponder;
    readonly rateLimited?: BlockResponder;
  };
  /**
   * Which rate-limit headers go out: `legacy` (default) `X-RateLimit-*`, `standard` `RateLimit-Policy` and `RateLimit` of the IETF
   * draft, `both`, or `none`.
   */
  readonly headers?: RateLimitHeaders;
  /**
   * Takes over from `ThrottlerGuard`: `@Throttle()` and `@SkipThrottle()`, with the throttlers of `ThrottlerModule`, become limits that can
   * be seen and changed like any other. Remove the guard, keep the module.
   *
   * Throttlers with functions (`getTracker`, `generateKey`, `skipIf`, `limit`, …) are checked after the app's guards, because those may
   * ask who is calling; `{ phase: 'origin' }` checks all of them before.
   */
  readonly throttler?: boolean | { readonly phase?: LimitPhase };
  /**
   * Tells who or what flags are evaluated for, e.g. `(req) => ({ targetingKey: req.user.id, plan: req.user.plan })`. It holds for all that
   * the request does, services too. Default: requests have no context, and nothing is kept for them.
   */
  readonly context?: ContextOf;
  /** Tells who a request is from, for limits by user, role or plan. Default: what `req.user` says. */
  readonly identify?: Identify;
}

/** Injection token of the module's options. */
export const WAYGATE_OPTIONS = Symbol('WAYGATE_OPTIONS');
