import { RECORD_KINDS, type AuditAction, type Platform, type RecordKind } from '../model/vocabulary.js';
import type { Instant } from '../model/time.js';

/** What an entry is about: a record, or the store as a whole. */
export type AuditKind = RecordKind | 'state';

/** Who changed what, from where, why, and how it was before and after. Part of the change set it describes. */
export interface AuditEntry {
  /** UUID. */
  readonly id: string;
  readonly at: Instant;
  readonly action: AuditAction;
  readonly kind: AuditKind;
  /** Key of the record concerned. */
  readonly key: string;
  readonly service: string | null;
  readonly actor: string;
  readonly platform: Platform;
  readonly reason: string;
  /** The record's value before and after; `null` = it did not exist. */
  readonly before: unknown;
  readonly after: unknown;
  /** What an SDK says about an entry that the server cannot verify. Absent: everything was set by the server. */
  readonly claimed?: AuditClaim;
}

/** Who an SDK says made a change, from where, and when. */
export interface AuditClaim {
  readonly actor: string;
  readonly platform: Platform;
  readonly at: Instant;
}

/** An entry as the backend gives it back: with the number of the commit it belonged to. */
export interface RecordedAuditEntry extends AuditEntry {
  readonly revision: number;
}

/** An entry about a record of a kind that this version knows. */
export type RecordEntry = RecordedAuditEntry & { readonly kind: RecordKind };

export function isAboutRecord(entry: RecordedAuditEntry): entry is RecordEntry {
  return RECORD_KINDS.some((kind) => kind === entry.kind);
}

/** All given fields must match. */
export interface AuditFilter {
  readonly key?: string;
  readonly kind?: AuditKind;
  /** Entries of one commit. */
  readonly revision?: number;
  readonly service?: string;
  readonly actor?: string;
  readonly action?: AuditAction;
  /** Inclusive. */
  readonly since?: Instant;
  /** Exclusive. */
  readonly until?: Instant;
}
