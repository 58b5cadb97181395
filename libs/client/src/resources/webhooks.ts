import type { Api } from '../http/api.js';
import type { Webhook, WebhookDelivery, WebhookInput } from '../wire/webhooks.js';

export class WebhooksResource {
  constructor(private readonly api: Api) {}

  list(): Promise<readonly Webhook[]> {
    return this.api.get('/api/webhooks');
  }

  create(webhook: WebhookInput): Promise<Webhook> {
    return this.api.post('/api/webhooks', webhook);
  }

  delete(id: string): Promise<unknown> {
    return this.api.call('DELETE', at(id));
  }

  enable(id: string): Promise<unknown> {
    return this.api.post(`${at(id)}/enable`);
  }

  disable(id: string): Promise<unknown> {
    return this.api.post(`${at(id)}/disable`);
  }

  /** Newest first. */
  deliveries(id: string): Promise<readonly WebhookDelivery[]> {
    return this.api.get(`${at(id)}/deliveries`);
  }

  resend(deliveryId: string): Promise<unknown> {
    return this.api.post(`/api/webhooks/deliveries/${encodeURIComponent(deliveryId)}/resend`);
  }
}

function at(id: string): string {
  return `/api/webhooks/${encodeURIComponent(id)}`;
}
