import {
  BackendUnavailableError,
  type AuditEntry,
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
  type Unsubscribe,
} from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { ForbiddenError } from '../http/errors.js';
import type { Query } from '../http/api.js';
import { InstanceReports, type InstanceIdentity } from './instance-reports.js';
import type { Protocol } from '../server/protocol.js';
import { readRecords, RecordFeed } from './record-feed.js';
import type { ServerConnection } from '../server/server-connection.js';

/** Hits that go into one request: it stays below what a server takes. */
const HITS_A_REQUEST = 400;

interface ImageOnWire {
  readonly format?: unknown;
  readonly epoch?: unknown;
  readonly revision?: unknown;
  readonly records?: unknown;
  /** Both are missing in images of earlier versions. */
  readonly store?: unknown;
  readonly supersedes?: unknown;
}

/** Speaks to a server of ours: records as they are stored, exactly. */
export class RecordsProtocol implements Protocol {
  /** One for each who follows: mostly one. */
  readonly #feeds = new Set<RecordFeed>();
  #epoch: string | null = null;
  readonly #reports: InstanceReports;

  constructor(
    private readonly connection: ServerConnection,
    private readonly options: { readonly instance: InstanceIdentity; readonly reconnectDelay: number },
  ) {
    this.#reports = new InstanceReports(
      () => this.#first?.revision ?? 0,
      (revision) => this.#report(revision),
    );
  }

  async load(): Promise<StateImage> {
    // One attempt at a time finds out whether the server is there: the stream's.
    await this.#first?.live();
    try {
      const image = readImage(await this.connection.call<ImageOnWire>('GET', '/api/sdk/records'));
      this.#epoch = image.epoch ?? null;
      for (const feed of this.#feeds) feed.loaded({ revision: image.revision, epoch: this.#epoch });
      this.#reports.changed();
      return image;
    } catch (error) {
      throw error instanceof ForbiddenError ? this.connection.forbidden(error) : error;
    }
  }

  async commit({ writes, audit }: ChangeSet): Promise<{ revision: number }> {
    await this.#first?.live();
    const entries = audit.map(({ before: _before, after: _after, ...entry }) => entry);
    return this.connection.call('POST', '/api/sdk/commit', { body: { writes, audit: entries } });
  }

  async now(): Promise<number> {
    const { now } = await this.connection.call<{ readonly now?: unknown }>('GET', '/api/health/live');
    return typeof now === 'string' ? Date.parse(now) : NaN;
  }

  async accept({ reason }: AuditEntry): Promise<void> {
    await this.connection.call('POST', '/api/state/accept', { body: { reason } });
  }

  follow(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    const { instance, reconnectDelay } = this.options;
    const feed = new RecordFeed({
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
    this.#feeds.add(feed);
    return () => {
      feed.stop();
      this.#feeds.delete(feed);
    };
  }

  stop(): void {
    for (const feed of this.#feeds) feed.stop();
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

  get #first(): RecordFeed | undefined {
    for (const feed of this.#feeds) return feed;
    return undefined;
  }

  async #report(revision: number): Promise<void> {
    if (this.#first?.isLive !== true) return;
    const { id, version } = this.options.instance;
    const body = { id, revision, ...(version === null ? {} : { version }) };
    // For people to look at; nothing depends on it, and the next one tells more.
    await this.connection.call('POST', '/api/sdk/instances', { body }).catch(() => undefined);
  }
}

function readImage({ format, epoch = null, revision, records, store, supersedes }: ImageOnWire): StateImage {
  if (format !== 1) throw new BackendUnavailableError(`the server speaks format ${String(format)}, which is not known here`);
  if (!Number.isSafeInteger(revision) || !Array.isArray(records)) throw new BackendUnavailableError('the server sent no image');
  try {
    const read = readRecords(records).filter(({ value }) => value !== null) as StoredRecord[];
    return {
      revision: revision as number,
      records: read,
      ...(typeof epoch === 'string' ? { epoch } : {}),
      ...(typeof store === 'string' ? { store } : {}),
      ...(Array.isArray(supersedes) ? { supersedes: supersedes.map(String) } : {}),
    };
  } catch (error) {
    throw new BackendUnavailableError(errorMessage(error), { cause: error });
  }
}
