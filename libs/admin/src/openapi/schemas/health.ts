import { object, orNull, text, texts, time, whole, type Schema } from './schema.js';

export const HEALTH_SCHEMAS = {
  Status: object({ status: text }),
  Live: object({ status: text, now: time }),
  StateAccepted: object({ revision: whole }),
  Health: object({
    status: { type: 'string', enum: ['starting', 'ready', 'stale', 'state-lost', 'error', 'draining', 'closed'] },
    reason: { type: 'string', description: 'Why the state is not ready.' },
    reasons: { ...texts, description: 'All that is not as it should be.' },
    since: time,
    revision: whole,
    environment: text,
    service: orNull(text),
    streams: whole,
  }),
} satisfies Record<string, Schema>;
