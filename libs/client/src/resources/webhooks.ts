import type { Api } from '../http/api.js';
import type {
  DeliveryPage,
  DeliveryQuery,
  Webhook,
  WebhookDelivery,
  WebhookInput,
  WebhookPatch,
  WebhookTest,
  WebhookWithSecret,
} from '../wire/webhooks.js';
import type { ChangeOptions } from './routes.js';

/** Webhooks and what was sent to them. What names one throws `NotFoundError` where there is none. */
export class WebhooksResource {
  constructor(private readonly api: Api) {}

  list(): Promise<readonly Webhook[]> {
    return this.api.get('/api/webhooks');
  }

  get(key: string): Promise<Webhook> {
    return this.api.get(at(key));
  }

  /** The secret is in this answer and in no other. One of that name or to that URL is changed instead, and its secret stays. */
  add(webhook: WebhookInput): Promise<WebhookWithSecret> {
    return this.api.post('/api/webhooks', webhook);
  }

  /** What is not named stays. */
  update(key: string, fields: WebhookPatch): Promise<Webhook> {
    return this.api.call('PATCH', at(key), { body: fields });
  }

  /** Its deliveries go too. */
  delete(key: string): Promise<{ readonly ok: boolean }> {
    return this.api.call('DELETE', at(key));
  }

  /** Tells it of changes again, and first of those that waited. */
  enable(key: string, options: ChangeOptions = {}): Promise<Webhook> {
    return this.api.post(`${at(key)}/enable`, options);
  }

  /** Tells it of no further change; what waits is kept. */
  disable(key: string, options: ChangeOptions = {}): Promise<Webhook> {
    return this.api.post(`${at(key)}/disable`, options);
  }

  /** The new secret is in this answer and in no other. `overlap`: how long the old ones sign too, e.g. `2h`; default a day. */
  rotateSecret(key: string, options: { readonly secret?: string; readonly overlap?: string } = {}): Promise<WebhookWithSecret> {
    return this.api.post(`${at(key)}/rotate-secret`, options);
  }

  /** Sends an event `test` now, once. */
  test(key: string): Promise<WebhookTest> {
    return this.api.post(`${at(key)}/test`);
  }

  /** Newest first. */
  deliveries({ webhook, ...query }: DeliveryQuery = {}): Promise<DeliveryPage> {
    return this.api.get(webhook === undefined ? '/api/webhooks/deliveries' : `${at(webhook)}/deliveries`, query);
  }

  /** Once more, with all its attempts and under the same `webhook-id`. */
  resend(deliveryId: string): Promise<WebhookDelivery> {
    return this.api.post(`/api/webhooks/deliveries/${encodeURIComponent(deliveryId)}/resend`);
  }
}

function at(key: string): string {
  return `/api/webhooks/${encodeURIComponent(key)}`;
}
