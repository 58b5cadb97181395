import { list, object, orNull, text, texts, time, whole, yes, type Schema } from './schema.js';

const webhook = {
  key: text,
  url: text,
  events: { ...texts, description: 'Empty = every change of how the API behaves.' },
  formatter: text,
  description: text,
  enabled: yes,
  disabled_reason: text,
  declared: yes,
  secrets: { type: 'array', items: object({ created_at: time, expires_at: orNull(time) }) },
  open: { type: 'integer', description: 'Deliveries that wait or are under way.' },
  dead: { type: 'integer', description: 'Deliveries that were given up.' },
  created_at: time,
  revision: whole,
} satisfies Record<string, Schema>;

export const WEBHOOK_SCHEMAS = {
  Webhook: object(webhook),
  WebhookWithSecret: object({ ...webhook, secret: orNull({ type: 'string', description: '`null` = it stays what it was.' }) }),
  WebhookTest: object({ ok: yes, status: orNull(whole), error: text }),
  Delivery: object({
    id: text,
    webhook: text,
    state: { type: 'string', enum: ['pending', 'claimed', 'delivered', 'dead'] },
    event: text,
    path: text,
    service: orNull(text),
    actor: text,
    reason: text,
    event_revision: whole,
    attempts: whole,
    next_attempt_at: orNull(time),
    settled_at: orNull(time),
    last_status: orNull(whole),
    last_error: text,
    created_at: time,
  }),
  Deliveries: object({ deliveries: list('Delivery'), next: orNull(text) }),
} satisfies Record<string, Schema>;
