import type { FlagEvaluation } from './flags.js';
import type { WireInstant } from './routes.js';

/** One step of an evaluation. What stands beside `step` depends on it, is for people to read, and may grow. */
export interface FlagStep {
  readonly step: 'archived' | 'switch' | 'prerequisite' | 'targets' | 'rule' | 'variation' | 'rollout';
  readonly [more: string]: unknown;
}

/** How an evaluation came about. The last step decided. */
export interface FlagExplanation {
  readonly flag_key: string;
  readonly details: FlagEvaluation;
  readonly steps: readonly FlagStep[];
}

/** A flag that could be removed from the code, or should be looked at. */
export interface StaleFlag {
  readonly key: string;
  readonly reason: 'not_evaluated' | 'serves_one_value' | 'deprecated_in_use' | 'archived_in_use';
  readonly since: WireInstant;
}

/** So many evaluations of one process gave a variation within a minute. */
export interface EvaluationCount {
  readonly flag_key: string;
  /** `null` = the caller's default. */
  readonly variation: string | null;
  readonly minute: WireInstant;
  readonly count: number;
}

/** One evaluation; under load, one of many. */
export interface EvaluationSample {
  readonly timestamp: WireInstant;
  readonly flag_key: string;
  readonly variation: string | null;
  readonly value: unknown;
  readonly reason: string;
  readonly rule_id: string | null;
  /** Key of the context. */
  readonly key: string | null;
}
