import type { RevocationRecord, TokenRecord } from '../../model/token.js';
import type { WebhookDeliveryRecord, WebhookRecord, WebhookSecret } from '../../model/webhook.js';
import { amount, flag, instant, listOf, nullOr, object, oneOf, simple, text, type Check, type MembersOf } from './shape.js';

const httpUrl = simple(
  'must be a URL that begins with https:// or http://',
  (value) => typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
);

export const webhookShape = object({
  url: httpUrl,
  events: listOf(text),
  formatter: text,
  secrets: listOf(object({ value: text, createdAt: instant, expiresAt: nullOr(instant) } satisfies MembersOf<WebhookSecret>)),
  enabled: flag,
  disabledReason: text,
  createdAt: instant,
} satisfies MembersOf<WebhookRecord>);

/** The moment each state has. */
const MOMENTS: Readonly<Record<string, string>> = { pending: 'dueAt', claimed: 'until', delivered: 'at', dead: 'at' };

const progress: Check = (value, path) => {
  const misfit = object({ state: oneOf(...Object.keys(MOMENTS)) })(value, path);
  if (misfit !== null) return misfit;
  const { state } = value as { state: string };
  return object({ [MOMENTS[state] ?? 'at']: instant })(value, path);
};

export const deliveryShape = object({
  webhook: text,
  event: object({}),
  progress,
  attempts: amount,
  createdAt: instant,
} satisfies MembersOf<WebhookDeliveryRecord>);

export const tokenShape = object({
  name: text,
  role: oneOf('viewer', 'operator', 'admin', 'sdk', 'client'),
  services: nullOr(listOf(text)),
  expiresAt: nullOr(instant),
  hash: simple('must be a SHA-256 in hexadecimal', (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
} satisfies MembersOf<TokenRecord>);

export const revocationShape = object({ subject: text, expiresAt: instant } satisfies MembersOf<RevocationRecord>);
