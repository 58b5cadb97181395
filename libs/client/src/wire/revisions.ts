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

/** A member of a record that differs; a side it is missing on did not have it. */
export interface MemberDifference {
  /** Dotted, e.g. `override.reason`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface RecordDifference {
  readonly kind: string;
  readonly key: string;
  /** As in audit entries. */
  readonly path: string;
  /** `null` = it did not exist. */
  readonly before: unknown;
  readonly after: unknown;
  readonly differences: readonly MemberDifference[];
  /** The changes in between, oldest first. */
  readonly entries: readonly AuditEntry[];
}

export interface RevisionDiff {
  readonly from: number;
  readonly to: number;
  /** `false` = the log no longer reaches back to `from`. */
  readonly complete: boolean;
  readonly records: readonly RecordDifference[];
}

export interface Reverted {
  readonly reverted: number;
  /** The revision that took it back. */
  readonly revision: number;
}
