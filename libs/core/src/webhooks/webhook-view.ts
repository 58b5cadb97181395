import type { StoredRecord } from '../schema/record.js';
import type { Instant } from '../model/time.js';
import type { WebhookSecret, WebhookSettings } from '../schema/webhook.js';
import { validSecrets } from './secret.js';

/** A webhook as operators see it. Its secrets are not shown again after they were made. */
export interface WebhookView extends WebhookSettings {
  readonly key: string;
  readonly enabled: boolean;
  /** Why it is not `enabled`. */
  readonly disabledReason: string;
  readonly secrets: readonly Omit<WebhookSecret, 'value'>[];
  /** Whether the code declares it. */
  readonly declared: boolean;
  readonly createdAt: Instant;
  /** Deliveries that wait or are under way. */
  readonly open: number;
  /** Deliveries that were given up. */
  readonly dead: number;
  /** Revision that last changed it. */
  readonly revision: number;
}

export function webhookView(
  { key, value, revision }: StoredRecord<'webhook'>,
  deliveries: Pick<WebhookView, 'open' | 'dead'>,
  now: number,
): WebhookView {
  const { secrets, declared, ...shown } = value;
  return {
    key,
    ...shown,
    secrets: validSecrets(secrets, now).map(({ value: _value, ...secret }) => secret),
    declared: declared !== null,
    ...deliveries,
    revision,
  };
}
