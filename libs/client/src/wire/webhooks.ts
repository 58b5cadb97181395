import type { WireInstant } from './routes.js';

/** Whom changes are told to. */
export interface Webhook {
  /** Its name. */
  readonly key: string;
  /** To all but admins only the host is shown. */
  readonly url: string;
  /** Names of events, or beginnings of names as `flag_*`; empty = every change of how the API behaves. */
  readonly events: readonly string[];
  /** `waygate`, `slack`, `teams`, `discord`, or one that the code registered. */
  readonly formatter: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Why it was disabled; empty = it was not, or nobody said. */
  readonly disabled_reason: string;
  /** By the code: it comes back with the next start. */
  readonly declared: boolean;
  /** When the secrets that sign were made, and end; what they are is never shown again. */
  readonly secrets: readonly { readonly created_at: WireInstant; readonly expires_at: WireInstant | null }[];
  /** Deliveries that wait or are under way. */
  readonly open: number;
  /** Deliveries that were given up. */
  readonly dead: number;
  readonly created_at: WireInstant;
  readonly revision: number;
}

/** `null` = it stays what it was. */
export interface WebhookWithSecret extends Webhook {
  readonly secret: string | null;
}

export interface WebhookPatch {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly formatter?: string;
  readonly description?: string;
}

export interface WebhookInput extends WebhookPatch {
  readonly url: string;
  /** Names it for good. Default: made from the URL. */
  readonly name?: string;
  /** `whsec_` and 24 to 64 bytes in base64. Default: one is made. */
  readonly secret?: string;
}

/** How a test went; `status` is `null` where there was no answer. */
export interface WebhookTest {
  readonly ok: boolean;
  readonly status: number | null;
  readonly error: string;
}

export type DeliveryState = 'pending' | 'claimed' | 'delivered' | 'dead';

export interface WebhookDelivery {
  readonly id: string;
  /** Key of the webhook. */
  readonly webhook: string;
  readonly state: DeliveryState;
  readonly event: string;
  /** As in audit entries. */
  readonly path: string;
  readonly service: string | null;
  readonly actor: string;
  readonly reason: string;
  readonly event_revision: number;
  readonly attempts: number;
  readonly next_attempt_at: WireInstant | null;
  readonly settled_at: WireInstant | null;
  /** Status of the last answer; `null` = there was none. */
  readonly last_status: number | null;
  readonly last_error: string;
  readonly created_at: WireInstant;
}

export interface DeliveryPage {
  readonly deliveries: readonly WebhookDelivery[];
  /** The next page's cursor; `null` = the last page. */
  readonly next: string | null;
}

export interface DeliveryQuery {
  /** Key of a webhook. Default: all. */
  readonly webhook?: string;
  readonly state?: DeliveryState;
  readonly limit?: number;
  readonly cursor?: string;
}
