import {
  BackendUnavailableError,
  type AuditFilter,
  type ChangeBatch,
  type ChangeSet,
  type HitFilter,
  type Page,
  type PageRequest,
  type RateLimitHit,
  type RecordedAuditEntry,
  type StateImage,
  type StoredRecord,
} from '@waygate/core';
import { ForbiddenError } from '../errors.js';
import type { Query } from '../http/api.js';
import { InstanceReports, type InstanceIdentity } from './instance-reports.js';
import type { Protocol } from './protocol.js';
import { readRecords, RecordFeed } from './record-feed.js';
import type { ServerConnection } from './server-connection.js';

/** Hits that go into one request: it stays below what a server takes. */
const HITS_A_REQUEST = 400;

interface ImageOnWire {
  readonly format?: unknown;
  readonly epoch?: unknown;
  readonly revision?: unknown;
  readonly records?: unknown;
}

/** Speaks to a server of ours: records as they are stored, exactly. */
export class RecordsProtocol implements Protocol {
  #feed: RecordFeed | undefined;
  #epoch: string | null = null;
  readonly #reports: InstanceReports;

  constructor(
    private readonly connection: ServerConnection,
    private readonly options: { readonly instance: InstanceIdentity; readonly reconnectDelay: number },
  ) {
    this.#reports = new InstanceReports(
      () => this.#feed?.revision ?? 0,
      (revision) => this.#report(revision),
    );
  }

  async load(): Promise<StateImage> {
    // One attempt at a time finds out whether the server is there: the stream's.
    await this.#feed?.live();
    try {
      const image = readImage(await this.connection.call<ImageOnWire>('GET', '/api/sdk/records'));
      this.#epoch = image.epoch ?? null;
      this.#feed?.loaded({ revision: image.revision, epoch: this.#epoch });
      this.#reports.changed();
      return image;
    } catch (error) {
      throw error instanceof ForbiddenError ? this.connection.forbidden(error) : error;
    }
  }

  async commit({ writes, audit }: ChangeSet): Promise<{ revision: number }> {
    await this.#feed?.live();
    const entries = audit.map(({ kind, key, action, reason, actor, platform }) => ({
      kind,
      key,
      action,
      reason,
      actor,
      platform,
    }));
    return this.connection.call('POST', '/api/sdk/commit', { body: { writes, audit: entries } });
  }

  follow(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): void {
    const { instance, reconnectDelay } = this.options;
    this.#feed = new RecordFeed({
      connection: this.connection,
      instance,
      reconnectDelay,
      from: { revision: since, epoch: this.#epoch },
      onBatch: (batch) => {
        onBatch(batch);
        this.#reports.changed();
      },
      onGap,
    });
  }

  stop(): void {
    this.#feed?.stop();
    this.#reports.stop();
  }

  queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>> {
    return this.connection.call('GET', '/api/sdk/audit', { query: { ...filter, ...page } });
  }

  async appendHits(hits: readonly RateLimitHit[]): Promise<void> {
    for (let from = 0; from < hits.length; from += HITS_A_REQUEST)
      await this.connection.call('POST', '/api/sdk/hits', { body: { hits: hits.slice(from, from + HITS_A_REQUEST) } });
  }

  queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>> {
    const query: Query = { ...filter, ...page };
    return this.connection.call('GET', '/api/sdk/hits', { query });
  }

  async #report(revision: number): Promise<void> {
    const { id, version } = this.options.instance;
    const body = { id, revision, ...(version === null ? {} : { version }) };
    // For people to look at; nothing depends on it, and the next one tells more.
    await this.connection.call('POST', '/api/sdk/instances', { body }).catch(() => undefined);
  }
}

function readImage({ format, epoch = null, revision, records }: ImageOnWire): StateImage {
  if (format !== 1) throw new BackendUnavailableError(`the server speaks format ${String(format)}, which is not known here`);
  if (!Number.isSafeInteger(revision) || !Array.isArray(records)) throw new BackendUnavailableError('the server sent no image');
  try {
    const read = readRecords(records).filter(({ value }) => value !== null) as StoredRecord[];
    return { revision: revision as number, records: read, ...(typeof epoch === 'string' ? { epoch } : {}) };
  } catch (error) {
    throw new BackendUnavailableError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
