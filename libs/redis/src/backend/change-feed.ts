import type { ChangeBatch } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { NoAnswerError, type BoundedClient } from './bounded-client.js';
import type { BackendKeys } from './backend-keys.js';
import { follows, type Position } from './position.js';
import { readCommit, readPosition, type StreamEntry, type ToldCommit } from './wire.js';

export interface ChangeFeedOptions {
  /** A connection that nobody else uses: its reads block. */
  readonly client: BoundedClient;
  readonly keys: BackendKeys;
  /** Where to begin. `head: null` = not known. */
  readonly from: Omit<Position, 'head'> & { readonly head: string | null };
  readonly onCommit: (commit: ToldCommit) => void;
  readonly onBatch: (batch: ChangeBatch) => void;
  readonly onGap: (reason: string) => void;
  /** The position of the next load that succeeds, or of the store if none does in time. */
  readonly nextPosition: (withinMs: number) => Promise<Position>;
}

/** How long Redis keeps a read that finds nothing, in ms. Then the identity of the store is looked at again. */
const BLOCK_MS = 1_000;
/** How much later than that an answer may come. */
const ANSWER_MS = 1_000;
/** A connection that is back within so long is a blip: the feed goes on where it was. A longer one is told as a gap. */
const BLIP_MS = 1_000;
/** How long a gap waits to be closed by a load. */
const LOAD_MS = 2_000;
const COMMITS_A_READ = 200;

/**
 * Follows the stream of changes from a position on. Nothing is lost while a connection is: the stream keeps the changes, and the read
 * says from where. What the stream cannot tell without a hole is a gap.
 */
export class ChangeFeed {
  #at: ChangeFeedOptions['from'];
  #stopped = false;
  /** Since when reads fail, in process ms; `null` = they do not. */
  #failingSince: number | null = null;
  #outageTold = false;

  constructor(private readonly options: ChangeFeedOptions) {
    this.#at = options.from;
  }

  start(): void {
    void this.#run();
  }

  /** Everything was loaded meanwhile, so that whoever listens takes the store to be there: if it is not, that is to be told again. */
  loaded(): void {
    this.#outageTold = false;
    this.#failingSince = null;
  }

  stop(): void {
    this.#stopped = true;
    this.options.client.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.options.client.connect(BLIP_MS / 4);
        const gap = await this.#read();
        this.#failingSince = null;
        this.#outageTold = false;
        if (gap !== null) await this.#bridge(gap);
      } catch (error) {
        if (this.#stopped) return;
        this.#failed(error);
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
      }
    }
  }

  /** @returns why changes are missing; `null` = none is */
  async #read(): Promise<string | null> {
    const { client, keys } = this.options;
    const [meta, told] = await client.ask(
      (redis) =>
        Promise.all([
          redis.hmget(keys.state, 'epoch', 'revision', 'head'),
          redis.xread('COUNT', COMMITS_A_READ, 'BLOCK', BLOCK_MS, 'STREAMS', keys.changes, `${this.#at.revision}-0`),
        ]),
      BLOCK_MS + ANSWER_MS,
    );
    if (this.#stopped) return null;
    const commits = readCommits(told?.[0]?.[1] ?? []);
    if (commits === null) return 'a commit in the history cannot be read';
    return this.#discontinuity(readPosition(meta), commits.length) ?? this.#tell(commits);
  }

  #discontinuity(store: Position | null, found: number): string | null {
    const { epoch, revision, head } = this.#at;
    if (store === null || store.epoch !== epoch) return 'the store was made anew';
    if (store.revision < revision || (store.revision === revision && head !== null && store.head !== head))
      return 'the store lost its newest commits';
    return store.revision > revision && found === 0 ? 'the history of the store was trimmed' : null;
  }

  #tell(commits: readonly ToldCommit[]): string | null {
    for (const commit of commits) {
      const { revision, head } = this.#at;
      if (commit.revision !== revision + 1) return 'the history of the store was trimmed';
      if (head !== null && !follows({ revision, head }, commit)) return 'the store lost its newest commits';
      this.options.onBatch({ since: revision, revision: commit.revision, changes: commit.changes, audit: commit.audit });
      // Only what was taken is known.
      this.options.onCommit(commit);
      this.#at = { ...this.#at, revision: commit.revision, head: commit.id };
      // A listener may have stopped us.
      if (this.#stopped) return null;
    }
    return null;
  }

  /** Whoever listens loads everything; the feed goes on from there. */
  async #bridge(reason: string): Promise<void> {
    const next = this.options.nextPosition(LOAD_MS);
    this.options.onGap(reason);
    this.#at = await next;
  }

  #failed(error: unknown): void {
    // What comes late on this connection would be taken for the answer to another read.
    if (error instanceof NoAnswerError) this.options.client.reconnect();
    const now = performance.now();
    this.#failingSince ??= now;
    const isBlip = now - this.#failingSince < BLIP_MS && !(error instanceof NoAnswerError);
    if (isBlip || this.#outageTold) return;
    this.#outageTold = true;
    this.options.onGap(`Redis cannot be followed: ${errorMessage(error)}`);
  }
}

/** @returns `null` where one of them cannot be read: what it changed is loaded instead */
function readCommits(entries: readonly StreamEntry[]): readonly ToldCommit[] | null {
  try {
    return entries.map(readCommit);
  } catch {
    return null;
  }
}
