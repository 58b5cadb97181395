import { list, object, orNull, partly, text, time, whole, yes, type Schema } from './schema.js';

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
  RegisterInput: partly(
    {
      app_id: { type: 'string', maxLength: 128, description: 'The service whose routes these are.' },
      states: { type: 'array', maxItems: 10_000, description: 'What the code declares; items that make no sense are skipped.' },
    },
    'states',
  ),
  CommitInput: object({
    writes: {
      type: 'array',
      maxItems: 10_000,
      items: partly(
        {
          kind: text,
          key: { type: 'string', maxLength: 1_200 },
          expected: { type: 'integer', minimum: 0, description: 'Revision that the record must have; 0 = it must not exist.' },
          value: { description: 'The record as it is stored; `null` or absent deletes it.' },
        },
        'kind',
        'key',
        'expected',
      ),
    },
    audit: {
      type: 'array',
      maxItems: 10_000,
      items: object({
        id: text,
        at: time,
        kind: text,
        key: text,
        action: text,
        service: orNull(text),
        actor: text,
        platform: text,
        reason: text,
      }),
    },
  }),
  HitsInput: object({
    hits: {
      type: 'array',
      maxItems: 1_000,
      items: object({
        id: text,
        at: time,
        route: text,
        method: text,
        caller: text,
        policy: text,
        limit: text,
        tier: orNull(text),
        resetAt: time,
        shadow: yes,
      }),
    },
  }),
} satisfies Record<string, Schema>;
