import type { Api } from '../http/api.js';
import type { AuditEntry, AuditQuery } from '../wire/audit.js';

export class AuditResource {
  constructor(private readonly api: Api) {}

  /** Newest first. */
  list(query: AuditQuery = {}): Promise<readonly AuditEntry[]> {
    return this.api.get('/api/audit', { ...query });
  }
}
