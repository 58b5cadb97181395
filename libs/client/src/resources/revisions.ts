import type { Api } from '../http/api.js';
import type { AuditQuery } from '../wire/audit.js';
import type { RevisionDiff, RevisionPage } from '../wire/revisions.js';

/** Commits of the control state, and the way back. */
export class RevisionsResource {
  constructor(private readonly api: Api) {}

  /** Newest first. */
  list(query: AuditQuery & { readonly cursor?: string } = {}): Promise<RevisionPage> {
    return this.api.get('/api/revisions', { ...query });
  }

  /** What is different after revision `to`, compared with after revision `from`. */
  diff(from: number, to: number): Promise<RevisionDiff> {
    return this.api.get('/api/revisions/diff', { from, to });
  }

  /** Writes the opposite. @throws {ConflictError} when a record was changed since, unless forced */
  revert(revision: number, options: { readonly force?: boolean; readonly reason?: string } = {}): Promise<unknown> {
    return this.api.post(`/api/revisions/${revision}/revert`, options);
  }
}
