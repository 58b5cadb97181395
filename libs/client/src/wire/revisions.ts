import type { AuditEntry } from './audit.js';

/** An entry of the audit log with the record it is about, before and after. */
export interface Revision extends AuditEntry {
  readonly revision: number;
  /** The kind of record changed, e.g. `route` or `flag`. */
  readonly kind: string;
  readonly key: string;
  /** `null` = it did not exist. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface RevisionPage {
  readonly revisions: readonly Revision[];
  /** The next page's cursor; `null` = the last page. */
  readonly next: string | null;
}

export interface RecordDifference {
  readonly kind: string;
  readonly key: string;
  /** `null` = it did not exist. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface RevisionDiff {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly RecordDifference[];
}
