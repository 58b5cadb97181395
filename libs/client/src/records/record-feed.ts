import { BackendUnavailableError, type ChangeBatch, type ChangedRecord, type RecordedAuditEntry } from '@waygate/core';
import { toError } from '@waygate/core/native-errors';
import { ForbiddenError, NotFoundError } from '../http/errors.js';
import type { ServerSentEvent } from '../stream/sse-parser.js';
import { FIRST_WORD_MS, FollowedStream } from '../server/followed-stream.js';
import type { InstanceIdentity } from './instance-reports.js';
import { Pace } from '../server/pace.js';
import type { ServerConnection } from '../server/server-connection.js';

/** Where a process is in the history of a store. */
export interface Position {
  readonly revision: number;
  readonly epoch: string | null;
}

export interface RecordFeedOptions {
  readonly connection: ServerConnection;
  readonly instance: InstanceIdentity;
  /** Upper bound of the first delay before a reconnection, in ms. */
  readonly reconnectDelay: number;
  readonly from: Position;
  readonly onBatch: (batch: ChangeBatch) => void;
  readonly onGap: (reason: string) => void;
}

/**
 * The server's stream of records: reconnected for ever, never in a hurry, going on where it stopped. While it is not live, what is here may
 * be old; `onGap` says so at once.
 */
export class RecordFeed {
  #position: Position | null;
  #isLive = false;
  /** Why it is not live. */
  #failure: Error = new BackendUnavailableError('the stream is not open yet');
  /** Changes told before everything was loaded; `null` = it is loaded. */
  #early: ChangeBatch[] | null = null;
  /** The first connection is being made: whoever needs it may wait for it. */
  #starting = true;
  readonly #stop = new AbortController();
  readonly #pace: Pace;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly options: RecordFeedOptions) {
    this.#position = options.from;
    this.#pace = new Pace(options.reconnectDelay);
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
    this.#settle();
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** The revision that was told last. */
  get revision(): number {
    return this.#position?.revision ?? 0;
  }

  /**
   * @throws {BackendUnavailableError} when the stream is lost
   * @throws {NotFoundError} when the server knows no such stream
   */
  async live(): Promise<void> {
    if (this.#starting && !this.#isLive) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    if (!this.#isLive) throw this.#failure;
  }

  /** Everything was loaded: the feed goes on from there. */
  loaded(position: Position): void {
    const known = this.#position;
    if (known === null || known.epoch !== position.epoch || known.revision < position.revision) this.#position = position;
    // Whoever loads has not taken it in yet.
    setImmediate(() => this.#catchUp());
  }

  #catchUp(): void {
    const early = this.#early;
    this.#early = null;
    for (const batch of early ?? []) this.#told(batch);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const error = await this.#follow();
      if (this.#stop.signal.aborted) return;
      this.#isLive = false;
      this.#failure = error instanceof NotFoundError ? error : new BackendUnavailableError(error.message, { cause: error });
      this.#pace.failed();
      this.#settle();
      this.options.onGap(error.message);
      await this.#sleep(this.#pace.wait);
    }
  }

  /** @returns why it is over */
  async #follow(): Promise<Error> {
    const from = this.#position;
    let isResumed = false;
    let saidHello = false;
    const stream = new FollowedStream(
      {
        signal: this.#stop.signal,
        open: (signal) => this.#open(from, signal),
        onEvent: (event) => {
          if (!saidHello) {
            const hello = readHello(event);
            saidHello = true;
            isResumed = hello.isResumed;
            stream.expectEvery(hello.heartbeatMs);
            this.#up(isResumed);
          } else {
            const batch = readBatch(event);
            this.#told(batch);
            if (isResumed) this.options.onBatch({ since: this.revision, revision: this.revision, changes: [], audit: [] });
            isResumed = false;
          }
        },
      },
      FIRST_WORD_MS,
    );
    try {
      return await stream.follow();
    } catch (error) {
      // After what makes no sense nothing is taken for known.
      if (error instanceof MalformedEventError) this.#position = null;
      const translated = error instanceof ForbiddenError ? this.options.connection.forbidden(error) : error;
      return toError(translated);
    }
  }

  #open(from: Position | null, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const { id, version } = this.options.instance;
    const position = from === null ? {} : { since: from.revision, ...(from.epoch === null ? {} : { epoch: from.epoch }) };
    const headers = { 'X-Waygate-Instance': id, ...(version === null ? {} : { 'X-Waygate-Version': version }) };
    return this.options.connection.stream('/api/sdk/records/changes', { query: position, headers, signal });
  }

  #up(isResumed: boolean): void {
    this.#pace.succeeded();
    this.#isLive = true;
    this.#settle();
    if (isResumed) return;
    this.#position = null;
    this.#early = [];
    this.options.onGap('the server does not know any more what changed meanwhile');
  }

  #told(batch: ChangeBatch): void {
    if (this.#early !== null) return void this.#early.push(batch);
    this.options.onBatch(batch);
    this.#position = { revision: Math.max(this.revision, batch.revision), epoch: this.#position?.epoch ?? null };
  }

  #settle(): void {
    this.#starting = false;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      this.#stop.signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** An event that no server of ours sends. */
class MalformedEventError extends Error {}

function readHello({ event, data }: ServerSentEvent): { isResumed: boolean; heartbeatMs: number } {
  const hello = objectOf(data);
  const { format, heartbeat_ms: heartbeatMs, resumed } = hello;
  if (event !== 'hello' || typeof resumed !== 'boolean' || typeof heartbeatMs !== 'number' || !(heartbeatMs >= 100))
    throw new MalformedEventError('the stream begins with something else than a greeting');
  if (format !== 1) throw new MalformedEventError(`the server speaks format ${String(format)}, which is not known here`);
  return { isResumed: resumed, heartbeatMs };
}

function readBatch({ data }: ServerSentEvent): ChangeBatch {
  const { since, revision, changes, audit = [] } = objectOf(data);
  if (!isRevision(since) || !isRevision(revision) || !Array.isArray(changes) || !Array.isArray(audit) || since > revision)
    throw new MalformedEventError('a batch of the stream lacks a member');
  return { since, revision, changes: readRecords(changes), audit: audit as RecordedAuditEntry[] };
}

/**
 * Reads records that came over the network; kinds of a later version are carried.
 * @throws {MalformedEventError}
 */
export function readRecords(items: readonly unknown[]): ChangedRecord[] {
  const records: ChangedRecord[] = [];
  for (const item of items) {
    const { kind, key, revision, value } = (item ?? {}) as Partial<Record<string, unknown>>;
    if (typeof kind !== 'string' || typeof key !== 'string' || !isRevision(revision) || typeof value !== 'object')
      throw new MalformedEventError('a record of the server lacks a member');
    records.push({ kind, key, revision, value } as ChangedRecord);
  }
  return records;
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new MalformedEventError('an event of the stream is no JSON object');
}
