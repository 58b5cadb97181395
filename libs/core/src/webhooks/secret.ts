import { createHmac, randomBytes } from 'node:crypto';
import { ValidationError } from '../model/errors.js';
import { instantMs } from '../model/time.js';
import type { WebhookSecret } from '../schema/webhook.js';

const PREFIX = 'whsec_';
/** How long old secrets sign beside a new one where nothing else is said, in ms. */
export const SECRET_OVERLAP_MS = 86_400_000;

export function newSecret(): string {
  return PREFIX + randomBytes(32).toString('base64');
}

/** @throws {ValidationError} when it is not `whsec_` and 24 to 64 bytes in base64; the message does not repeat it */
export function checkSecret(secret: unknown, field = 'secret'): string {
  const base64 = typeof secret === 'string' && secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 24 || bytes.length > 64 || bytes.toString('base64') !== base64)
    throw new ValidationError(field, "must be 'whsec_' and 24 to 64 random bytes in base64; leave it out to have one made");
  return PREFIX + base64;
}

/** The secrets that have not expired at `now` (epoch ms). */
export function validSecrets(secrets: readonly WebhookSecret[], now: number): readonly WebhookSecret[] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || instantMs(expiresAt) > now);
}

/**
 * The `webhook-signature` of a message: one `v1` signature for each secret (Standard Webhooks, "Signature scheme").
 * @param timestamp unix seconds, as in `webhook-timestamp`
 */
export function signature(secrets: readonly WebhookSecret[], id: string, timestamp: number, body: string): string {
  return secrets
    .map(({ value }) => {
      const hmac = createHmac('sha256', Buffer.from(value.slice(PREFIX.length), 'base64'));
      return `v1,${hmac.update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    })
    .join(' ');
}
