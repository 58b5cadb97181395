import { list, object, orNull, text, time, whole, yes, type Schema } from './schema.js';

export const SDK_SCHEMAS = {
  States: object({ states: list('RouteState') }),
  Snapshot: object({
    revision: whole,
    states: list('RouteState'),
    rate_limits: list('RateLimitPolicy'),
    flags: list('Flag'),
    segments: list('Segment'),
  }),
  Instances: object({
    revision: whole,
    instances: {
      type: 'array',
      items: object({
        id: text,
        service: orNull(text),
        version: orNull(text),
        revision: { type: 'integer', description: 'Number of the last change in force there.' },
        last_seen: time,
        connected: yes,
        stale: yes,
      }),
    },
  }),
} satisfies Record<string, Schema>;
