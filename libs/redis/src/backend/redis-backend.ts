import { randomUUID } from 'node:crypto';
import {
  BackendUnavailableError,
  checkChangeSet,
  checkPage,
  ConflictError,
  matchesAudit,
  matchesHit,
  ValidationError,
  WaygateBackend,
  type AuditEntry,
  type AuditFilter,
  type ChangeBatch,
  type ChangeSet,
  type HitFilter,
  type Page,
  type PageRequest,
  type RateLimitHit,
  type RecordedAuditEntry,
  type RecordWrite,
  type Restoration,
  type StateImage,
  type Unsubscribe,
} from '@waygate/core';
import type { RedisConnection } from '../connection/connection.js';
import { runScript } from '../connection/script.js';
import { BoundedClient } from './bounded-client.js';
import { ChangeFeed } from './change-feed.js';
import { CommitCall } from './commit-call.js';
import { messages, unavailable } from './failures.js';
import { keysOf, type BackendKeys } from './backend-keys.js';
import { KnownPosition } from './known-position.js';
import { continuesFrom, type Position } from './position.js';
import { APPEND_HITS, FOUND, NOW } from './scripts.lua.js';
import { readLineage } from './lineage.js';
import { StoreChanges } from './store-changes.js';
import { pageOf } from './stream-page.js';
import { changeSetArguments, readAudit, readHit, readLink, readPosition, readRecords, type StreamEntry } from './wire.js';

export interface RedisBackendOptions {
  /** Apps that share it share their state; others do not see each other. Default `waygate`. */
  readonly namespace?: string;
  /** Audit entries kept; the oldest go first. Default 10 000. */
  readonly auditCapacity?: number;
  /** Refused requests kept. Default 10 000. */
  readonly hitCapacity?: number;
  /** Commits kept, about, for processes that were away; who was away for longer loads everything. Default 10 000. */
  readonly streamLength?: number;
  /** What one answer to a question may take, in ms. Default 1000. */
  readonly commandTimeout?: number;
  /** What a commit may take, in ms, with a reconnection in between. Default 3000. */
  readonly commitTimeout?: number;
  /** What reading everything may take, in ms. Default 10 000. */
  readonly loadTimeout?: number;
}

/** A socket that owes an answer for so long is given up, in ms. */
const SILENCE_MS = 3_000;
/** How long `open` waits for the first connection, in ms; less than an engine waits for `open`. */
const OPEN_MS = 2_500;
const MAX_LOADS = 3;

/**
 * Keeps records in Redis, for any number of processes: standalone, Sentinel or Cluster.
 *
 * A commit is one script call, and is repeated under the same id when no answer came: it is never written twice, and never reported as
 * failed when it was written. The change feed is a stream, read from the revision that is known. Connections are its own ones; of a client
 * that was given, duplicates.
 *
 * @example new RedisBackend('redis://localhost:6379/0', { namespace: 'shop' })
 */
export class RedisBackend extends WaygateBackend {
  readonly #client: BoundedClient;
  readonly #keys: BackendKeys;
  readonly #options: Pick<Required<RedisBackendOptions>, 'hitCapacity' | 'commandTimeout' | 'loadTimeout'>;
  readonly #feeds = new Map<ChangeFeed, (reason: string) => void>();
  readonly #known = new KnownPosition();
  readonly #commits: CommitCall;
  readonly #storeChanges: StoreChanges;

