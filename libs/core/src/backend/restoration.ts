import type { AuditEntry } from '../schema/audit.js';
import type { StateImage } from '../schema/record.js';

/** What a process asks a store that lost state to become. */
export interface Restoration {
  /** The store as it was found. Nothing is replaced when it has changed since. */
  readonly found: StateImage;
  /** What it should hold: identity, the revision after every known one, and all records. */
  readonly image: StateImage;
  /** How many records the process knows that the store lacks. Among several processes, the one that knows most restores. */
  readonly missing: number;
  readonly audit: AuditEntry;
}
