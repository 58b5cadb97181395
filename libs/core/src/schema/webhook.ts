import * as v from 'valibot';
import type { AuditAction, Platform } from '../model/vocabulary.js';
import type { MaintenanceOnWire, RouteStateOnWire } from '../model/route-state.js';
import { amount, bool, instant, list, object, text, type MembersOf } from './fields.js';

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

const webhookSecret = object({
  value: text(),
  createdAt: instant,
  /** After a rotation: until when it signs beside the new one. `null` = until it is rotated. */
  expiresAt: v.nullable(instant),
});

/** A key to sign with: `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks). */
export interface WebhookSecret extends v.InferOutput<typeof webhookSecret> {}

const URL_MESSAGE = 'must be a URL that begins with https:// or http://';

const settingsFields = {
  url: v.pipe(
    v.string(URL_MESSAGE),
    v.check((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), URL_MESSAGE),
  ),
  /** Event names, or beginnings of names as `flag_*`; empty = every change but `declare` and the management of webhooks and tokens. */
  events: list(text(), 100),
  /** Name of a built-in formatter or of one registered by the code. */
  formatter: text(),
  description: text(500),
} as const;

/** How a webhook is set up. */
export interface WebhookSettings extends MembersOf<typeof settingsFields> {}

const declaredWebhook = object({
  ...settingsFields,
  /** SHA-256 of the secret it gave, in hexadecimal; `null` = it gave none. */
  secretHash: v.nullable(text()),
});

/** What the code said about a webhook. */
export interface DeclaredWebhook extends v.InferOutput<typeof declaredWebhook> {}

export const webhookRecord = object({
  ...settingsFields,
  /** Newest first; all that have not expired sign. */
  secrets: list(webhookSecret),
  enabled: bool,
  /** Why it is not `enabled`. */
  disabledReason: text(10_000),
  /** What the code said last; `null` = it was added at runtime. A deploy that says something else takes precedence over later changes. */
  declared: v.nullable(declaredWebhook),
  createdAt: instant,
});

/** The stored value of kind `webhook`. Its key is its name, else made from its URL. */
export interface WebhookRecord extends v.InferOutput<typeof webhookRecord> {}

const deliveryProgress = v.variant(
  'state',
  [
    /** `by` = the process that wrote it, which is expected to send it; others wait a moment longer. */
    v.object({ state: v.literal('pending'), dueAt: instant, by: text() }),
    /** `by` is sending it. After `until` it is considered dead, and others may claim. */
    v.object({ state: v.literal('claimed'), until: instant, by: text() }),
    v.object({ state: v.literal('delivered'), at: instant }),
    /** Given up; kept to be inspected and sent again. */
    v.object({ state: v.literal('dead'), at: instant }),
  ],
  'must be one of pending, claimed, delivered, dead',
);

/** How far a delivery is. Every step is a compare-and-set, so that one process at a time works on it. */
export type DeliveryProgress = Readonly<v.InferOutput<typeof deliveryProgress>>;

export type DeliveryState = DeliveryProgress['state'];

export const webhookDeliveryRecord = object({
  /** Key of the webhook. */
  webhook: text(),
  event: v.custom<Omit<WebhookEvent, 'revision'>>((value) => typeof value === 'object' && value !== null, 'must be an object'),
  /** Revision of the change; `null` = not claimed yet: the record's own revision still is that one. */
  revision: v.nullable(amount),
  progress: deliveryProgress,
  /** Attempts begun. */
  attempts: amount,
  /** Status of the last answer; `null` = none came. */
  lastStatus: v.nullable(amount),
  /** What went wrong last; empty = nothing. */
  lastError: text(100_000),
  createdAt: instant,
});

/** The stored value of kind `webhook-delivery`: one event for one webhook. Its key is the `webhook-id` of every attempt. */
export interface WebhookDeliveryRecord extends v.InferOutput<typeof webhookDeliveryRecord> {}