  /** @throws {ValidationError} naming the option that is wrong */
  constructor(
    private readonly connection: RedisConnection,
    {
      namespace = 'waygate',
      auditCapacity = 10_000,
      hitCapacity = 10_000,
      streamLength = 10_000,
      commandTimeout = 1_000,
      commitTimeout = 3_000,
      loadTimeout = 10_000,
    }: RedisBackendOptions = {},
  ) {
    super();
    this.#keys = keysOf(namespace);
    const numbers = { auditCapacity, hitCapacity, streamLength, commandTimeout, commitTimeout, loadTimeout };
    for (const [name, value] of Object.entries(numbers))
      if (!Number.isInteger(value) || value < 1) throw new ValidationError(name, 'must be a whole number of at least 1');
    this.#options = numbers;
    this.#client = new BoundedClient(connection, { silenceMs: Math.max(SILENCE_MS, commandTimeout) });
    this.#storeChanges = new StoreChanges({ client: this.#client, keys: this.#keys, auditCapacity, commandTimeout, loadTimeout });
    this.#commits = new CommitCall({
      client: this.#client,
      keys: this.#keys,
      known: this.#known,
      find: () => this.#find(),
      streamLength,
      auditCapacity,
      timeoutMs: commitTimeout,
    });
  }

  /** @throws {BackendUnavailableError} when Redis cannot be reached; it is tried again in the background */
  async open(): Promise<void> {
    try {
      await this.#client.connect(OPEN_MS);
      if (this.#known.at === null) this.#known.found(await this.#find());
    } catch (error) {
      throw unavailable('Nothing was read', error);
    }
  }

  async close(): Promise<void> {
    for (const feed of this.#feeds.keys()) feed.stop();
    this.#feeds.clear();
    this.#client.close();
  }

  /** @throws {BackendUnavailableError} */
  async load(): Promise<StateImage> {
    try {
      await this.#client.connect(this.#options.commandTimeout);
      // A Redis that is frozen shall be noticed sooner than one that has much to say.
      await this.#find();
      for (let attempt = 1; attempt <= MAX_LOADS; attempt++) {
        const image = await this.#image();
        if (image !== null) return image;
      }
      throw new BackendUnavailableError('Nothing was read: the store in Redis changes its identity all the time.');
    } catch (error) {
      throw unavailable('Nothing was read', error);
    }
  }

  async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    checkChangeSet(changeSet);
    const answer = await this.#commits.send(changeSetArguments(changeSet));
    if (answer[0] === 'ok') return { revision: answer[1] };
    if (answer[0] === 'conflict') {
      const { kind, key, expected } = changeSet.writes[answer[1]] as RecordWrite;
      throw new ConflictError(kind, key, expected, answer[2]);
    }
    if (answer[0] === 'unknown')
      throw new BackendUnavailableError(messages.unknown('and too much was written since'), { mayHaveChanged: true });
    for (const onGap of this.#feeds.values()) onGap('the store was made anew, or lost its newest commits');
    throw new BackendUnavailableError(messages.moved());
  }

  /** The time of the Redis server that has the state. */
  override async now(): Promise<number> {
    try {
      return await this.#client.ask(
        (client) => runScript(client, NOW, [this.#keys.state], [], Number),
        this.#options.commandTimeout,
      );
    } catch (error) {
      throw unavailable('The time of Redis is unknown', error);
    }
  }

  /** @throws {BackendUnavailableError} */
  override async restore(restoration: Restoration): Promise<boolean> {
    return this.#storeChanges.restore(restoration);
  }

  /** @throws {BackendUnavailableError} */
  override async accept(audit: AuditEntry): Promise<void> {
    return this.#storeChanges.accept(audit);
  }

  override watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    const known = this.#known.at;
    const feed = new ChangeFeed({
      client: new BoundedClient(this.connection, { silenceMs: SILENCE_MS }),
      keys: this.#keys,
      from: { epoch: known?.epoch ?? '', revision: since, head: known?.revision === since ? known.head : null },
      onCommit: (commit) => this.#known.heard(commit),
      onBatch,
      onGap,
      nextPosition: async (withinMs) => (await this.#known.nextLoaded(withinMs)) ?? (await this.#find()),
    });
    this.#feeds.set(feed, onGap);
    feed.start();
    return () => {
      this.#feeds.delete(feed);
      feed.stop();
    };
  }

  async queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>> {
    const isFiltered = Object.values(filter).some((value) => value !== undefined);
    return this.#page(this.#keys.audit, page, isFiltered, readAudit, (entry) => matchesAudit(entry, filter));
  }

  /** @throws {BackendUnavailableError} then it is unknown whether they were kept */
  async appendHits(hits: readonly RateLimitHit[]): Promise<void> {
    if (hits.length === 0) return;
    const values = [String(this.#options.hitCapacity), ...hits.map((hit) => JSON.stringify(hit))];
    try {
      await this.#client.ask(
        (client) => runScript(client, APPEND_HITS, [this.#keys.hits], values, () => undefined),
        this.#options.commandTimeout,
      );
    } catch (error) {
      throw unavailable('Refused requests may not have been kept', error);
    }
  }

  async queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>> {
    const isFiltered = Object.values(filter).some((value) => value !== undefined);
    return this.#page(this.#keys.hits, page, isFiltered, readHit, (hit) => matchesHit(hit, filter));
  }

  async #page<T>(
    key: string,
    request: PageRequest,
    isFiltered: boolean,
    read: (entry: StreamEntry) => T,
    matches: (entry: T) => boolean,
  ): Promise<Page<T>> {
    const { commandTimeout } = this.#options;
    checkPage({ limit: request.limit });
    return pageOf({
      request,
      chunk: isFiltered ? 1_000 : request.limit + 1,
      read,
      matches,
      fetch: async (from, count) => {
        try {
          await this.#client.connect(commandTimeout);
          return await this.#client.ask((client) => client.xrevrange(key, from, '-', 'COUNT', count), commandTimeout);
        } catch (error) {
          throw unavailable('Nothing was read', error);
        }
      },
    });
  }

  /** Where the store stands; gives it an identity when it has none. */
  async #find(): Promise<Position> {
    const { state, changes } = this.#keys;
    const position = await this.#client.ask(
      (client) => runScript(client, FOUND, [state, changes], [randomUUID()], (answer) => readPosition(answer as string[])),
      this.#options.commandTimeout,
    );
    if (position === null) throw new Error(`WRONGTYPE the hash ${state} is not one of Waygate`);
    return position;
  }

  /** @returns `null` when it must be tried again: the store has no identity, or had to get another */
  async #image(): Promise<StateImage | null> {
    const { state, changes, lineage: lineageKey } = this.#keys;
    const known = this.#known.at;
    // Not a transaction: out of memory, Redis would refuse it. Both are asked on one connection, and the history only grows.
    const [[entry], hash, lineageText] = await this.#client.ask(
      (client) =>
        Promise.all([
          client.xrange(changes, `${known?.revision ?? 0}-0`, '+', 'COUNT', 1) as Promise<StreamEntry[]>,
          client.hgetall(state),
          client.get(lineageKey),
        ]),
      this.#options.loadTimeout,
    );
    const position = readPosition([hash['epoch'], hash['revision'], hash['head']]);
    if (position === null) {
      await this.#find();
      return null;
    }
    const { epoch, revision } = position;
    const lineage = readLineage(lineageText, epoch);
    if (known?.epoch === epoch && !continuesFrom(known, position, entry === undefined ? undefined : readLink(entry))) {
      await this.#storeChanges.branchOff(epoch, lineage);
      return null;
    }
    this.#known.loaded(position);
    for (const feed of this.#feeds.keys()) feed.loaded();
    return { revision, epoch, store: epoch, ...lineage, records: readRecords(hash) };
  }
}
