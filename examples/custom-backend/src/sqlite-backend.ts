import { randomUUID } from 'node:crypto';
import {
  BackendUnavailableError,
  checkChangeSet,
  checkPage,
  ConflictError,
  matchesAudit,
  matchesHit,
  WaygateBackend,
  WaygateError,
  type AuditFilter,
  type ChangeBatch,
  type ChangedRecord,
  type ChangeSet,
  type HitFilter,
  type Page,
  type PageRequest,
  type RateLimitHit,
  type RecordedAuditEntry,
  type StateImage,
  type StoredRecord,
  type Unsubscribe,
} from '@waygate/core';
import Database from 'better-sqlite3';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS store  (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL, epoch TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS record (kind TEXT, key TEXT, revision INTEGER NOT NULL, value TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS record_by_revision ON record (revision);
  CREATE TABLE IF NOT EXISTS audit  (seq INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, entry TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS audit_by_revision ON audit (revision);
  CREATE TABLE IF NOT EXISTS hit    (seq INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);`;

interface Row {
  readonly kind: string;
  readonly key: string;
  readonly revision: number;
  /** `null` = deleted: the row stays, so that watchers hear of it. */
  readonly value: string | null;
}

/** Keeps Waygate's state in one SQLite file, for any number of processes on one machine. */
export class SqliteBackend extends WaygateBackend {
  #database: Database.Database | undefined;

  /**
   * @param path of the file; made when it is not there
   * @param options.auditCapacity entries and hits kept, default 10 000
   * @param options.watchInterval how often changes of other processes are looked for, in ms
   */
  constructor(
    private readonly path: string,
    private readonly options: { readonly auditCapacity?: number; readonly watchInterval?: number } = {},
  ) {
    super();
  }

  async open(): Promise<void> {
    this.#database ??= new Database(this.path, { timeout: 2_000 });
    this.#database.pragma('journal_mode = WAL');
    // With FULL, what was committed survives a power cut too, not only the end of the process.
    this.#database.pragma('synchronous = FULL');
    this.#database.exec(SCHEMA);
    this.#database.prepare('INSERT OR IGNORE INTO store VALUES (1, 0, ?)').run(randomUUID());
  }

  async close(): Promise<void> {
    this.#database?.close();
    this.#database = undefined;
  }

  async load(): Promise<StateImage> {
    return this.#transaction((database) => {
      const { revision, epoch } = database.prepare('SELECT revision, epoch FROM store').get() as StateImage;
      const rows = database.prepare('SELECT * FROM record WHERE value IS NOT NULL').all() as Row[];
      return { revision, records: rows.map((row) => fromRow(row) as StoredRecord), ...(epoch === undefined ? {} : { epoch }) };
    });
  }

  async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    checkChangeSet(changeSet);
    return this.#transaction((database) => {
      const find = database.prepare('SELECT revision FROM record WHERE kind = ? AND key = ? AND value IS NOT NULL');
      for (const { kind, key, expected } of changeSet.writes) {
        const actual = (find.get(kind, key) as { revision: number } | undefined)?.revision ?? 0;
        if (actual !== expected) throw new ConflictError(kind, key, expected, actual);
      }
      const { revision } = database.prepare('UPDATE store SET revision = revision + 1 RETURNING revision').get() as Row;
      const write = database.prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)');
      for (const { kind, key, value } of changeSet.writes)
        write.run(kind, key, revision, value === null ? null : JSON.stringify(value));
      const log = database.prepare('INSERT INTO audit (revision, entry) VALUES (?, ?)');
      for (const entry of changeSet.audit) log.run(revision, JSON.stringify({ ...entry, revision }));
      this.#trim(database, 'audit');
      return { revision };
    });
  }

  override watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    let seen = since;
    const look = () => {
      try {
        const batch = this.#changesAfter(seen);
        if (batch === null) return;
        seen = batch.revision;
        onBatch(batch);
      } catch (error) {
        onGap(error instanceof Error ? error.message : String(error));
      }
    };
    const timer = setInterval(look, this.options.watchInterval ?? 100).unref();
    return () => clearInterval(timer);
  }

  async queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>> {
    return this.#newestFirst<RecordedAuditEntry>('audit', page, (entry) => matchesAudit(entry, filter));
  }

  async appendHits(hits: readonly RateLimitHit[]): Promise<void> {
    this.#transaction((database) => {
      const insert = database.prepare('INSERT INTO hit (entry) VALUES (?)');
      for (const hit of hits) insert.run(JSON.stringify(hit));
      this.#trim(database, 'hit');
    });
  }

  async queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>> {
    return this.#newestFirst<RateLimitHit>('hit', page, (hit) => matchesHit(hit, filter));
  }

  #changesAfter(since: number): ChangeBatch | null {
    return this.#transaction((database) => {
      const { revision } = database.prepare('SELECT revision FROM store').get() as Row;
      if (revision === since) return null;
      if (revision < since) throw new BackendUnavailableError('the file was replaced by an older one');
      const rows = database.prepare('SELECT * FROM record WHERE revision > ? ORDER BY revision').all(since) as Row[];
      const entries = database.prepare('SELECT entry FROM audit WHERE revision > ? ORDER BY seq').all(since) as {
        entry: string;
      }[];
      const audit = entries.map(({ entry }) => JSON.parse(entry) as RecordedAuditEntry);
      return { since, revision, changes: rows.map(fromRow), audit };
    });
  }

  #newestFirst<T>(table: 'audit' | 'hit', request: PageRequest, matches: (entry: T) => boolean): Page<T> {
    const { limit, cursor } = checkPage(request);
    return this.#transaction((database) => {
      const items: T[] = [];
      const rows = database.prepare(`SELECT seq, entry FROM ${table} WHERE seq < ? ORDER BY seq DESC`);
      for (const row of rows.iterate(cursor ?? Number.MAX_SAFE_INTEGER) as IterableIterator<{ seq: number; entry: string }>) {
        const entry = JSON.parse(row.entry) as T;
        if (!matches(entry)) continue;
        if (items.length === limit) return { items, next: String(row.seq + 1) };
        items.push(entry);
      }
      return { items, next: null };
    });
  }

  #trim(database: Database.Database, table: 'audit' | 'hit'): void {
    const keep = this.options.auditCapacity ?? 10_000;
    database.prepare(`DELETE FROM ${table} WHERE seq <= (SELECT max(seq) FROM ${table}) - ?`).run(keep);
  }

  /** All of it or nothing; what SQLite refuses becomes an error that says so. */
  #transaction<T>(work: (database: Database.Database) => T): T {
    const database = this.#database;
    if (database === undefined) throw new BackendUnavailableError(`${this.path} is not open.`);
    try {
      return database.transaction(work).immediate(database);
    } catch (error) {
      if (error instanceof WaygateError) throw error;
      throw new BackendUnavailableError(`${this.path}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

function fromRow({ kind, key, revision, value }: Row): ChangedRecord {
  return { kind, key, revision, value: value === null ? null : (JSON.parse(value) as unknown) } as ChangedRecord;
}
