import type { WaygateBackend } from '../backend/backend.js';
import type { AuditFilter, RecordedAuditEntry } from '../model/audit.js';
import type { Page } from '../model/record.js';

export interface AuditQuery extends AuditFilter {
  /** 1 to 1000; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** Reads what was changed, by whom and why. */
export class AuditLog {
  constructor(private readonly backend: WaygateBackend) {}

  /**
   * Entries that match, newest first.
   * @throws {ValidationError | BackendUnavailableError}
   */
  async list({ limit = 50, cursor, ...filter }: AuditQuery = {}): Promise<Page<RecordedAuditEntry>> {
    return this.backend.queryAudit(filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
  }
}
