import type { Api } from '../http/api.js';
import type { AuditEntry, AuditExportOptions, AuditQuery } from '../wire/audit.js';

/** Most entries a server gives at once. */
const MOST = 1000;

const TYPES = { jsonl: 'application/x-ndjson', csv: 'text/csv' } as const;

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

  /**
   * Everything that matches, newest first, as the bytes of a file: JSON lines, or CSV with a header. They come as the server reads them, so that
   * a long log takes no memory; ending the iteration closes the connection.
   * @throws {WaygateClientError} for an error answer, when the iteration begins; a connection that is cut before the end throws what cut it
   */
  async *export({ format = 'jsonl', signal, ...query }: AuditExportOptions = {}): AsyncGenerator<Buffer, void, undefined> {
    const path = '/api/audit/export';
    yield* await this.api.stream(path, {
      query: { ...query, format },
      headers: { Accept: TYPES[format] },
      type: TYPES[format],
      signal,
    });
  }
}
