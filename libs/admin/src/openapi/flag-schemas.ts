import { list, object, orNull, partly, text, texts, time, whole, yes, type Schema } from './schema.js';

const weight: Schema = { type: 'integer', minimum: 0, maximum: 100_000, description: 'In 1/100 000.' };
const rollout: Schema = { ...list('RolloutVariation'), description: 'Weights add up to 100 000.' };
const bucketing = orNull({ $ref: '#/components/schemas/Bucketing' });
const reason: Schema = {
  type: 'string',
  enum: ['OFF', 'FALLTHROUGH', 'TARGET_MATCH', 'RULE_MATCH', 'PREREQUISITE_FAIL', 'ERROR', 'DEFAULT', 'OVERRIDE'],
};
const key: Schema = {
  type: 'string',
  description: 'One segment of a URL: no space, `/`, `\\`, `?`, `#` or `%`; at most 200 characters.',
};
const members: Schema = { ...texts, description: 'Targeting keys; at most 200 000.' };
const actions: Schema = { type: 'string', enum: ['enable', 'disable', 'update_rollout', 'add_rule', 'delete_rule'] };

const definition = {
  key,
  name: text,
  description: text,
  type: { type: 'string', enum: ['boolean', 'string', 'integer', 'float', 'json'], description: 'Cannot change.' },
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

const segment = { key, name: text, description: text, included: members, excluded: members, tags: texts } satisfies Record<
  string,
  Schema
>;
const segmentRule = { id: text, description: text, clauses: list('RuleClause') } satisfies Record<string, Schema>;
const step = (name: string, properties: Record<string, Schema>): Schema =>
  object({ step: { type: 'string', const: name }, ...properties });
const of: Schema = { type: 'string', enum: ['off', 'rule', 'fallthrough'] };

/** Flags and segments, and what evaluating them gives. */
export const FLAG_SCHEMAS = {
  EvaluationContext: {
    type: 'object',
    description: 'Who is asking.',
    properties: {
      key: { type: 'string', description: 'The targeting key. Default `anonymous`.' },
      kind: { type: 'string', description: 'What the key is of. Default `user`.' },
      email: orNull(text),
      ip: orNull(text),
      country: orNull(text),
      app_version: orNull(text),
      attributes: { type: 'object', description: 'Whatever else rules ask for.' },
    },
  },
  RuleClause: {
    type: 'object',
    properties: {
      attribute: { type: 'string', description: '`key` = the targeting key. Not read by the segment operators.' },
      operator: {
        type: 'string',
        enum: [
          'is',
          'is_not',
          'in',
          'not_in',
          'contains',
          'not_contains',
          'starts_with',
          'ends_with',
          'matches',
          'not_matches',
          'gt',
          'gte',
          'lt',
          'lte',
          'before',
          'after',
          'semver_eq',
          'semver_lt',
          'semver_lte',
          'semver_gt',
          'semver_gte',
          'in_cidr',
          'in_segment',
          'not_in_segment',
        ],
      },
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
    ...partly({ ...definition, rules: list('TargetingRuleInput'), scheduled_changes: list('ScheduledChangeInput') }),
    description: 'Fields that are given are replaced whole; `key` and `type` stay.',
  },
  Segment: object({ ...segment, rules: list('SegmentRule'), created_at: time, updated_at: time, revision: whole }),
  SegmentInput: partly({ ...segment, rules: list('SegmentRuleInput') }),
  SegmentRule: object(segmentRule),
  SegmentRuleInput: partly(segmentRule),
  FlagDetails: object({
    flag_key: text,
    value: { description: '`null` = the caller’s own default.' },
    variation: orNull(text),
    reason,
    rule_id: orNull(text),
    prerequisite_key: orNull(text),
    error_message: orNull(text),
  }),
  ExplainedClause: partly(
    {
      attribute: text,
      operator: text,
      values: { type: 'array' },
      negate: yes,
      saw: { description: 'What the context says; for the segment operators the targeting key.' },
      holds: yes,
      segments: { type: 'array', items: object({ key: text, exists: yes, contains: yes }) },
    },
    'attribute',
    'operator',
    'values',
    'negate',
    'saw',
    'holds',
  ),
  ExplainedStep: {
    anyOf: [
      step('archived', {}),
      step('switch', { enabled: yes, switch_back_at: orNull(time) }),
      step('prerequisite', { flag_key: text, wanted: text, got: orNull(text), got_reason: orNull(reason), holds: yes }),
      step('targets', { key: orNull(text), variation: orNull(text) }),
      step('rule', { rule_id: text, description: text, clauses: list('ExplainedClause'), holds: yes }),
      step('variation', { of, variation: text }),
      step('rollout', {
        of,
        progressive: { type: 'boolean', description: 'The weights come from a progressive rollout, as it stands now.' },
        bucket_by: text,
        hashed: orNull(text),
        bucket: { ...orNull(whole), description: '0 to 99 999.' },
        shares: { type: 'array', items: object({ variation: text, weight, from: whole, to: whole, chosen: yes }) },
      }),
    ],
  },
  FlagExplanation: object({
    flag_key: text,
    details: { $ref: '#/components/schemas/FlagDetails' },
    steps: { ...list('ExplainedStep'), description: 'Up to the one that decided.' },
  }),
  StaleFlag: object({ key: text, reason: text, since: time }),
  EvaluationCount: object({ flag_key: text, variation: orNull(text), minute: time, count: whole }),
  Evaluation: object({
    timestamp: time,
    flag_key: text,
    variation: orNull(text),
    value: {},
    reason,
    rule_id: orNull(text),
    key: orNull(text),
  }),
  OfrepRequest: partly({
    context: {
      type: 'object',
      properties: { targetingKey: text },
      description: 'The context as OpenFeature has it: `targetingKey`, and any attributes.',
    },
  }),
  OfrepFailure: partly({ key: text, errorCode: text, errorDetails: text }, 'errorCode'),
  OfrepEvaluation: partly(
    { key: text, value: {}, reason: text, variant: text, metadata: { type: 'object' } },
    'key',
    'value',
    'reason',
    'metadata',
  ),
  OfrepEvaluations: partly(
    {
      flags: {
        type: 'array',
        items: { anyOf: [{ $ref: '#/components/schemas/OfrepEvaluation' }, { $ref: '#/components/schemas/OfrepFailure' }] },
      },
      eventStreams: {
        type: 'array',
        description: 'Where to hear of changes; only for tokens of role `client`.',
        items: object({ type: text, endpoint: object({ requestUri: text }), inactivityDelaySec: whole }),
      },
    },
    'flags',
  ),
} satisfies Record<string, Schema>;
