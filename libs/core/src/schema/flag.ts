import * as v from 'valibot';
import type { JsonValue } from '../model/json.js';
import { rule, type Misfit, type Schema } from './check.js';
import { clauses } from './clause.js';
import {
  amount,
  bool,
  choice,
  duration,
  firstOf,
  freeKey,
  instant,
  jsonMisfit,
  key,
  list,
  members,
  moment,
  name,
  object,
  partId,
  table,
  tags,
  text,
  whole,
} from './fields.js';
import { internal, named } from './wire-name.js';

export const FLAG_TYPES = ['boolean', 'string', 'integer', 'float', 'json'] as const;
export type FlagType = (typeof FLAG_TYPES)[number];

/** What a variation gives. Never `null`; for the type `json`, an object or an array. */
export type FlagValue = Exclude<JsonValue, null>;

/** Weights of a rollout add up to this: one unit is a thousandth of a percent. */
export const TOTAL_WEIGHT = 100_000;

const MAX_VARIATIONS = 100;
const MAX_RULES = 200;
const MAX_PREREQUISITES = 20;
const MAX_SCHEDULED_CHANGES = 100;
const MAX_STEPS = 1_000;

const description = v.optional(text(2_000), '');
const flagValue = v.pipe(
  v.custom<FlagValue>((value) => value !== null && value !== undefined, 'must not be null'),
  rule((value) => jsonMisfit(value)),
);

const flagVariation = object({
  name,
  /** Of the flag's type. */
  value: flagValue,
  description,
});
export interface FlagVariation extends v.InferOutput<typeof flagVariation> {}
export interface VariationInput extends v.InferInput<typeof flagVariation> {}

const rolloutVariation = object({
  variation: text(),
  /** 0 to {@link TOTAL_WEIGHT}. */
  weight: whole(TOTAL_WEIGHT),
});

/** A share of a rollout. */
export interface RolloutVariation extends v.InferOutput<typeof rolloutVariation> {}

const rollout = list(rolloutVariation, MAX_VARIATIONS);

const bucketing = object({
  /** Attribute whose value is hashed; `null` = the targeting key. */
  bucketBy: v.nullable(name),
  /** Hashed in place of the flag's key: rollouts with the same salt choose the same callers. `null` = the flag's key. */
  salt: v.nullable(text()),
});

/** How callers are told apart in a rollout. */
export interface Bucketing extends v.InferOutput<typeof bucketing> {}

/** {@link Bucketing} as callers write it. */
export interface BucketingInput {
  readonly bucketBy?: string | null;
  readonly salt?: string | null;
}

/** Without attribute and salt there is nothing to store. */
export const bucketingInput: Schema<Bucketing | null, BucketingInput | null> = v.pipe(
  v.nullable(object({ bucketBy: v.optional(v.nullable(name), null), salt: v.optional(v.nullable(text()), null) })),
  v.transform((given) => (given === null || (given.bucketBy === null && given.salt === null) ? null : given)),
);

const prerequisite = object({
  flagKey: key,
  /** What the other flag has to resolve to, while it is on. */
  variation: name,
});
export interface Prerequisite extends v.InferOutput<typeof prerequisite> {}

const ruleFields = {
  /** Unique within the flag. Default: a new UUID. */
  id: partId,
  description,
  /** At most 50; all must match. */
  clauses: v.optional(clauses, []),
  /** Takes precedence over `rollout`; `null` together with an empty rollout = what the fallthrough serves. */
  variation: v.optional(v.nullable(text()), null),
  rollout: v.optional(v.nullable(rollout), null),
  /** Marks evaluations that this rule decided. Default `false`. */
  trackEvents: v.optional(bool, false),
} as const;

const targetingRule = object({
  ...ruleFields,
  /** `null` = the targeting key, hashed with the flag's key. */
  bucketing: v.nullable(bucketing),
});

/** Serves a variation or a rollout to the callers all of whose clauses match; without clauses, to every caller. */
export interface TargetingRule extends v.InferOutput<typeof targetingRule> {}

const ruleInput = object({ ...ruleFields, bucketing: v.optional(bucketingInput) });

