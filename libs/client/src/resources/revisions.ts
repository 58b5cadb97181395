import type { Api } from '../http/api.js';
import type { AuditQuery } from '../wire/audit.js';
import type { Reverted, RevisionDiff, RevisionPage } from '../wire/revisions.js';

/** Commits of the control state, and the way back. */
export class RevisionsResource {
  constructor(private readonly api: Api) {}

  /** Newest first. */
  list(query: AuditQuery = {}): Promise<RevisionPage> {
    return this.api.get('/api/revisions', { ...query });
  }

  /** What is different after revision `to`, compared with after revision `from`. Without `to`: now. */
  diff(from: number, to?: number): Promise<RevisionDiff> {
    return this.api.get('/api/revisions/diff', { from, to });
  }

  /**
   * Writes the opposite, as a new revision.
   * @throws {ConflictError} when a record was changed since, unless forced; its body's `later` is the revision that did
   */
  revert(revision: number, options: { readonly force?: boolean; readonly reason?: string } = {}): Promise<Reverted> {
    return this.api.post(`/api/revisions/${revision}/revert`, options);
  }
}
