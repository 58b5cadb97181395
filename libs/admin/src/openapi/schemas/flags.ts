import { CLAUSE_OPERATORS, FLAG_TYPES } from '@waygate/core';
import { list, object, orNull, partly, text, texts, time, whole, yes, type Schema } from './schema.js';

/** Of a variation in a rollout. */
export const weight: Schema = { type: 'integer', minimum: 0, maximum: 100_000, description: 'In 1/100 000.' };
const rollout: Schema = { ...list('RolloutVariation'), description: 'Weights add up to 100 000.' };
const bucketing = orNull({ $ref: '#/components/schemas/Bucketing' });
/** Of a flag or a segment. */
export const key: Schema = {
  type: 'string',
  description: 'One segment of a URL: no space, `/`, `\\`, `?`, `#` or `%`; at most 200 characters.',
};
const actions: Schema = { type: 'string', enum: ['enable', 'disable', 'update_rollout', 'add_rule', 'delete_rule'] };

const definition = {
  key,
  name: text,
  description: text,
  type: { type: 'string', enum: FLAG_TYPES, description: 'Cannot change.' },
  tags: texts,
  variations: { ...list('FlagVariation'), minItems: 2 },
  off_variation: { type: 'string', description: 'What everybody gets while the flag is off, or a prerequisite fails.' },
  fallthrough: { anyOf: [text, rollout], description: 'What everybody else gets: a variation, or a rollout.' },
  fallthrough_bucketing: bucketing,
  enabled: yes,
  prerequisites: list('Prerequisite'),
  targets: { type: 'object', additionalProperties: texts, description: 'Targeting keys by the variation they get.' },
  status: {
    type: 'string',
    enum: ['new', 'active', 'launched', 'inactive', 'deprecated', 'archived'],
    description: '`deprecated` and `archived` are set, the others derived.',
  },
  temporary: { type: 'boolean', description: 'Meant to be removed one day.' },
  maintainer: orNull(text),
  client_visible: { type: 'boolean', description: 'Whether tokens of role `client` see it.' },
} satisfies Record<string, Schema>;

const rule = {
  id: text,
  description: text,
  clauses: { ...list('RuleClause'), description: 'All must hold.' },
  variation: orNull(text),
  rollout: orNull(rollout),
  bucketing,
  track_events: yes,
} satisfies Record<string, Schema>;

const change = {
  id: text,
  execute_at: { type: 'string', description: 'ISO 8601; without an offset in UTC.' },
  action: actions,
  payload: {
    type: 'object',
    description:
      '`update_rollout`: `{variation}` or `{rollout, bucketing?}`; `add_rule`: a rule; `delete_rule`: `{rule_id}`; else nothing.',
  },
} satisfies Record<string, Schema>;

export const FLAG_SCHEMAS = {
  RuleClause: {
    type: 'object',
    properties: {
      attribute: { type: 'string', description: '`key` = the targeting key. Not read by the segment operators.' },
      operator: { type: 'string', enum: CLAUSE_OPERATORS },
      values: { type: 'array', description: 'Alternatives: any of them, or for the `not_` operators none.' },
      negate: { type: 'boolean', description: 'Inverts the verdict. Default `false`.' },
    },
    required: ['operator'],
  },
  RolloutVariation: object({ variation: text, weight }),
  RolloutStep: {
    ...partly(
      { weight, after: { type: ['string', 'number'], description: 'How long after the step before, such as `1d`.' } },
      'weight',
    ),
    additionalProperties: false,
  },
  Bucketing: partly({
    bucket_by: { ...orNull(text), description: 'Attribute whose value is hashed; `null` = the targeting key.' },
    salt: { ...orNull(text), description: 'Stands in for the key of the flag.' },
  }),
  FlagVariation: partly({ name: text, value: { description: 'Of the type of the flag.' }, description: text }, 'name', 'value'),
  Prerequisite: object({ flag_key: text, variation: text }),
  TargetingRule: object(rule),
  TargetingRuleInput: partly(rule),
  ScheduledChange: object({ ...change, execute_at: time, created_by: text, created_at: time }),
  ScheduledChangeInput: partly(change, 'execute_at', 'action'),
  ProgressiveRollout: object({
    id: text,
    variation: text,
    otherwise: text,
    rule_id: orNull(text),
    bucketing,
    steps: { type: 'array', items: object({ weight, after_ms: whole }) },
    started_at: time,
    paused_at: orNull(time),
    recorded_steps: whole,
    created_by: text,
  }),
  Flag: object({
    ...definition,
    rules: list('TargetingRule'),
    scheduled_changes: list('ScheduledChange'),
    created_at: time,
    updated_at: time,
    created_by: text,
    switch_back_at: orNull(time),
    progressive_rollout: orNull({ $ref: '#/components/schemas/ProgressiveRollout' }),
    revision: whole,
  }),
  FlagInput: {
    ...partly(
      { ...definition, rules: list('TargetingRuleInput'), scheduled_changes: list('ScheduledChangeInput') },
      'type',
      'variations',
      'off_variation',
      'fallthrough',
    ),
    description:
      'A flag as it is written. What is not said has its default; a Flag as it was read may be sent back. With PUT the URL has the key.',
  },
  FlagPatch: {
    ...partly({
      ...definition,
      rules: list('TargetingRuleInput'),
      scheduled_changes: list('ScheduledChangeInput'),
      reason: { ...text, description: 'Why, for the audit log.' },
    }),
    description: 'Fields that are given are replaced whole; `key` and `type` stay.',
  },
  StaleFlag: object({ key: text, reason: text, since: time }),
} satisfies Record<string, Schema>;
