import type { EvaluationContext } from '../model/evaluation-context.js';
import type { FlagValue } from '../schema/flag.js';
import type { JsonValue } from '../model/json.js';
import { errorMessage } from '../native-errors/native-error.js';
import type { EvaluationLog } from './evaluation-log.js';
import { ErrorCode, type FlagDetails } from './flag-details.js';
import type { FlagTable } from './flag-table.js';
import { Outcome } from './outcome.js';
import { Tally } from './tally.js';

/** Types of values a caller can ask for; `json` flags give `object`. */
export type RequestedType = 'boolean' | 'string' | 'number' | 'object';

/** Values that stand in for flags, in tests: gives those in force, `undefined` = none. */
export type FlagOverrides = () => ReadonlyMap<string, FlagValue> | undefined;

const NO_CONTEXT: EvaluationContext = Object.freeze({});

/** Evaluates flags for callers: synchronous, without I/O, and never throws. */
export class FlagEvaluator {
  /** What the snapshot says may be out of date. */
  stale = false;
  #overrides: FlagOverrides | null = null;

  constructor(
    private readonly table: FlagTable,
    private readonly log: EvaluationLog,
  ) {}

  /** Lets tests stand in for flags; `null` = none do. Prefer `overrideFlags` of the testing entry point, which restores. */
  setOverrides(overrides: FlagOverrides | null): void {
    this.#overrides = overrides;
  }

  boolean(key: string, fallback: boolean, context: EvaluationContext = NO_CONTEXT): boolean {
    const { value } = this.outcome(key, context);
    return typeof value === 'boolean' ? value : fallback;
  }

  string<T extends string = string>(key: string, fallback: T, context: EvaluationContext = NO_CONTEXT): T {
    const { value } = this.outcome(key, context);
    return typeof value === 'string' ? (value as T) : fallback;
  }

  number<T extends number = number>(key: string, fallback: T, context: EvaluationContext = NO_CONTEXT): T {
    const { value } = this.outcome(key, context);
    return typeof value === 'number' ? (value as T) : fallback;
  }

  object<T extends JsonValue = JsonValue>(key: string, fallback: T, context: EvaluationContext = NO_CONTEXT): T {
    const { value } = this.outcome(key, context);
    return typeof value === 'object' ? (value as T) : fallback;
  }

  /** The value and how it came about; the default given where there is no value of the type asked for. */
  details<T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext = NO_CONTEXT,
    type: RequestedType = typeOf(fallback),
  ): FlagDetails<T> {
    const outcome = this.outcome(key, context);
    const { value } = outcome;
    if (value !== undefined && typeof value !== type) return mismatch(outcome, type, fallback);
    return this.#marked(outcome.details(fallback)) as FlagDetails<T>;
  }

  /** The value, of whatever type, and how it came about; `null` where the caller's default would be given. */
  evaluate(key: string, context: EvaluationContext = NO_CONTEXT): FlagDetails {
    return this.#marked(this.outcome(key, context).details(null));
  }

  /** How the flag resolves; counted. */
  outcome(key: string, context: EvaluationContext): Outcome {
    let outcome: Outcome | undefined;
    try {
      if (this.#overrides !== null) {
        const value = this.#overrides()?.get(key);
        if (value !== undefined) return overridden(key, value);
      }
      const problem = contextProblem(context);
      if (problem !== null) return failure(key, ErrorCode.INVALID_CONTEXT, problem);
      outcome = this.table.resolve(key, context);
      if (outcome === undefined) return failure(key, ErrorCode.FLAG_NOT_FOUND, `There is no flag '${key}'.`);
      this.log.saw(outcome, context);
      return outcome;
    } catch (error) {
      // Attributes of a context may be getters of the application, and listeners are its code too.
      return outcome ?? failure(key, ErrorCode.GENERAL, errorMessage(error));
    }
  }

  #marked<T>(details: FlagDetails<T>): FlagDetails<T> {
    return this.stale && details.errorCode === undefined ? { ...details, openFeatureReason: 'STALE' } : details;
  }
}

function typeOf(value: JsonValue): RequestedType {
  const type = typeof value;
  return type === 'boolean' || type === 'string' || type === 'number' ? type : 'object';
}

function contextProblem(context: EvaluationContext): string | null {
  if (typeof context !== 'object' || context === null) return 'The context must be an object.';
  const { targetingKey } = context;
  if (typeof targetingKey === 'string' || targetingKey === undefined || targetingKey === null) return null;
  return 'The targeting key must be text.';
}

/** An outcome of no flag: not counted, since anybody can ask for any key. */
function failure(flagKey: string, errorCode: ErrorCode, errorMessage: string): Outcome {
  return new Outcome({
    flagKey,
    revision: 0,
    tally: new Tally(flagKey, null),
    value: undefined,
    variation: null,
    reason: 'ERROR',
    openFeatureReason: 'ERROR',
    errorCode,
    errorMessage,
  });
}

function overridden(flagKey: string, value: FlagValue): Outcome {
  return new Outcome({
    flagKey,
    revision: 0,
    tally: new Tally(flagKey, null),
    value,
    variation: 'override',
    reason: 'OVERRIDE',
    openFeatureReason: 'STATIC',
  });
}

function mismatch<T>(outcome: Outcome, type: RequestedType, value: T): FlagDetails<T> {
  return {
    ...outcome.details(value),
    value,
    variation: null,
    reason: 'ERROR',
    openFeatureReason: 'ERROR',
    errorCode: ErrorCode.TYPE_MISMATCH,
    errorMessage: `The flag '${outcome.flagKey}' gives a value of the type ${typeof outcome.value}, not ${type}.`,
  };
}
