import type { FlagStatus, FlagType } from '@waygate/core';
import type { WireInstant } from './routes.js';

export type { FlagStatus, FlagType };

export interface FlagVariation {
  readonly name: string;
  /** Boolean, string, number, object or array; never `null`. */
  readonly value: unknown;
  readonly description?: string;
}

export interface RolloutVariation {
  readonly variation: string;
  /** Thousandths of a percent, 0 to 100 000. */
  readonly weight: number;
}

export interface RuleClause {
  readonly attribute: string;
  readonly operator: string;
  readonly values: readonly unknown[];
  readonly negate?: boolean;
}

/** What decides about a share of a rollout. */
export interface Bucketing {
  /** Attribute whose value is hashed; `null` = the key. */
  readonly bucket_by: string | null;
  /** Mixed in, so that two flags choose differently; `null` = the flag's key. */
  readonly salt: string | null;
}

export interface TargetingRule {
  readonly id?: string;
  readonly description?: string;
  readonly clauses: readonly RuleClause[];
  readonly variation?: string | null;
  readonly rollout?: readonly RolloutVariation[] | null;
  readonly track_events?: boolean;
  readonly bucketing?: Bucketing | null;
}

export interface Prerequisite {
  readonly flag_key: string;
  readonly variation: string;
}

export interface ScheduledChange {
  readonly id?: string;
  readonly execute_at: WireInstant;
  readonly action: 'enable' | 'disable' | 'update_rollout' | 'add_rule' | 'delete_rule';
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly created_by?: string;
  readonly created_at?: WireInstant;
}

/** A variation that grows by steps of time. */
export interface ProgressiveRollout {
  readonly id: string;
  /** The growing variation. */
  readonly variation: string;
  /** What everybody else gets. */
  readonly otherwise: string;
  /** The rule whose outcome it replaces; `null` = the fallthrough's. */
  readonly rule_id: string | null;
  readonly bucketing: Bucketing | null;
  /** `after_ms`: how long after the step before, or after the start. */
  readonly steps: readonly { readonly weight: number; readonly after_ms: number }[];
  readonly started_at: WireInstant;
  /** `null` = it goes on. */
  readonly paused_at: WireInstant | null;
  /** So many steps stand in the audit log. */
  readonly recorded_steps: number;
  readonly created_by: string;
}

/** Other servers of this protocol do not send the optional fields. */
export interface FeatureFlag {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly type: FlagType;
  readonly tags: readonly string[];
  readonly variations: readonly FlagVariation[];
  readonly off_variation: string;
  /** One variation for all, or weights. */
  readonly fallthrough: string | readonly RolloutVariation[];
  readonly enabled: boolean;
  readonly prerequisites: readonly Prerequisite[];
  /** Variation → context keys. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly TargetingRule[];
  readonly scheduled_changes: readonly ScheduledChange[];
  readonly status: FlagStatus;
  readonly temporary: boolean;
  readonly maintainer: string | null;
  readonly created_at: WireInstant;
  readonly updated_at: WireInstant;
  readonly created_by: string;
  /** Whether tokens of the role `client` see it. */
  readonly client_visible?: boolean;
  readonly fallthrough_bucketing?: Bucketing | null;
  /** When it is switched back by itself. */
  readonly switch_back_at?: WireInstant | null;
  readonly progressive_rollout?: ProgressiveRollout | null;
  readonly revision?: number;
}

export interface FlagFilter {
  readonly type?: FlagType;
  readonly status?: FlagStatus;
  readonly tag?: string;
  /** Part of the key or of the name. */
  readonly q?: string;
}

/** What a flag needs; the rest has defaults. */
export type FlagInput = Pick<FeatureFlag, 'key' | 'name' | 'type' | 'variations' | 'off_variation' | 'fallthrough'> &
  Partial<FeatureFlag>;

export interface RolloutInput {
  /** The variation that grows. */
  readonly variation: string;
  /** What everybody else gets. Default: the fallthrough, or the rule's variation, where that is a single one. */
  readonly otherwise?: string;
  /** The rule whose outcome is replaced. Default: the fallthrough's. */
  readonly rule_id?: string;
  /** `weight` in thousandths of a percent, never falling; `after` such as `30m`: after the step before; nothing = at once. */
  readonly steps: readonly { readonly weight: number; readonly after?: string }[];
  readonly bucket_by?: string;
  readonly salt?: string;
  readonly reason?: string;
}

export interface EvaluationContext {
  readonly key?: string;
  readonly kind?: string;
  readonly email?: string | null;
  readonly ip?: string | null;
  readonly country?: string | null;
  readonly app_version?: string | null;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface FlagEvaluation {
  readonly flag_key: string;
  readonly value: unknown;
  readonly variation: string | null;
  /** `OFF FALLTHROUGH TARGET_MATCH RULE_MATCH PREREQUISITE_FAIL ERROR DEFAULT`. */
  readonly reason: string;
  readonly rule_id: string | null;
  readonly prerequisite_key: string | null;
  readonly error_message: string | null;
}
