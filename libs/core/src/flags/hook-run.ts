import { WaygateError } from '../model/errors.js';
import type { JsonValue } from '../model/json.js';
import { errorMessage, errorTrace } from '../native-errors/native-error.js';
import { ErrorCode } from './flag-details.js';
import type {
  OpenFeatureClientMetadata,
  OpenFeatureContext,
  OpenFeatureDetails,
  OpenFeatureEvaluationOptions,
  OpenFeatureHook,
  OpenFeatureHookContext,
  OpenFeatureLogger,
  OpenFeatureValueType,
} from './open-feature.js';

/** What error hooks are given for an evaluation that could not give a value. */
export class FlagEvaluationError extends WaygateError {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** One evaluation with hooks around it. */
export interface HookedEvaluation<T extends JsonValue> {
  /** API, client, invocation: the order in which `before` runs. */
  readonly hooks: readonly OpenFeatureHook[];
  readonly flagKey: string;
  readonly defaultValue: T;
  readonly flagValueType: OpenFeatureValueType;
  readonly context: OpenFeatureContext;
  readonly clientMetadata: OpenFeatureClientMetadata;
  readonly logger: OpenFeatureLogger;
  readonly options: OpenFeatureEvaluationOptions;
  readonly resolve: (context: OpenFeatureContext) => OpenFeatureDetails<T>;
}

interface Stage {
  readonly hook: OpenFeatureHook;
  readonly context: OpenFeatureHookContext;
}

/**
 * Runs hooks after the specification, section 4.4: `before` in order, then the evaluation, then `after` (or `error`) and `finally` in
 * reverse. What fails in `before` or `after` makes the evaluation fail; what fails in `error` and `finally` is logged.
 */
export async function evaluateWithHooks<T extends JsonValue>(run: HookedEvaluation<T>): Promise<OpenFeatureDetails<T>> {
  const { hooks, options, resolve } = run;
  // One object for all: what a hook adds is seen by those after it, and at every later stage.
  const context: OpenFeatureContext = { ...run.context };
  const stages = hooks.map((hook): Stage => ({ hook, context: hookContext(run, context) }));
  const reversed = stages.toReversed();
  const hints = Object.freeze(options.hookHints ?? {});
  let details: OpenFeatureDetails<T>;
  try {
    for (const stage of stages) {
      const added = await stage.hook.before?.(stage.context, hints);
      if (typeof added === 'object') Object.assign(context, added);
    }
    details = resolve(Object.freeze(context));
    if (details.errorCode === undefined) {
      for (const stage of reversed) await stage.hook.after?.(stage.context, details, hints);
    } else {
      const error = new FlagEvaluationError(details.errorCode, details.errorMessage ?? '');
      await quietly(reversed, run.logger, 'error', ({ hook, context: given }) => hook.error?.(given, error, hints));
    }
  } catch (error) {
    await quietly(reversed, run.logger, 'error', ({ hook, context: given }) => hook.error?.(given, error, hints));
    details = failed(run, error);
  }
  const final = details;
  await quietly(reversed, run.logger, 'finally', ({ hook, context: given }) => hook.finally?.(given, final, hints));
  return details;
}

function hookContext<T extends JsonValue>(run: HookedEvaluation<T>, context: OpenFeatureContext): OpenFeatureHookContext {
  const { flagKey, defaultValue, flagValueType, clientMetadata, logger } = run;
  const { providerMetadata } = clientMetadata;
  const hookData = new Map<string, unknown>();
  return Object.freeze({ flagKey, defaultValue, flagValueType, context, clientMetadata, providerMetadata, logger, hookData });
}

function failed<T extends JsonValue>({ flagKey, defaultValue }: HookedEvaluation<T>, error: unknown): OpenFeatureDetails<T> {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const known = Object.values(ErrorCode).find((each) => each === code);
  return {
    flagKey,
    value: defaultValue,
    reason: 'ERROR',
    flagMetadata: {},
    errorCode: known ?? ErrorCode.GENERAL,
    errorMessage: errorMessage(error),
  };
}

async function quietly(
  stages: readonly Stage[],
  logger: OpenFeatureLogger,
  name: string,
  call: (stage: Stage) => Promise<void> | void,
): Promise<void> {
  for (const stage of stages) {
    try {
      await call(stage);
    } catch (error) {
      logger.error(`A hook failed in '${name}': ${errorTrace(error)}`);
    }
  }
}
