import type { Api } from '../http/api.js';
import type { Revision, RevisionDiff } from '../wire/revisions.js';

/** Commits of the control state, and the way back. */
export class RevisionsResource {
  constructor(private readonly api: Api) {}

  /** Newest first. */
  list(query: { readonly key?: string; readonly limit?: number } = {}): Promise<readonly Revision[]> {
    return this.api.get('/api/revisions', { ...query });
  }

  diff(from: number, to: number): Promise<RevisionDiff> {
    return this.api.get('/api/revisions/diff', { from, to });
  }

  /** @throws {ConflictError} when a record was changed since, unless forced */
  revert(revision: number, options: { readonly force?: boolean; readonly reason?: string } = {}): Promise<unknown> {
    return this.api.post(`/api/revisions/${revision}/revert`, options);
  }
}
