import { DeliveryNotFoundError, ValidationError } from '../model/errors.js';
import type { Page, StoredRecord } from '../schema/record.js';
import type { Instant } from '../model/time.js';
import type { DeliveryState, WebhookDeliveryRecord, WebhookEvent } from '../schema/webhook.js';
import type { Snapshot } from '../state/snapshot.js';

/** One event for one webhook, as operators see it. */
export interface DeliveryView {
  /** The `webhook-id` of every attempt. */
  readonly id: string;
  /** Key of the webhook. */
  readonly webhook: string;
  readonly state: DeliveryState;
  readonly event: WebhookEvent;
  /** Attempts begun. */
  readonly attempts: number;
  /** When it is tried next; `null` = it is being sent, or settled. */
  readonly nextAttemptAt: Instant | null;
  /** When it was delivered or given up; `null` = it is not settled. */
  readonly settledAt: Instant | null;
  /** Status of the last answer; `null` = none came. */
  readonly lastStatus: number | null;
  /** What went wrong last; empty = nothing. */
  readonly lastError: string;
  readonly createdAt: Instant;
}

/** All given fields must match. */
export interface DeliveryQuery {
  /** Key of a webhook. */
  readonly webhook?: string;
  readonly state?: DeliveryState;
  /** 1 to 1000; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

const STATES: readonly string[] = ['pending', 'claimed', 'delivered', 'dead'];

/**
 * Deliveries, newest first; pages do not shift while new ones arrive.
 * @throws {ValidationError}
 */
export function listDeliveries(snapshot: Snapshot, { webhook, state, limit = 50, cursor }: DeliveryQuery): Page<DeliveryView> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw new ValidationError('limit', 'must be a whole number from 1 to 1000');
  if (state !== undefined && !STATES.includes(state)) throw new ValidationError('state', `must be one of ${STATES.join(', ')}`);
  if (cursor !== undefined && !/^[0-9TZ:.-]{24} msg_[0-9a-f]{32}$/.test(cursor))
    throw new ValidationError('cursor', "must be the 'next' of an earlier page");
  const matching: { readonly place: string; readonly record: StoredRecord<'webhook-delivery'> }[] = [];
  for (const record of snapshot.list('webhook-delivery')) {
    if (webhook !== undefined && record.value.webhook !== webhook) continue;
    if (state !== undefined && record.value.progress.state !== state) continue;
    const place = `${record.value.createdAt} ${record.key}`;
    if (cursor === undefined || place < cursor) matching.push({ place, record });
  }
  const newestFirst = matching.toSorted((a, b) => (a.place < b.place ? 1 : -1)).slice(0, limit);
  return {
    items: newestFirst.map(({ record }) => deliveryView(record)),
    next: matching.length > limit ? (newestFirst.at(-1)?.place ?? null) : null,
  };
}

export function deliveryView({ key, revision, value }: StoredRecord<'webhook-delivery'>): DeliveryView {
  const { webhook, event, progress, attempts, lastStatus, lastError, createdAt } = value;
  return {
    id: key,
    webhook,
    state: progress.state,
    event: { ...event, revision: value.revision ?? revision },
    attempts,
    nextAttemptAt: progress.state === 'pending' ? progress.dueAt : null,
    settledAt: progress.state === 'delivered' || progress.state === 'dead' ? progress.at : null,
    lastStatus,
    lastError,
    createdAt,
  };
}

/**
 * A delivery to be sent now, from the first attempt on. What is being sent stays as it is.
 * @throws {DeliveryNotFoundError}
 */
export function sentAgain(snapshot: Snapshot, id: string, now: number, by: string): WebhookDeliveryRecord | null {
  const stored = snapshot.get('webhook-delivery', id);
  if (stored === undefined) throw new DeliveryNotFoundError(id);
  if (stored.value.progress.state === 'claimed') return null;
  const revision = stored.value.revision ?? stored.revision;
  return { ...stored.value, revision, attempts: 0, progress: { state: 'pending', dueAt: new Date(now).toISOString(), by } };
}
