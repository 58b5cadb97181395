import type { AuditAction, Platform } from './vocabulary.js';
import type { MaintenanceOnWire, RouteStateOnWire } from './route-state.js';
import type { Instant } from './time.js';

/**
 * What a webhook is called for: the action of an audit entry; `maintenance_off`, which some of them amount to; or `test`.
 */
export type WebhookEventName = AuditAction | 'maintenance_off' | 'test';

/** What happened, as it stands on the wire: the body of the default format, and what formatters are given. */
export interface WebhookEvent {
  /** UUID of the audit entry: the same for every webhook that is told. */
  readonly id: string;
  readonly event: WebhookEventName;
  /** What changed, as audit entries call it: a route's key, `__global__`, `flag:new-checkout`, …. */
  readonly path: string;
  readonly reason: string;
  /** When it happened: ISO 8601 with the offset `+00:00`. */
  readonly timestamp: string;
  /** The route concerned, as it is after the change; `null` = it is not about a route. */
  readonly state: RouteStateOnWire | null;
  /** Number of the commit: later changes have a greater one. 0 = a test. */
  readonly revision: number;
  readonly actor: string;
  readonly platform: Platform;
  readonly service: string | null;
  /** How a route or a maintenance switch was before and is after; `null` = something else changed, or it did not exist. */
  readonly before: RouteStateOnWire | MaintenanceOnWire | null;
  readonly after: RouteStateOnWire | MaintenanceOnWire | null;
}

/** A key to sign with: `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks). */
export interface WebhookSecret {
  readonly value: string;
  readonly createdAt: Instant;
  /** After a rotation: until when it signs beside the new one. `null` = until it is rotated. */
  readonly expiresAt: Instant | null;
}

/** What a webhook can be told to be. */
export interface WebhookSettings {
  readonly url: string;
  /** Event names, or beginnings of names as `flag_*`; empty = every change but `declare` and the management of webhooks and tokens. */
  readonly events: readonly string[];
  /** Name of a built-in formatter or of one registered by the code. */
  readonly formatter: string;
  readonly description: string;
}

/** What the code said about a webhook. */
export interface DeclaredWebhook extends WebhookSettings {
  /** SHA-256 of the secret it gave, in hexadecimal; `null` = it gave none. */
  readonly secretHash: string | null;
}

/** The persisted value of kind `webhook`. Its key is its name, else made from its URL. */
export interface WebhookRecord extends WebhookSettings {
  /** Newest first; all that have not expired sign. */
  readonly secrets: readonly WebhookSecret[];
  readonly enabled: boolean;
  /** Why it is not `enabled`. */
  readonly disabledReason: string;
  /** What the code said last; `null` = it was added at runtime. A deploy that says something else wins over later changes. */
  readonly declared: DeclaredWebhook | null;
  readonly createdAt: Instant;
}

/** How far a delivery is. Every step is a compare-and-set, so that one process at a time is at it. */
export type DeliveryProgress =
  /** `by` = the process that wrote it, which is expected to send it; others wait a moment longer. */
  | { readonly state: 'pending'; readonly dueAt: Instant; readonly by: string }
  /** `by` is sending it. After `until` it is taken for dead, and others may claim. */
  | { readonly state: 'claimed'; readonly until: Instant; readonly by: string }
  | { readonly state: 'delivered'; readonly at: Instant }
  /** Given up; kept to be looked at and sent again. */
  | { readonly state: 'dead'; readonly at: Instant };

export type DeliveryState = DeliveryProgress['state'];

/** The persisted value of kind `webhook-delivery`: one event for one webhook. Its key is the `webhook-id` of every attempt. */
export interface WebhookDeliveryRecord {
  /** Key of the webhook. */
  readonly webhook: string;
  readonly event: Omit<WebhookEvent, 'revision'>;
  /** Revision of the change; `null` = not claimed yet: the record's own revision still is that one. */
  readonly revision: number | null;
  readonly progress: DeliveryProgress;
  /** Attempts begun. */
  readonly attempts: number;
  /** Status of the last answer; `null` = none came. */
  readonly lastStatus: number | null;
  /** What went wrong last; empty = nothing. */
  readonly lastError: string;
  readonly createdAt: Instant;
}
