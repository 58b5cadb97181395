import type { WireInstant } from './routes.js';

export type FlagType = 'boolean' | 'string' | 'integer' | 'float' | 'json';
export type FlagStatus = 'new' | 'active' | 'launched' | 'inactive' | 'deprecated' | 'archived';

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

export interface TargetingRule {
  readonly id?: string;
  readonly description?: string;
  readonly clauses: readonly RuleClause[];
  readonly variation?: string | null;
  readonly rollout?: readonly RolloutVariation[] | null;
  readonly track_events?: boolean;
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
}

/** What a flag needs; the rest has defaults. */
export type FlagInput = Pick<FeatureFlag, 'key' | 'name' | 'type' | 'variations' | 'off_variation' | 'fallthrough'> &
  Partial<FeatureFlag>;

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
