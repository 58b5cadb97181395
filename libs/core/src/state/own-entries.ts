import type { AuditEntry, RecordedAuditEntry } from '../schema/audit.js';
import type { ChangeBatch } from '../schema/record.js';

/**
 * Audit entries that this process committed and the feed has not told yet. Where everything is loaded before the feed gets there, as over a
 * backend that is polled, they are told with the load: nobody would tell them otherwise.
 */
export class OwnEntries {
  /** By revision; an empty list = they were told. */
  readonly #awaited = new Map<number, readonly RecordedAuditEntry[]>();

  committed(revision: number, audit: readonly AuditEntry[]): void {
    if (audit.length > 0)
      this.#awaited.set(
        revision,
        audit.map((entry) => ({ ...entry, revision })),
      );
  }

  /** Everything up to a revision was loaded. @returns what is to be told with it */
  loaded(upTo: number): readonly RecordedAuditEntry[] {
    const audit: RecordedAuditEntry[] = [];
    for (const [revision, entries] of this.#awaited) {
      if (revision > upTo) continue;
      audit.push(...entries);
      this.#awaited.set(revision, []);
    }
    return audit;
  }

  /** The feed tells a batch. @returns what of its entries was not told before */
  heard({ revision: upTo, audit }: ChangeBatch): readonly RecordedAuditEntry[] {
    if (this.#awaited.size === 0) return audit;
    const untold = audit.filter(({ revision }) => this.#awaited.get(revision)?.length !== 0);
    for (const revision of this.#awaited.keys()) if (revision <= upTo) this.#awaited.delete(revision);
    return untold;
  }

  /** The store is another one. */
  clear(): void {
    this.#awaited.clear();
  }
}
