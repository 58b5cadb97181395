import { randomUUID } from 'node:crypto';
import type { Author } from '../model/author.js';
import type { WebhookEvent } from '../schema/webhook.js';

/** What is sent to try a webhook out: of no commit, and about nothing but the webhook. */
export function testEvent(key: string, { actor = 'system', platform = 'code', reason = '' }: Author, now: number): WebhookEvent {
  return {
    id: randomUUID(),
    event: 'test',
    path: `webhook:${key}`,
    reason,
    timestamp: new Date(now).toISOString().replace('Z', '+00:00'),
    state: null,
    revision: 0,
    actor,
    platform,
    service: null,
    before: null,
    after: null,
  };
}
