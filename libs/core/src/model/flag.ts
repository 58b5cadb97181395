import type { RuleClause } from './clause.js';
import type { JsonValue } from './json.js';
import type { Instant } from './time.js';

export const FLAG_TYPES = ['boolean', 'string', 'integer', 'float', 'json'] as const;
export type FlagType = (typeof FLAG_TYPES)[number];

/** What a variation gives. Never `null`; for the type `json`, an object or an array. */
export type FlagValue = Exclude<JsonValue, null>;

/** Weights of a rollout add up to this: one unit is a thousandth of a percent. */
export const TOTAL_WEIGHT = 100_000;

export interface FlagVariation {
  readonly name: string;
  readonly value: FlagValue;
  readonly description: string;
}

/** A share of a rollout. */
export interface RolloutVariation {
  readonly variation: string;
  /** 0 to {@link TOTAL_WEIGHT}. */
  readonly weight: number;
}

/** How callers are told apart in a rollout. */
export interface Bucketing {
  /** Attribute whose value is hashed; `null` = the targeting key. */
  readonly bucketBy: string | null;
  /** Hashed in place of the flag's key: rollouts with the same salt choose the same callers. `null` = the flag's key. */
  readonly salt: string | null;
}

export interface Prerequisite {
  readonly flagKey: string;
  /** What the other flag has to resolve to, while it is on. */
  readonly variation: string;
}

/** Serves a variation or a rollout to the callers all of whose clauses hold; without clauses, to everybody. */
export interface TargetingRule {
  /** Unique within the flag. */
  readonly id: string;
  readonly description: string;
  readonly clauses: readonly RuleClause[];
  /** Comes before `rollout`; `null` together with an empty rollout = what the fallthrough serves. */
  readonly variation: string | null;
  readonly rollout: readonly RolloutVariation[] | null;
  /** `null` = the targeting key, hashed with the flag's key. */
  readonly bucketing: Bucketing | null;
  /** Marks evaluations that this rule decided. */
  readonly trackEvents: boolean;
}

/** A change that makes itself at a moment. */
export type ScheduledChange = {
  readonly id: string;
  readonly executeAt: Instant;
  readonly createdBy: string;
  readonly createdAt: Instant;
} & ScheduledAction;

export type ScheduledAction =
  | { readonly action: 'enable' | 'disable'; readonly payload: Readonly<Record<string, never>> }
  | {
      /** Replaces the fallthrough by a variation or a rollout. */
      readonly action: 'update_rollout';
      readonly payload: {
        readonly variation: string | null;
        readonly rollout: readonly RolloutVariation[] | null;
        readonly bucketing: Bucketing | null;
      };
    }
  | { readonly action: 'add_rule'; readonly payload: TargetingRule }
  | { readonly action: 'delete_rule'; readonly payload: { readonly ruleId: string } };

export type ScheduledActionName = ScheduledAction['action'];

/** One step of a progressive rollout. */
export interface ProgressiveStep {
  /** Share of the growing variation from this step on, 0 to {@link TOTAL_WEIGHT}. */
  readonly weight: number;
  /** Milliseconds after the step before, or after the start; pauses do not count. */
  readonly after: number;
}

/**
 * A variation that grows by itself. What share it has is computed from this and the clock; it takes the place of the fallthrough, or of
 * what a rule serves.
 */
export interface ProgressiveRollout {
  readonly id: string;
  /** The growing variation. Stands first in the rollout, so that nobody who has it loses it. */
  readonly variation: string;
  /** What everybody else gets. */
  readonly otherwise: string;
  /** Rule whose outcome it replaces; `null` = the fallthrough. */
  readonly ruleId: string | null;
  readonly bucketing: Bucketing | null;
  readonly steps: readonly ProgressiveStep[];
  readonly startedAt: Instant;
  /** Since when it stands still; `null` = it runs. */
  readonly pausedAt: Instant | null;
  /** Length of earlier pauses, in ms. */
  readonly pausedMs: number;
  /** How many steps were recorded in the audit log. */
  readonly recordedSteps: number;
  readonly createdBy: string;
}

/** What the lifecycle of a flag is called; `new`, `launched` and `inactive` are derived when it is read. */
export type FlagStatus = 'new' | 'active' | 'launched' | 'inactive' | 'deprecated' | 'archived';

/** A feature flag as it is stored. */
export interface FlagRecord {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly type: FlagType;
  readonly tags: readonly string[];
  /** At least two. */
  readonly variations: readonly FlagVariation[];
  /** Served while the flag is off or a prerequisite fails. */
  readonly offVariation: string;
  /** Served when nothing else decided: a variation's name, or a rollout. */
  readonly fallthrough: string | readonly RolloutVariation[];
  readonly fallthroughBucketing: Bucketing | null;
  readonly enabled: boolean;
  /** When `enabled` turns into its opposite by itself; `null` = it stays. */
  readonly switchBackAt: Instant | null;
  readonly prerequisites: readonly Prerequisite[];
  /** Targeting keys by the variation they get; the order of variations is the order of evaluation. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly TargetingRule[];
  readonly scheduledChanges: readonly ScheduledChange[];
  readonly progressiveRollout: ProgressiveRollout | null;
  /** What an operator decided; the finer states are derived. */
  readonly status: 'active' | 'deprecated' | 'archived';
  /** Meant to be removed from the code one day. */
  readonly temporary: boolean;
  readonly maintainer: string | null;
  /** Whether read-only client tokens see it. */
  readonly clientVisible: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly createdBy: string;
}
