import type { WireInstant } from './routes.js';

export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Empty = all. */
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly [more: string]: unknown;
}

export interface WebhookInput {
  readonly url: string;
  readonly events?: readonly string[];
  readonly secret?: string;
  readonly format?: string;
}

export interface WebhookDelivery {
  readonly id: string;
  readonly event: string;
  readonly status: string;
  readonly attempts?: number;
  readonly timestamp?: WireInstant;
  readonly [more: string]: unknown;
}