/** A rule as callers write it. `bucketing` left out: as it is. */
export interface RuleInput extends v.InferInput<typeof ruleInput> {}

const NEW_FALLTHROUGH = {
  variation: v.optional(v.nullable(text()), null),
  rollout: v.optional(v.nullable(rollout), null),
} as const;
const deletion = object({ ruleId: name });

/** What a scheduled change does. */
const scheduledActions = <const E extends v.ObjectEntries, R extends v.GenericSchema, B extends v.GenericSchema>(
  fields: E,
  rule: R,
  bucketed: B,
) =>
  v.variant(
    'action',
    [
      v.object({ ...fields, action: v.picklist(['enable', 'disable']), payload: v.optional(object({}), {}) }),
      v.object({ ...fields, action: v.literal('update_rollout'), payload: object({ ...NEW_FALLTHROUGH, bucketing: bucketed }) }),
      v.object({ ...fields, action: v.literal('add_rule'), payload: rule }),
      v.object({ ...fields, action: v.literal('delete_rule'), payload: deletion }),
    ],
    'must be one of enable, disable, update_rollout, add_rule, delete_rule',
  );

const scheduledChange = scheduledActions(
  { id: name, executeAt: instant, createdBy: text(), createdAt: instant },
  targetingRule,
  v.nullable(bucketing),
);

/** A change that is applied automatically at a moment. */
export type ScheduledChange = Readonly<v.InferOutput<typeof scheduledChange>>;
export type ScheduledActionName = ScheduledChange['action'];

/** What callers may say about a scheduled change. */
export const scheduledChangeInput = scheduledActions(
  { id: partId, executeAt: moment },
  ruleInput,
  v.optional(bucketingInput, null),
);

/** A scheduled change as callers write it. */
export type ScheduledChangeInput = Readonly<v.InferInput<typeof scheduledChangeInput>>;

const progressiveStep = object({
  /** Share of the growing variation from this step on, 0 to {@link TOTAL_WEIGHT}. */
  weight: whole(TOTAL_WEIGHT),
  /** Milliseconds after the step before, or after the start; pauses do not count. */
  after: named('after_ms', amount),
});

/** One step of a progressive rollout. */
export interface ProgressiveStep extends v.InferOutput<typeof progressiveStep> {}

const progressiveRollout = object({
  id: name,
  /** The growing variation. First in the rollout, so that no caller who has it loses it. */
  variation: text(),
  /** What all other callers get. */
  otherwise: text(),
  /** Rule whose outcome it replaces; `null` = the fallthrough. */
  ruleId: v.nullable(name),
  bucketing: v.nullable(bucketing),
  steps: v.pipe(list(progressiveStep, MAX_STEPS), v.minLength(1, 'must have at least one step')),
  startedAt: instant,
  /** Since when it is paused; `null` = it runs. */
  pausedAt: v.nullable(instant),
  /** Length of earlier pauses, in ms. */
  pausedMs: internal(amount),
  /** How many steps were recorded in the audit log. */
  recordedSteps: amount,
  createdBy: text(),
});

/**
 * A variation that grows by itself. Its share is computed from this and the clock; it takes the place of the fallthrough, or of what a
 * rule serves.
 */
export interface ProgressiveRollout extends v.InferOutput<typeof progressiveRollout> {}

/** The most steps that callers may plan. */
const MAX_PLANNED_STEPS = 100;

/** What callers may say about a progressive rollout. */
export const progressiveRolloutInput = object({
  /** The growing variation. */
  variation: text(),
  /** What all other callers get. Default: the fallthrough, or the rule's variation, where that is a single one. */
  otherwise: v.optional(text()),
  /** Rule whose outcome is replaced. Default: the fallthrough is. */
  ruleId: v.optional(text()),
  /** 1 to 100. Weights must not fall from step to step. */
  steps: v.pipe(
    list(
      object({
        /** Share from this step on, 0 to {@link TOTAL_WEIGHT}. */
        weight: whole(TOTAL_WEIGHT),
        /** How long after the step before, or after the start. Default 0: at once. */
        after: v.optional(duration, 0),
      }),
      MAX_PLANNED_STEPS,
    ),
    v.minLength(1, 'must have at least one step'),
    rule((steps) => fallingStep(steps)),
  ),
  /** Attribute whose value is hashed. Default: the targeting key. */
  bucketBy: v.optional(name),
  /** Hashed in place of the flag's key. Default: the flag's key. */
  salt: v.optional(text()),
});

