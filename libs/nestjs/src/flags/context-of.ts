import type { EvaluationContext } from '@waygate/core';

/**
 * Returns the evaluation context of a request. Called when a request evaluates its first flag, and again after the app's guards have run,
 * so that handlers see `req.user`. Not called for requests that evaluate no flag. When it throws, the error is logged and flags are
 * evaluated without a context.
 */
export type ContextOf = (request: never) => EvaluationContext;
