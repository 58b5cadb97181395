import { randomUUID } from 'node:crypto';
import { mkdir, readlink, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { AuditEntry, AuditFilter, RecordedAuditEntry } from '../../schema/audit.js';
import { BackendUnavailableError, ConfigurationError, ConflictError, ValidationError } from '../../model/errors.js';
import { errorCode, errorTrace } from '../../native-errors/native-error.js';
import type { HitFilter, RateLimitHit } from '../../schema/rate-limit.js';
import {
  ANY_STORE,
  type ChangeBatch,
  type ChangedRecord,
  type ChangeSet,
  type Page,
  type PageRequest,
  type StateImage,
  type StoredRecord,
} from '../../schema/record.js';
import { WaygateBackend } from '../waygate-backend.js';
import type { Restoration } from '../restoration.js';
import type { Unsubscribe } from '../unsubscribe.js';
import { matchesAudit, matchesHit } from '../bounded-log.js';
import { checkChangeSet } from '../check-change-set.js';
import { unavailable, warnOperator } from './durable-files.js';
import { FileLock } from './file-lock.js';
import { formatFor } from './format-for.js';
import { LineLog } from './line-log.js';
import { StateFile, WriteInDoubtError } from './state-file.js';
import type { StateFormat } from './state-format.js';
import { newFileStore, StoreFile, type FileStore } from './store-file.js';

export interface FileBackendOptions {
  /**
   * Audit entries kept. Old ones go a file at a time, so that up to half as many more may be there; fewer when `logBytes` is reached
   * first. Default 10 000.
   */
  readonly auditCapacity?: number;
  /** The same for refused requests. Default 10 000. */
  readonly hitCapacity?: number;
  /** Size at which a log goes on in a new file, in bytes. Default 8 MiB. */
  readonly logBytes?: number;
  /** Older files of each log that are kept. At least 1; default 2. */
  readonly logFiles?: number;
}

/** An audit entry as it stands in the log. */
interface LoggedAuditEntry extends RecordedAuditEntry {
  /** Revision of the state file that the write of this entry's commit replaced. */
  readonly since: number;
}

interface QueuedCommit {
  readonly changeSet: ChangeSet;
  readonly resolve: (result: { revision: number }) => void;
  readonly reject: (error: unknown) => void;
}

/** Everything that only exists while the file is open. */
interface OpenFile {
  readonly lock: FileLock;
  readonly file: StateFile;
  readonly audit: LineLog<LoggedAuditEntry>;
  readonly hits: LineLog<RateLimitHit>;
  readonly identity: StoreFile;
}

/** How long after the last write the last good copy is made the same as the state, in ms. */
const COPY_AFTER_MS = 1_000;
/** Links are followed so far, as the system does. */
const MOST_LINKS = 40;
/** Half of a pair of UTF-16 units, as JSON writes it: neither UTF-8 nor YAML nor TOML can hold it. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * Keeps state in a file that people can read, for one process: `.json`, `.yaml`, `.yml` or `.toml`. Beside it lie the last good copy
 * (`.bak`), the lock (`.lock`), the identity of the store (`.store`), and the logs of changes (`.audit.jsonl`) and refused requests (`.hits.jsonl`).
 *
 * Commits that come while one is being written share the next write. `open` fails with `FileLockedError` when another process has the
 * file and with `StateFileError` when neither it nor its last good copy can be read.
 */
export class FileBackend extends WaygateBackend {
  readonly #loadFormat: () => StateFormat;
  readonly #options: Required<FileBackendOptions>;
  readonly #listeners = new Set<(batch: ChangeBatch) => void>();
  /** As it is on the disk. What is being written becomes part of it afterwards. */
  #records: ReadonlyMap<string, StoredRecord> = new Map();
  #revision = 0;
  /** One for each opening: the file may have been edited, or an older one put back, since the last. */
  #epoch = randomUUID();
  #store: FileStore = newFileStore();
  #queue: QueuedCommit[] = [];
  #writing: Promise<void> | undefined;
  #opening: Promise<OpenFile> | undefined;
  #open: OpenFile | undefined;
  #copyTimer: NodeJS.Timeout | undefined;
  /** Why nothing can be written any more until the file is opened anew. */
  #broken: BackendUnavailableError | undefined;

  /**
   * @param path relative paths start at the working directory; a missing folder is made
   * @throws {ConfigurationError} for an extension without a format, or options out of range
   */
  constructor(
    private readonly path: string,
    options: FileBackendOptions = {},
  ) {
    super();
    this.#loadFormat = formatFor(path);
    this.#options = { auditCapacity: 10_000, hitCapacity: 10_000, logBytes: 8 * 1024 * 1024, logFiles: 2, ...options };
    for (const [name, value] of Object.entries(this.#options)) {
      if (!Number.isInteger(value) || value < 1)
        throw new ConfigurationError(
          `Option '${name}' of FileBackend must be a whole number of at least 1, got ${String(value)}.`,
        );
    }
  }

  async open(): Promise<void> {
    this.#opening ??= this.#openAll();
    try {
      this.#open = await this.#opening;
      this.#broken = undefined;
    } finally {
      if (this.#open === undefined) this.#opening = undefined;
    }
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    this.#open = undefined;
    await this.#writing;
    clearTimeout(this.#copyTimer);
    await opened?.file.renewCopy();
    this.#opening = undefined;
    this.#listeners.clear();
    if (opened === undefined) return;
    await opened.audit.close();
    await opened.hits.close();
    await opened.lock.release();
  }

  async load(): Promise<StateImage> {
    this.#requireOpen();
    return { revision: this.#revision, records: [...this.#records.values()], epoch: this.#epoch, ...this.#store };
  }

  async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    checkChangeSet(changeSet);
    this.#requireOpen();
    const text = JSON.stringify(changeSet);
    if (LONE_SURROGATE.test(text))
      throw new ValidationError('writes', 'holds text that is no Unicode (half of a surrogate pair)');
    // What will be read back, and a copy: nobody can change what was committed afterwards.
    const copy = JSON.parse(text) as ChangeSet;
    return new Promise((settle, reject) => {
      this.#queue.push({ changeSet: copy, resolve: settle, reject });
      this.#writing ??= this.#writeQueued();
    });
  }

  /** @throws {BackendUnavailableError} */
  override async restore({ found, image, audit }: Restoration): Promise<boolean> {
    this.#requireOpen();
    await this.#writing;
    if (found.epoch !== this.#epoch || found.revision !== this.#revision) return false;
    const { store, supersedes = [] } = image;
    await this.#become(newFileStore(supersedes, store), image, audit);
    return true;
  }

  /** @throws {BackendUnavailableError} */
  override async accept(audit: AuditEntry): Promise<void> {
    this.#requireOpen();
    await this.#writing;
    const image = { revision: this.#revision + 1, records: [...this.#records.values()] };
    await this.#become(newFileStore([ANY_STORE]), image, audit);
  }

  override watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    if (since !== this.#revision) queueMicrotask(() => onGap('changes before the watch began are not kept'));
    // Of its own, so that one listener may watch twice.
    const listener = (batch: ChangeBatch): void => onBatch(batch);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>> {
    const { items, next } = await this.#requireOpen().audit.page((entry) => matchesAudit(entry, filter), page);
    return { items: items.map(({ since: _since, ...entry }) => entry), next };
  }

  async appendHits(hits: readonly RateLimitHit[]): Promise<void> {
    const { lock, hits: log } = this.#requireOpen();
    await lock.check();
    await log.add(hits);
  }

  async queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>> {
    return this.#requireOpen().hits.page((hit) => matchesHit(hit, filter), page);
  }

  #requireOpen(): OpenFile {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#open === undefined) throw new BackendUnavailableError(`The state file '${this.path}' is not open.`);
    return this.#open;
  }

  async #openAll(): Promise<OpenFile> {
    const format = this.#loadFormat();
    const path = await this.#realPath();
    const lock = await FileLock.take(`${path}.lock`);
    const { auditCapacity, hitCapacity, logBytes, logFiles } = this.#options;
    const log = { maxBytes: logBytes, keep: logFiles };
    const audit = new LineLog<LoggedAuditEntry>({
      ...log,
      path: `${path}.audit`,
      maxLines: Math.ceil(auditCapacity / logFiles),
      durable: true,
    });
    const hits = new LineLog<RateLimitHit>({
      ...log,
      path: `${path}.hits`,
      maxLines: Math.ceil(hitCapacity / logFiles),
      durable: false,
    });
    try {
      const file = new StateFile(path, format);
      const identity = new StoreFile(`${path}.store`);
      await this.#restore(file, audit, identity);
      await hits.open();
      return { lock, file, audit, hits, identity };
    } catch (error) {
      await Promise.allSettled([audit.close(), hits.close()]);
      await lock.release().catch(() => undefined);
      throw error;
    }
  }

  /** The file a link points to: replacing it must not replace the link. */
  async #realPath(): Promise<string> {
    let path = resolve(this.path);
    for (let links = 0; ; links++) {
      try {
        await mkdir(dirname(path), { recursive: true });
        return await realpath(path);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || links === MOST_LINKS) throw unavailable('Cannot open', path, error);
      }
      // Nothing is there yet, or a link to what is to come.
      const target = await readlink(path).catch(() => null);
      if (target === null) return path;
      path = resolve(dirname(path), target);
    }
  }

  /**
   * Reads the state and makes the audit log agree with it.
   *
   * The entries of a write are on the disk before its state is, marked with their revision and with that of the state they follow. So a
   * crash in between leaves entries beyond the state that follow this very state: what they tell of did not happen, and they go. A
   * crash afterwards leaves both. Other entries beyond the state mean that an older state was put back, by hand or from the last good
   * copy: they did happen and stay, and no revision is given out a second time.
   */
  async #restore(file: StateFile, audit: LineLog<LoggedAuditEntry>, identity: StoreFile): Promise<void> {
    const state = await file.read();
    await audit.open();
    if (state.source === 'file')
      await audit.dropLast(({ revision, since }) => revision > state.revision && since === state.revision);
    const [latest] = (await audit.page(() => true, { limit: 1 })).items;
    this.#revision = Math.max(state.revision, latest?.revision ?? 0);
    this.#records = new Map(state.records.map((record) => [idOf(record), record]));
    this.#epoch = randomUUID();
    const known = await identity.read();
    const isSame = state.source !== 'nothing' && this.#revision === state.revision;
    this.#store = isSame && known !== null ? known : await identity.write(newFileStore());
    // Also shows now, not at the first change, whether the file can be written.
    if (state.source !== 'file' || this.#revision !== state.revision)
      await file.write({ revision: this.#revision, records: state.records });
  }

  /** Another state under another identity takes the place of this one. */
  async #become(
    store: FileStore,
    { revision, records }: Pick<StateImage, 'revision' | 'records'>,
    entry: AuditEntry,
  ): Promise<void> {
    const { identity } = this.#requireOpen();
    const audit = [{ ...entry, revision }];
    const map = new Map(records.map((record) => [idOf(record), record]));
    await this.#write(this.#revision, [{ since: this.#revision, revision, changes: [], audit }], map);
    this.#records = map;
    this.#revision = revision;
    this.#epoch = randomUUID();
    this.#store = await identity.write(store);
  }

  async #writeQueued(): Promise<void> {
    // Those that are made in the same turn as the first come along with it.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#writeTogether(this.#queue.splice(0));
    // In the same step as the last look at the queue: a commit made later begins anew.
    this.#writing = undefined;
    clearTimeout(this.#copyTimer);
    this.#copyTimer = setTimeout(() => void this.#open?.file.renewCopy(), COPY_AFTER_MS);
    this.#copyTimer.unref();
  }

  /** Writes what passes its compare-and-set, one commit after the other, at once. Never rejects. */
  async #writeTogether(queued: readonly QueuedCommit[]): Promise<void> {
    const since = this.#revision;
    const records = new Map(this.#records);
    const changed = new Set<string>();
    const accepted: { readonly commit: QueuedCommit; readonly batch: ChangeBatch }[] = [];
    const refused: { readonly commit: QueuedCommit; readonly error: ConflictError }[] = [];
    for (const commit of queued) {
      const { writes, audit } = commit.changeSet;
      const stale = writes.find((write) => (records.get(idOf(write))?.revision ?? 0) !== write.expected);
      if (stale !== undefined) {
        const error = new ConflictError(stale.kind, stale.key, stale.expected, records.get(idOf(stale))?.revision ?? 0);
        // Against what is only about to be written, it is not certain yet.
        if (changed.has(idOf(stale))) refused.push({ commit, error });
        else commit.reject(error);
        continue;
      }
      const revision = since + accepted.length + 1;
      const changes = writes.map(({ kind, key, value }) => ({ kind, key, revision, value }) as ChangedRecord);
      for (const change of changes) {
        changed.add(idOf(change));
        if (change.value === null) records.delete(idOf(change));
        else records.set(idOf(change), change as StoredRecord);
      }
      const entries = audit.map((entry) => ({ ...entry, revision }));
      accepted.push({ commit, batch: { since: revision - 1, revision, changes, audit: entries } });
    }
    if (accepted.length === 0) return;

    try {
      await this.#write(
        since,
        accepted.map(({ batch }) => batch),
        records,
      );
    } catch (error) {
      for (const { commit } of [...accepted, ...refused]) commit.reject(error);
      return;
    }
    this.#records = records;
    this.#revision = since + accepted.length;
    for (const { commit, batch } of accepted) {
      this.#tell(batch);
      commit.resolve({ revision: batch.revision });
    }
    for (const { commit, error } of refused) commit.reject(error);
  }

  /** @throws {BackendUnavailableError} and everything is as it was */
  async #write(since: number, batches: readonly ChangeBatch[], records: ReadonlyMap<string, StoredRecord>): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const opened = await this.#opening;
    if (opened === undefined) throw new BackendUnavailableError(`The state file '${this.path}' was closed.`);
    const { lock, file, audit } = opened;
    try {
      await lock.check();
      await audit.append(batches.flatMap((batch) => batch.audit.map((entry) => ({ ...entry, since }))));
      await file.write({ revision: batches.at(-1)?.revision ?? since, records: [...records.values()] });
    } catch (error) {
      if (error instanceof WriteInDoubtError) {
        this.#broken = new BackendUnavailableError(error.message, { cause: error });
        throw new BackendUnavailableError(error.message, { cause: error, mayHaveChanged: true });
      }
      await audit.takeBack();
      throw error;
    }
    audit.accept();
  }

  #tell(batch: ChangeBatch): void {
    for (const listener of this.#listeners) {
      try {
        listener(batch);
      } catch (error) {
        // The commit is done; that somebody cannot listen must not make it look undone.
        warnOperator(`A watcher of '${this.path}' threw: ${errorTrace(error)}`);
      }
    }
  }
}

function idOf({ kind, key }: { readonly kind: string; readonly key: string }): string {
  return `${kind} ${key}`;
}
