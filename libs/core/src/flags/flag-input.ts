import type { FlagStatus, FlagType, FlagValue, Prerequisite, RolloutVariation, ScheduledActionName } from '../model/flag.js';
import type { InstantInput } from '../model/time.js';
import type { ClauseInput } from './read-clause.js';

export interface VariationInput {
  readonly name: string;
  readonly value: FlagValue;
  readonly description?: string;
}

/** {@link Bucketing} as callers write it. */
export interface BucketingInput {
  readonly bucketBy?: string | null;
  readonly salt?: string | null;
}

export interface RuleInput {
  /** Default: made up. */
  readonly id?: string;
  readonly description?: string;
  readonly clauses?: readonly ClauseInput[];
  readonly variation?: string | null;
  readonly rollout?: readonly RolloutVariation[] | null;
  readonly bucketing?: BucketingInput | null;
  readonly trackEvents?: boolean;
}

/** A scheduled change as callers write it. */
export interface ScheduledChangeInput {
  readonly id?: string;
  readonly executeAt: InstantInput;
  readonly action: ScheduledActionName;
  /** `update_rollout`: `{ variation }` or `{ rollout, bucketing? }`; `add_rule`: a rule; `delete_rule`: `{ ruleId }`. */
  readonly payload?: object;
}

/** A flag as callers write it. Everything else is kept by Waygate itself. */
export interface FlagInput {
  readonly key: string;
  /** Default: the key. */
  readonly name?: string;
  readonly description?: string;
  readonly type: FlagType;
  readonly tags?: readonly string[];
  readonly variations: readonly VariationInput[];
  readonly offVariation: string;
  readonly fallthrough: string | readonly RolloutVariation[];
  readonly fallthroughBucketing?: BucketingInput | null;
  /** Default `true`. */
  readonly enabled?: boolean;
  readonly prerequisites?: readonly Prerequisite[];
  readonly targets?: Readonly<Record<string, readonly string[]>>;
  readonly rules?: readonly RuleInput[];
  readonly scheduledChanges?: readonly ScheduledChangeInput[];
  /** `deprecated` and `archived` are kept; all others are derived and count as `active`. */
  readonly status?: FlagStatus;
  /** Default `true`. */
  readonly temporary?: boolean;
  readonly maintainer?: string | null;
  /** Default `false`. */
  readonly clientVisible?: boolean;
}
