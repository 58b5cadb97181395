import { MembersBody } from '../../flags/flags.dto.js';
import { tagged, type Operation, type Untagged } from './operation.js';

const segment = (summary: string, body?: Operation['body'] & {}): Untagged => ({
  summary,
  ...(body === undefined ? {} : { body }),
  answer: 'Segment',
});

export const SEGMENT_OPERATIONS = tagged('flags', {
  'GET /api/segments': { summary: 'Segments, by key.', answer: 'Segment', list: true },
  'GET /api/segments/:key': segment('One segment.'),
  'POST /api/segments': { ...segment('Defines a segment.', 'SegmentInput'), status: 201 },
  'PUT /api/segments/:key': segment('Defines a segment, or replaces it.', 'SegmentInput'),
  'DELETE /api/segments/:key': { summary: 'Deletes a segment that nothing refers to.', answer: 'Deleted' },
  'POST /api/segments/:key/include': segment('Adds members.', MembersBody),
  'POST /api/segments/:key/exclude': segment('Keeps callers out whatever the rules say.', MembersBody),
  'POST /api/segments/:key/forget': segment('Strikes callers off both lists.', MembersBody),
  'POST /api/segments/:key/rules': {
    ...segment('Adds a rule, or replaces the one of the same id.', 'SegmentRuleInput'),
    status: 201,
  },
  'DELETE /api/segments/:key/rules/:rule': segment('Removes a rule.'),
});
