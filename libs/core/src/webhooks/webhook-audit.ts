import { auditEntry, type Author } from '../model/author.js';
import type { AuditEntry } from '../schema/audit.js';
import type { AuditAction } from '../model/vocabulary.js';
import type { WebhookRecord } from '../schema/webhook.js';
import { redacted } from './redaction.js';

/** What the audit log tells of a change: neither secrets nor whole URLs. */
export function webhookAudit(
  action: AuditAction,
  key: string,
  before: WebhookRecord | null,
  after: WebhookRecord | null,
  author: Author,
  now: number,
): AuditEntry {
  const hidden = (record: WebhookRecord | null) => (record === null ? null : redacted(record));
  return auditEntry({ action, kind: 'webhook', key, service: null, before: hidden(before), after: hidden(after) }, author, now);
}
