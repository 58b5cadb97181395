import { ACCESS_SCHEMAS } from './access.js';
import { AUDIT_SCHEMAS } from './audit.js';
import { CHANGE_SCHEMAS, conflict } from './changes.js';
import { EVALUATION_SCHEMAS } from './evaluation.js';
import { FLAG_SCHEMAS } from './flags.js';
import { HEALTH_SCHEMAS } from './health.js';
import { MAINTENANCE_SCHEMAS } from './maintenance.js';
import { OFREP_SCHEMAS } from './ofrep.js';
import { RATE_LIMIT_SCHEMAS } from './rate-limits.js';
import { ROUTE_SCHEMAS } from './routes.js';
import { SDK_SCHEMAS } from './sdk.js';
import { SEGMENT_SCHEMAS } from './segments.js';
import { WEBHOOK_SCHEMAS } from './webhooks.js';
import { object, orNull, partly, text, texts, time, whole, withWarnings, yes, type Schema } from './schema.js';

/** What answers look like, by name. */
export const ANSWERS = {
  Ok: withWarnings({ ok: yes }),
  Name: text,
  Error: partly(
    {
      error: text,
      ambiguous_matches: { ...texts, description: 'Route keys that a bare path may stand for.' },
      revision: { type: 'integer', description: 'What the record is at.' },
      unknown: { ...texts, description: 'With `Prefer: handling=strict`: the unknown names, with suggestions.' },
      may_have_changed: { type: 'boolean', description: 'With 503: it is unknown whether the change was made.' },
      dependants: { ...texts, description: 'What cannot do without it.' },
      change: { type: 'integer', description: 'Position of the change that cannot be made, from 0.' },
      conflicts: { type: 'array', items: conflict, description: 'Every change that expected another revision.' },
      later: {
        ...orNull(object({ revision: whole, action: text, actor: text, timestamp: time })),
        description: 'The first change of the same since then; `null` = it is not in the log any more.',
      },
    },
    'error',
  ),
  Deleted: object({ ok: yes, deleted: text }),
  ...ACCESS_SCHEMAS,
  ...CHANGE_SCHEMAS,
  ...ROUTE_SCHEMAS,
  ...MAINTENANCE_SCHEMAS,
  ...RATE_LIMIT_SCHEMAS,
  ...FLAG_SCHEMAS,
  ...SEGMENT_SCHEMAS,
  ...EVALUATION_SCHEMAS,
  ...OFREP_SCHEMAS,
  ...AUDIT_SCHEMAS,
  ...WEBHOOK_SCHEMAS,
  ...SDK_SCHEMAS,
  ...HEALTH_SCHEMAS,
} satisfies Record<string, Schema>;

export type AnswerName = keyof typeof ANSWERS;
