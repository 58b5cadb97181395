import { createHash } from 'node:crypto';
import type { WebhookRecord, WebhookSettings } from '../schema/webhook.js';

/**
 * A webhook fit for audit entries and events. Its secrets are gone, and of its URL, which for Slack and others is a secret itself, only the
 * host is told, with a fingerprint by which a change can be seen.
 */
export function redacted(record: WebhookRecord): WebhookRecord {
  return {
    ...record,
    ...withoutUrl(record),
    declared: record.declared === null ? null : { ...withoutUrl(record.declared), secretHash: null },
    secrets: record.secrets.map((secret) => ({ ...secret, value: '***' })),
  };
}

function withoutUrl({ url, events, formatter, description }: WebhookSettings): WebhookSettings {
  return { url: maskedUrl(url), events, formatter, description };
}

/** E.g. `https://hooks.slack.com/*** (5f2d9c01)`. */
function maskedUrl(url: string): string {
  const fingerprint = createHash('sha256').update(url).digest('hex').slice(0, 8);
  return `${new URL(url).origin}/*** (${fingerprint})`;
}
