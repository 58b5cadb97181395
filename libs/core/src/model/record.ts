import type { RecordedAuditEntry, AuditEntry } from './audit.js';
import type { EdgeRecord } from './edge.js';
import type { FlagRecord } from './flag.js';
import type { MaintenanceRecord } from './maintenance.js';
import type { LimitScopeRecord, RateLimitRecord } from './rate-limit.js';
import type { RouteRecord } from './route.js';
import type { SegmentRecord } from './segment.js';
import type { RevocationRecord, TokenRecord } from './token.js';
import type { RecordKind } from './vocabulary.js';
import type { WebhookDeliveryRecord, WebhookRecord } from './webhook.js';

/** Every kind of record and the shape of its value. Values are plain JSON: what is stored is what is read back. */
export interface RecordValues {
  route: RouteRecord;
  maintenance: MaintenanceRecord;
  /** The limits of one route; same key as the route. */
  'rate-limit': RateLimitRecord;
  /** The limit over everything ({@link GLOBAL_SCOPE}) or over one service. */
  'limit-scope': LimitScopeRecord;
  flag: FlagRecord;
  segment: SegmentRecord;
  webhook: WebhookRecord;
  'webhook-delivery': WebhookDeliveryRecord;
  token: TokenRecord;
  /** A session that was ended before its time. */
  revocation: RevocationRecord;
  /** Up to when edges in time were recorded; a single record. */
  edge: EdgeRecord;
}

/** One persisted thing and the revision of the commit that wrote it. */
export type StoredRecord<K extends RecordKind = RecordKind> = {
  [P in K]: { readonly kind: P; readonly key: string; readonly revision: number; readonly value: RecordValues[P] };
}[K];

/** A record to write (`value`) or to delete (`value: null`), provided it still is at revision `expected` (0 = it does not exist). */
export type RecordWrite<K extends RecordKind = RecordKind> = {
  [P in K]: { readonly kind: P; readonly key: string; readonly expected: number; readonly value: RecordValues[P] | null };
}[K];

/** What one commit changes: wholly or not at all. No record stands in it twice. */
export interface ChangeSet {
  readonly writes: readonly RecordWrite[];
  readonly audit: readonly AuditEntry[];
}

/** Everything at one revision. */
export interface StateImage {
  /** 0 = nothing was ever committed. */
  readonly revision: number;
  readonly records: readonly StoredRecord[];
  /**
   * Identity of the store, made when it was created. A lower revision under the same epoch is an old copy and is ignored; under
   * another epoch the store was made anew and is believed.
   */
  readonly epoch?: string;
}

/** A record as it is after a change; `value: null` = it is gone. */
export type ChangedRecord<K extends RecordKind = RecordKind> = {
  [P in K]: { readonly kind: P; readonly key: string; readonly revision: number; readonly value: RecordValues[P] | null };
}[K];

/** One step of the change feed: leads from revision `since` to `revision`. */
export interface ChangeBatch {
  readonly since: number;
  readonly revision: number;
  readonly changes: readonly ChangedRecord[];
  /** Empty where the source cannot tell (a reload). */
  readonly audit: readonly RecordedAuditEntry[];
}

/** Which part of a newest-first list. */
export interface PageRequest {
  /** 1 to 1000. */
  readonly limit: number;
  /** `next` of the page before; opaque. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** `null` = this was the last page. */
  readonly next: string | null;
}