/** A progressive rollout as callers write it. */
export interface ProgressiveRolloutInput extends v.InferInput<typeof progressiveRolloutInput> {}

function fallingStep(steps: readonly { readonly weight: number }[]): Misfit | null {
  return firstOf(steps.entries(), ([index, { weight }]) => {
    const previous = steps[index - 1];
    if (previous === undefined || weight >= previous.weight) return null;
    return { path: [index, 'weight'], problem: `must not be less than in the previous step (${previous.weight})` };
  });
}

export const FLAG_STATUSES = ['new', 'active', 'launched', 'inactive', 'deprecated', 'archived'] as const;

/** The lifecycle of a flag; `new`, `launched`, and `inactive` are derived when it is read. */
export type FlagStatus = (typeof FLAG_STATUSES)[number];

const fallthrough: Schema<string | readonly RolloutVariation[], string | readonly RolloutVariation[]> = v.lazy((given) =>
  Array.isArray(given) ? rollout : text(),
);

const flagFields = {
  key: freeKey(['counts', 'evaluations', 'explain', 'new', 'stale']),
  description,
  type: choice(FLAG_TYPES),
  /** At most 50. */
  tags: v.optional(tags, []),
  /** 2 to 100. */
  variations: v.pipe(list(flagVariation, MAX_VARIATIONS), v.minLength(2, 'must be at least two')),
  /** Served while the flag is off or a prerequisite fails. */
  offVariation: text(),
  /** Served when nothing else decided: a variation's name, or a rollout. */
  fallthrough,
  /** Default `true`. */
  enabled: v.optional(bool, true),
  /** At most 20. */
  prerequisites: v.optional(list(prerequisite, MAX_PREREQUISITES), []),
  /** Targeting keys by the variation they get; the order of variations is the order of evaluation. */
  targets: v.optional(table(members), {}),
  /** To be removed from the code. Default `true`. */
  temporary: v.optional(bool, true),
  maintainer: v.optional(v.nullable(text()), null),
} as const;

/** What callers may say about a flag. Waygate keeps everything else. */
export const flagInput = object({
  ...flagFields,
  /** Default: the key. */
  name: v.optional(text()),
  /** Left out: as it is. */
  fallthroughBucketing: v.optional(bucketingInput),
  /** At most 200. */
  rules: v.optional(list(ruleInput, MAX_RULES), []),
  /** At most 100. */
  scheduledChanges: v.optional(list(scheduledChangeInput, MAX_SCHEDULED_CHANGES), []),
  /** `deprecated` and `archived` are kept; all others are derived and count as `active`. */
  status: v.optional(choice(FLAG_STATUSES), 'active'),
  /** Left out: as it is; at first `false`. */
  clientVisible: v.optional(bool),
});

/** A flag as callers write it. Waygate keeps everything else. */
export interface FlagInput extends v.InferInput<typeof flagInput> {}

/** The members of a stored flag, without the rules among them. */
export const flagShape = object({
  ...flagFields,
  name: text(),
  fallthroughBucketing: v.nullable(bucketing),
  /** When `enabled` turns into its opposite automatically; `null` = it stays. */
  switchBackAt: v.nullable(instant),
  rules: list(targetingRule, MAX_RULES),
  scheduledChanges: list(scheduledChange, MAX_SCHEDULED_CHANGES),
  progressiveRollout: v.nullable(progressiveRollout),
  /** What an operator decided; the finer states are derived. */
  status: choice(['active', 'deprecated', 'archived']),
  /** Whether read-only client tokens see it. */
  clientVisible: bool,
  createdAt: instant,
  updatedAt: instant,
  createdBy: text(),
});

/** A feature flag as it is stored. */
export interface FlagRecord extends v.InferOutput<typeof flagShape> {}
