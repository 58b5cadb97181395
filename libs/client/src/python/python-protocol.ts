import {
  BackendUnavailableError,
  ConflictError,
  GLOBAL_SCOPE,
  type AuditFilter,
  type ChangeBatch,
  type ChangeSet,
  type HitFilter,
  type Page,
  type RateLimitHit,
  type RecordedAuditEntry,
  type StateImage,
  type StoredRecord,
  type Unsubscribe,
} from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { ApiError, NotFoundError } from '../http/errors.js';
import type { ServerSentEvent } from '../stream/sse-parser.js';
import type { FeatureFlag } from '../wire/flags.js';
import type { MaintenanceConfig } from '../wire/maintenance.js';
import type { GlobalRateLimit, RateLimitPolicy } from '../wire/rate-limits.js';
import type { RouteState } from '../wire/routes.js';
import type { Segment } from '../wire/segments.js';
import { FollowedStream } from '../server/followed-stream.js';
import { NumberedRecords, type NewValue } from './numbered-records.js';
import { Pace } from '../server/pace.js';
import type { Protocol } from '../server/protocol.js';
import type { ServerConnection } from '../server/server-connection.js';
import { WireReader, type WireEvent } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

/**
 * Speaks to a Python Waygate server, which knows the wire contract and nothing else. Its answers and events become records here, numbered here: routes,
 * maintenance and limits, of one service and of all, and flags and segments where it has them. Recurring windows are not on that wire.
 */
export class PythonProtocol implements Protocol {
  readonly #records = new NumberedRecords();
  readonly #reader: WireReader;
  readonly #writer: WireWriter;
  #listener: readonly [(batch: ChangeBatch) => void, (reason: string) => void] | undefined;
  #failure: Error | undefined;
  /** Questions under way, and what the stream said meanwhile. */
  #asking = 0;
  readonly #held: WireEvent[] = [];
  #flagTimer: NodeJS.Timeout | undefined;
  readonly #stop = new AbortController();
  readonly #pace: Pace;

  constructor(
    private readonly connection: ServerConnection,
    private readonly options: { readonly service: string; readonly reconnectDelay: number; readonly flagsInterval: number },
  ) {
    this.#reader = new WireReader(options.service, this.#records);
    this.#writer = new WireWriter(connection, options.service, this.#records, this.#reader);
    this.#pace = new Pace(options.reconnectDelay);
  }

