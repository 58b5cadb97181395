import type { Api } from '../http/api.js';
import type { AuditEntry, AuditQuery } from '../wire/audit.js';

/** Most entries a server gives at once. */
const MOST = 1000;

export class AuditResource {
  constructor(private readonly api: Api) {}

  /** Newest first, at most 1000. */
  list(query: AuditQuery = {}): Promise<readonly AuditEntry[]> {
    return this.api.get('/api/audit', { ...query });
  }

  /** The newest `count` entries, in as many requests as they take. */
  async newest(count: number, query: Omit<AuditQuery, 'limit' | 'cursor'> = {}): Promise<readonly AuditEntry[]> {
    const entries: AuditEntry[] = [];
    let cursor: string | undefined;
    do {
      const limit = Math.min(MOST, count - entries.length);
      const page = await this.api.exchange<readonly AuditEntry[]>('GET', '/api/audit', { query: { ...query, limit, cursor } });
      entries.push(...page.value);
      cursor = page.headers['x-waygate-next-cursor'];
    } while (cursor !== undefined && entries.length < count);
    return entries;
  }
}
