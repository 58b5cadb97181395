import type { AuditAction, Platform, RecordKind } from '../model/vocabulary.js';
import type { Instant } from '../model/time.js';

/** Who changed what, from where, why, and how it was before and after. Part of the change set it describes. */
export interface AuditEntry {
  /** UUID. */
  readonly id: string;
  readonly at: Instant;
  readonly action: AuditAction;
  readonly kind: RecordKind;
  /** Key of the record concerned. */
  readonly key: string;
  readonly service: string | null;
  readonly actor: string;
  readonly platform: Platform;
  readonly reason: string;
  /** The record's value before and after; `null` = it did not exist. */
  readonly before: unknown;
  readonly after: unknown;
}

/** An entry as the backend gives it back: with the number of the commit it belonged to. */
export interface RecordedAuditEntry extends AuditEntry {
  readonly revision: number;
}

/** All given fields must match. */
export interface AuditFilter {
  readonly key?: string;
  readonly kind?: RecordKind;
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
