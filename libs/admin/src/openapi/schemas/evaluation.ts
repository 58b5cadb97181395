import { weight } from './flags.js';
import { list, object, orNull, partly, text, time, whole, yes, type Schema } from './schema.js';

const reason: Schema = {
  type: 'string',
  enum: ['OFF', 'FALLTHROUGH', 'TARGET_MATCH', 'RULE_MATCH', 'PREREQUISITE_FAIL', 'ERROR', 'DEFAULT', 'OVERRIDE'],
};
const step = (name: string, properties: Record<string, Schema>): Schema =>
  object({ step: { type: 'string', const: name }, ...properties });
const of: Schema = { type: 'string', enum: ['off', 'rule', 'fallthrough'] };

export const EVALUATION_SCHEMAS = {
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
} satisfies Record<string, Schema>;
