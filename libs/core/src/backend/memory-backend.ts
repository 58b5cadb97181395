import { randomUUID } from 'node:crypto';
import type { AuditEntry, AuditFilter, RecordedAuditEntry } from '../schema/audit.js';
import { ConflictError } from '../model/errors.js';
import type { HitFilter, RateLimitHit } from '../schema/rate-limit.js';
import type {
  ChangeBatch,
  ChangedRecord,
  ChangeSet,
  Page,
  PageRequest,
  RecordWrite,
  StateImage,
  StoredRecord,
} from '../schema/record.js';
import { WaygateBackend } from './waygate-backend.js';
import type { Unsubscribe } from './unsubscribe.js';
import { BoundedLog, matchesAudit, matchesHit } from './bounded-log.js';
import { checkChangeSet } from './check-change-set.js';

export interface MemoryBackendOptions {
  /** Audit entries kept; the oldest go first. Default 10 000. */
  readonly auditCapacity?: number;
  /** Refused requests kept. Default 10 000. */
  readonly hitCapacity?: number;
}

/** Keeps everything in this process: the default, and what tests want. Gone when the process ends. */
export class MemoryBackend extends WaygateBackend {
  #epoch = randomUUID();
  readonly #records = new Map<string, StoredRecord>();
  readonly #audit: BoundedLog<RecordedAuditEntry>;
  readonly #hits: BoundedLog<RateLimitHit>;
  readonly #listeners = new Set<(batch: ChangeBatch) => void>();
  #revision = 0;

  constructor({ auditCapacity = 10_000, hitCapacity = 10_000 }: MemoryBackendOptions = {}) {
    super();
    this.#audit = new BoundedLog(auditCapacity);
    this.#hits = new BoundedLog(hitCapacity);
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  async load(): Promise<StateImage> {
    return { revision: this.#revision, records: [...this.#records.values()], epoch: this.#epoch };
  }

  async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    checkChangeSet(changeSet);
    for (const write of changeSet.writes) this.#expect(write);

    const revision = ++this.#revision;
    const changes = changeSet.writes.map((write) => this.#write(write, revision));
    const audit = changeSet.audit.map((entry) => ({ ...entry, revision }));
    for (const entry of audit) this.#audit.append(entry);
    const batch: ChangeBatch = { since: revision - 1, revision, changes, audit };
    for (const listener of this.#listeners) listener(batch);
    return { revision };
  }

  /** Nobody else has this store, so there is nothing to overrule: it gets a new epoch and the audit entry. */
  override async accept(audit: AuditEntry): Promise<void> {
    this.#epoch = randomUUID();
    this.#audit.append({ ...audit, revision: ++this.#revision });
  }

  override watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    if (since !== this.#revision) queueMicrotask(() => onGap('changes before the watch began are not kept'));
    this.#listeners.add(onBatch);
    return () => this.#listeners.delete(onBatch);
  }

  async queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>> {
    return this.#audit.page((entry) => matchesAudit(entry, filter), page);
  }

  async appendHits(hits: readonly RateLimitHit[]): Promise<void> {
    for (const hit of hits) this.#hits.append(hit);
  }

  async queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>> {
    return this.#hits.page((hit) => matchesHit(hit, filter), page);
  }

  #expect({ kind, key, expected }: RecordWrite): void {
    const actual = this.#records.get(`${kind} ${key}`)?.revision ?? 0;
    if (actual !== expected) throw new ConflictError(kind, key, expected, actual);
  }

  #write({ kind, key, value }: RecordWrite, revision: number): ChangedRecord {
    // A copy, as any other store would make one: nobody can change what was committed afterwards.
    const copy = structuredClone(value);
    const record = { kind, key, revision, value: copy } as ChangedRecord;
    if (record.value === null) this.#records.delete(`${kind} ${key}`);
    else this.#records.set(`${kind} ${key}`, record as StoredRecord);
    return record;
  }
}
