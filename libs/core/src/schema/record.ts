import { ValidationError } from '../model/errors.js';
import type { RecordKind } from '../model/vocabulary.js';
import { formatRouteKey, parseRouteKey } from '../model/route-key.js';
import type { AuditEntry, RecordedAuditEntry } from './audit.js';
import { carryUnknown } from './carry-unknown.js';
import { misfitOf, type Misfit, type Schema } from './check.js';
import { edgeRecord, type EdgeRecord } from './edge.js';
import { flagRecord } from './flag-rules.js';
import type { FlagRecord } from './flag.js';
import { maintenanceRecord, type MaintenanceRecord } from './maintenance.js';
import { limitScopeRecord, rateLimitRecord, type LimitScopeRecord, type RateLimitRecord } from './rate-limit.js';
import { routeRecord, type RouteRecord } from './route.js';
import { segmentRecord, type SegmentRecord } from './segment.js';
import { stored } from './stored.js';
import { revocationRecord, tokenRecord, type RevocationRecord, type TokenRecord } from './token.js';
import { webhookDeliveryRecord, webhookRecord, type WebhookDeliveryRecord, type WebhookRecord } from './webhook.js';

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

/** The schema of each kind's value as it is stored. */
const STORED: { readonly [K in RecordKind]: Schema<RecordValues[K]> } = {
  route: stored(routeRecord),
  maintenance: stored(maintenanceRecord),
  'rate-limit': stored(rateLimitRecord),
  'limit-scope': stored(limitScopeRecord),
  flag: stored(flagRecord),
  segment: stored(segmentRecord),
  webhook: stored(webhookRecord),
  'webhook-delivery': stored(webhookDeliveryRecord),
  token: stored(tokenRecord),
  revocation: stored(revocationRecord),
  edge: stored(edgeRecord),
};

export function isRecordKind(kind: string): kind is RecordKind {
  return Object.hasOwn(STORED, kind);
}

/** A write whose value keeps the members of the stored one that this version does not know. */
export function withUnknownMembers(write: RecordWrite, stored: unknown): RecordWrite {
  if (write.value === null || stored == null) return write;
  const value = carryUnknown(STORED[write.kind], stored, write.value);
  return value === write.value ? write : ({ ...write, value } as RecordWrite);
}

/** What is wrong with a record, and in which part of it. */
export interface RecordMisfit extends Misfit {
  readonly part: 'key' | 'value';
}

/**
 * The first problem of a record from outside; `null` = deciders of its kind can read it. Members that this version does not know are no
 * problem, so that versions may differ.
 */
export function recordMisfit(kind: RecordKind, key: string, value: unknown): RecordMisfit | null {
  const misfit = misfitOf(STORED[kind], value) ?? ownKeyMisfit(kind, key, value);
  if (misfit !== null) return { part: 'value', ...misfit };
  const problem = kind === 'route' || kind === 'rate-limit' ? routeKeyProblem(key) : null;
  return problem === null ? null : { part: 'key', path: [], problem };
}

function ownKeyMisfit(kind: RecordKind, key: string, value: unknown): Misfit | null {
  if (kind !== 'flag' && kind !== 'segment') return null;
  const { key: own } = value as FlagRecord | SegmentRecord;
  return own === key ? null : { path: ['key'], problem: `must be '${key}', as the record is called` };
}

function routeKeyProblem(key: string): string | null {
  try {
    const canonical = formatRouteKey(parseRouteKey(key));
    return canonical === key ? null : `must be written '${canonical}'`;
  } catch (error) {
    if (error instanceof ValidationError) return `cannot be the key of a route: ${error.problem}`;
    throw error;
  }
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

/** Which store a state is from. */
export interface StoreIdentity {
  /** Continuity of the change feed: under another epoch, everything is loaded again. */
  readonly epoch?: string;
  /**
   * Identity of the history. It survives restarts, and changes when a state was restored or accepted. A store that is empty, older than what
   * a process knows, or of another history is not believed. Absent: the store is always believed.
   */
  readonly store?: string;
  /** Identities of the histories that this one continues, after a restore. {@link ANY_STORE}: an operator accepted it in place of any other. */
  readonly supersedes?: readonly string[];
  /** The history that this one branched off from, when a failover lost commits. */
  readonly forkOf?: string;
}

/** In `supersedes`: an operator accepted this store, whatever a process knew before. */
export const ANY_STORE = '*';

/** Everything at one revision. */
export interface StateImage extends StoreIdentity {
  /** 0 = nothing was ever committed. */
  readonly revision: number;
  readonly records: readonly StoredRecord[];
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
