import type { EvaluationContext, LimitPhase, WaygateEngineOptions } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';
import type { RateLimitHeaders } from '../responses/rate-limit-headers.js';
import type { Identify } from '../identity/request-caller.js';

/**
 * Returns the evaluation context of a request. Called when a request evaluates its first flag, and again after the app's guards have run,
 * so that handlers see `req.user`. Not called for requests that evaluate no flag. When it throws, the error is logged and flags are
 * evaluated without a context.
 */
export type ContextOf = (request: never) => EvaluationContext;

/** Options of `WaygateModule.forRoot`. Every field is optional. */
export interface WaygateModuleOptions extends WaygateEngineOptions {
  /**
   * `global` covers every route. `manual` covers only handlers and controllers with `@UseWaygate()`, and not unknown paths.
   * Default: `global`.
   */
  readonly enforcement?: 'global' | 'manual';
  /**
   * What a route answers outside of its environments. `not-found`: exactly what an unknown path gets. `forbidden`: 403 with `ENV_GATED`
   * and the list of environments. Default: `not-found`.
   */
  readonly envGate?: 'not-found' | 'forbidden';
  /** Answers that replace the built-in JSON, for all routes that have none of their own. Default: the built-in JSON. */
  readonly responses?: {
    readonly maintenance?: BlockResponder;
    readonly disabled?: BlockResponder;
    /** With it, gated routes no longer look like unknown paths. */
    readonly envGated?: BlockResponder;
    readonly rateLimited?: BlockResponder;
  };
  /**
   * Which rate-limit headers are sent: `legacy` = `X-RateLimit-*`, `standard` = `RateLimit-Policy` and `RateLimit` of the IETF draft,
   * `both`, or `none`. Default: `legacy`.
   */
  readonly headers?: RateLimitHeaders;
  /**
   * Takes over from `ThrottlerGuard`: `@Throttle()` and `@SkipThrottle()`, with the throttlers of `ThrottlerModule`, become limits that you
   * can inspect and change like any other. Remove the guard and keep the module. Default: `false`.
   *
   * Throttlers with functions (`getTracker`, `generateKey`, `skipIf`, `limit`, …) are checked after the app's guards, because the
   * functions may depend on the caller. `{ phase: 'origin' }` checks all of them before.
   */
  readonly throttler?: boolean | { readonly phase?: LimitPhase };
  /**
   * Returns the evaluation context of a request, e.g. `(req) => ({ targetingKey: req.user.id, plan: req.user.plan })`. Services that the
   * request calls use it too. Default: none; requests have no context and nothing is kept for them.
   */
  readonly context?: ContextOf;
  /** Returns who a request is from, for limits by user, role, or plan. Default: read from `req.user`. */
  readonly identify?: Identify;
}

/** Injection token of the module's options. */
export const WAYGATE_OPTIONS = Symbol('WAYGATE_OPTIONS');