  async load(): Promise<StateImage> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#ask(
      () => this.#loadValues(),
      (values) => this.#records.put([...values, ...this.#records.gone(values, isServers)]),
    );
    for (const event of this.#released()) this.#records.put(this.#reader.event(event));
    return this.#records.image();
  }

  async #loadValues(): Promise<readonly NewValue[]> {
    const { service } = this.options;
    const [routes, policies, global, own, globalLimit, ownLimit, flags] = await Promise.all([
      this.connection.call<RouteState[]>('GET', '/api/routes', { query: { service } }),
      this.connection.call<RateLimitPolicy[]>('GET', '/api/rate-limits'),
      this.connection.call<MaintenanceConfig>('GET', '/api/global'),
      this.connection.call<MaintenanceConfig>('GET', `/api/services/${encodeURIComponent(service)}/maintenance`),
      this.connection.call<GlobalRateLimit>('GET', '/api/global-rate-limit'),
      this.connection.call<GlobalRateLimit>('GET', `/api/services/${encodeURIComponent(service)}/rate-limit`),
      this.#loadFlags(),
    ]);
    return [
      ...routes.flatMap((state) => this.#reader.state(state)),
      ...this.#reader.policies(policies),
      this.#reader.maintenance(GLOBAL_SCOPE, global),
      this.#reader.maintenance(service, own),
      this.#reader.limitScope(GLOBAL_SCOPE, globalLimit),
      this.#reader.limitScope(service, ownLimit),
      ...flags,
    ];
  }

  async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    if (this.#failure !== undefined) throw this.#failure;
    for (const { kind, key, expected } of changeSet.writes) {
      const actual = this.#records.get(kind, key)?.revision ?? 0;
      if (actual !== expected) throw new ConflictError(kind, key, expected, actual);
    }
    this.#tell(await this.#writer.write(changeSet));
    return { revision: this.#records.revision };
  }

  follow(_since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    this.#listener = [onBatch, onGap];
    void this.#run();
    return () => this.stop();
  }

  stop(): void {
    clearTimeout(this.#flagTimer);
    this.#stop.abort();
  }

  /** Its entries say neither how a record was before nor after, so that they cannot be those of a backend. */
  async queryAudit(_filter: AuditFilter): Promise<Page<RecordedAuditEntry>> {
    throw new BackendUnavailableError(`${this.connection.url} keeps an audit log of another form: read it there`);
  }

  /** It counts what it refuses itself, and takes nothing from others. */
  async appendHits(): Promise<void> {}

  async queryHits(_filter: HitFilter): Promise<Page<RateLimitHit>> {
    return { items: [], next: null };
  }

  /** Flags and segments; a server without flags has neither. */
  async #loadFlags(): Promise<readonly NewValue[]> {
    const [flags, segments] = await Promise.all([
      this.#offered<FeatureFlag>('/api/flags'),
      this.#offered<Segment>('/api/segments'),
    ]);
    return this.#reader.flags(flags, segments);
  }

  async #offered<T>(path: string): Promise<readonly T[]> {
    try {
      return await this.connection.call<readonly T[]>('GET', path);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 501)) return [];
      throw error;
    }
  }

  /** Asks for flags again and again: the stream of such a server may say nothing of them. A failure is the stream's to notice. */
  #watchFlags(): void {
    clearTimeout(this.#flagTimer);
    this.#flagTimer = setTimeout(() => void this.#refreshFlags(), this.options.flagsInterval).unref();
  }

  async #refreshFlags(): Promise<void> {
    const isFlags = ({ kind }: StoredRecord) => kind === 'flag' || kind === 'segment';
    await this.#ask(
      () => this.#loadFlags(),
      (values) => this.#failure === undefined && this.#tell([...values, ...this.#records.gone(values, isFlags)]),
    ).catch(() => undefined);
    for (const event of this.#released()) this.#tell(this.#reader.event(event));
    if (!this.#stop.signal.aborted) this.#watchFlags();
  }

  /** Asks the server. What its stream says meanwhile may be newer than the answer: it is held back until that is in force. */
  async #ask<T>(request: () => Promise<T>, apply: (answer: T) => void): Promise<void> {
    this.#asking++;
    try {
      apply(await request());
    } finally {
      this.#asking--;
    }
  }

  /** What was held back, once nothing is asked any more. */
  #released(): readonly WireEvent[] {
    return this.#asking > 0 ? [] : this.#held.splice(0);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const stream = new FollowedStream({
        signal: this.#stop.signal,
        open: async (signal) => {
          const bytes = await this.connection.stream('/api/sdk/events', { signal });
          this.#up();
          return bytes;
        },
        onEvent: (event) => this.#receive(event),
      });
      const error = await stream.follow().catch((failure: unknown) => failure);
      if (this.#stop.signal.aborted) return;
      const message = errorMessage(error);
      this.#failure = error instanceof NotFoundError ? error : new BackendUnavailableError(message, { cause: error });
      this.#pace.failed();
      this.#listener?.[1](message);
      await new Promise((resolve) => setTimeout(resolve, this.#pace.wait).unref());
    }
  }

  /** What changed before the stream was open is not told by it: everything is loaded, with the stream open already. */
  #up(): void {
    this.#pace.succeeded();
    this.#failure = undefined;
    this.#watchFlags();
    this.#listener?.[1]('the stream was opened');
  }

  #receive({ data }: ServerSentEvent): void {
    this.#held.push(JSON.parse(data) as WireEvent);
    for (const event of this.#released()) this.#tell(this.#reader.event(event));
  }

  /** Puts values into force that differ from what is known, and tells of them. */
  #tell(values: readonly NewValue[]): void {
    const since = this.#records.revision;
    const changes = this.#records.put(values);
    if (changes.length > 0) this.#listener?.[0]({ since, revision: this.#records.revision, changes, audit: [] });
  }
}

/** What only this process declares is not the server's to take away. */
function isServers({ kind, value }: StoredRecord): boolean {
  return !(kind === 'rate-limit' && value.declared.length > 0);
}
