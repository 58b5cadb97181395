import { key } from './flags.js';
import { list, object, partly, text, texts, time, whole, type Schema } from './schema.js';

const members: Schema = { ...texts, description: 'Targeting keys; at most 200 000.' };
const segment = {
  key,
  name: text,
  description: text,
  included: members,
  excluded: members,
  tags: texts,
} satisfies Record<string, Schema>;

const segmentRule = { id: text, description: text, clauses: list('RuleClause') } satisfies Record<string, Schema>;

export const SEGMENT_SCHEMAS = {
  Segment: object({ ...segment, rules: list('SegmentRule'), created_at: time, updated_at: time, revision: whole }),
  SegmentInput: partly({ ...segment, rules: list('SegmentRuleInput') }),
  SegmentRule: object(segmentRule),
  SegmentRuleInput: partly(segmentRule),
} satisfies Record<string, Schema>;
