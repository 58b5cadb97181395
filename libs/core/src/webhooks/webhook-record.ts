import { toInstant } from '../model/time.js';
import type { DeclaredWebhook, WebhookRecord, WebhookSettings } from '../schema/webhook.js';
import { validSecrets } from './secret.js';

const MAX_SECRETS = 5;

/** A webhook that was not there. @param declared `null` = it is added at runtime */
export function newWebhook(
  settings: WebhookSettings,
  secret: string,
  declared: DeclaredWebhook | null,
  now: number,
): WebhookRecord {
  const createdAt = new Date(now).toISOString();
  const secrets = [{ value: secret, createdAt, expiresAt: null }];
  return { ...settings, secrets, enabled: true, disabledReason: '', declared, createdAt };
}

/**
 * The record with a new first secret (`null` = none), the ones before it expiring after `overlapMs` at the latest.
 * @throws {ValidationError} when that is later than any moment that can be stored
 */
export function withSecret(record: WebhookRecord, secret: string | null, overlapMs: number, now: number): WebhookRecord {
  if (secret === null || record.secrets[0]?.value === secret) return record;
  const until = toInstant(now + overlapMs, 'overlap');
  const expiring = validSecrets(record.secrets, now)
    .filter(({ value }) => value !== secret)
    .map((old) => ({ ...old, expiresAt: old.expiresAt === null || old.expiresAt > until ? until : old.expiresAt }));
  const first = { value: secret, createdAt: new Date(now).toISOString(), expiresAt: null };
  return { ...record, secrets: [first, ...expiring].slice(0, MAX_SECRETS) };
}
