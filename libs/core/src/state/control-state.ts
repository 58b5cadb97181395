import type { WaygateBackend } from '../backend/waygate-backend.js';
import type { Unsubscribe } from '../backend/unsubscribe.js';
import type { RecordedAuditEntry } from '../schema/audit.js';
import {
  BackendUnavailableError,
  ConfigurationError,
  ConflictError,
  EngineClosedError,
  StateLostError,
} from '../model/errors.js';
import { withUnknownMembers, type ChangeBatch, type ChangedRecord, type ChangeSet, type RecordWrite } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { Author } from '../schema/author.js';
import type { Clock } from '../model/time.js';
import { errorMessage } from '../native-errors/native-error.js';
import { Backoff } from './backoff.js';
import { HealthKeeper, type Health } from './health.js';
import type { LastKnownGood } from './last-known-good.js';
import { OwnEntries } from './own-entries.js';
import { RevisionWaiters } from './revision-waiters.js';
import { Snapshot } from './snapshot.js';
import { StoreGuard } from './store-guard.js';

/** One step from a snapshot to the next, told after it is in force. */
export interface StateChange {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly changes: readonly ChangedRecord[];
  /** After a reload, whose steps are unknown, no more than what this process committed itself. */
  readonly audit: readonly RecordedAuditEntry[];
}

/** How a change is made. */
export interface ChangeMode {
  /** `false` reports the first conflict instead (the caller named the version it expects). Default `true`. */
  readonly retry?: boolean;
  /** `true` = what time changed is being recorded by this very change. Default `false`. */
  readonly settled?: boolean;
  /**
   * `merged` keeps the members of stored records that this version does not know; `as-given` writes what another process, perhaps of a later
   * version, made of them. Default `merged`.
   */
  readonly values?: 'merged' | 'as-given';
}

export interface ControlStateOptions {
  readonly backend: WaygateBackend;
  readonly clock: Clock;
  /** How long `open` waits for the backend before it goes on without it, in ms. */
  readonly initTimeout: number;
  /** How long the state may be stale before it is an error, in ms. Default: it never is. */
  readonly errorAfter?: number;
  /** Called when commits begin to fail. */
  readonly onWriteFailure?: (reason: string) => void;
  readonly onHealth: (health: Health) => void;
  /** Where the last snapshot of the backend is kept for a start without it. */
  readonly lastKnownGood?: LastKnownGood | null;
  /** Awaited before each change: records what time changed by itself, so that no change covers it up. */
  readonly settle?: () => Promise<void>;
  /** Told when a listener throws: one observer must not keep the others from a change. */
  readonly onListenerError: (error: unknown) => void;
  /** Records to write together with a change set, so that they are there exactly if it is. Asked at every attempt; must not throw. */
  readonly alongside?: (changeSet: ChangeSet, snapshot: Snapshot) => readonly RecordWrite[];
}

/** How long a commit waits for its own change to come back through the feed before it loads everything, in ms. */
const FEED_PATIENCE_MS = 500;
const COPY_EPOCH = 'last-known-good-copy';
const OUT_OF_STEP: ReadonlySet<Health['status']> = new Set(['stale', 'state-lost', 'error']);
const MAX_ATTEMPTS = 64;
/** How often everything is loaded at a stretch before a pause is made. */
const MAX_LOAD_ROUNDS = 4;

/**
 * The one way state changes: a change set goes to the backend, comes back through the change feed, and becomes the next snapshot.
 * Owns the connection to the backend: opens it, follows its feed, loads everything after a gap, and keeps trying while it is away.
 */
export class ControlState {
  #snapshot = Snapshot.EMPTY;
  readonly #health: HealthKeeper;
  #unwatch: Unsubscribe | undefined;
  /** `false` = the snapshot is empty, or a copy from disk. */
  #isFromBackend = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #loading: Promise<void> | undefined;
  #refusal: ConfigurationError | undefined;
  /** A batch that could not be applied asked for at least this revision. */
  #wanted = 0;
  /** A gap was told while everything was being loaded: what was read by then may lack what went by. */
  #again = false;
  #serial: Promise<unknown> = Promise.resolve();
  readonly #backoff = new Backoff({ firstMs: 100, maxMs: 1_500 });
  readonly #listeners = new Set<(change: StateChange) => void>();
  readonly #waiters = new RevisionWaiters();
  readonly #own = new OwnEntries();
  readonly #guard: StoreGuard;
  #writeFailure: string | null = null;

  constructor(private readonly options: ControlStateOptions) {
    const { backend, clock, errorAfter = Infinity, lastKnownGood = null, onHealth } = options;
    this.#guard = new StoreGuard({ backend, clock, lastKnownGood });
    this.#health = new HealthKeeper({ clock, errorAfter, onHealth, revision: () => this.#snapshot.revision });
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get health(): Health {
    return this.#health.now;
  }

  /**
   * Opens the backend and loads everything. Never waits longer than `initTimeout`: what is not reached by then is tried again in the
   * background while decisions are made without it.
   * @throws {ConfigurationError} when the backend says that no waiting will help (another process has its file, its file is damaged)
   */
  async open(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.options.initTimeout)));
    await Promise.race([this.#connect(), patience]);
    clearTimeout(timer);
    if (this.#refusal !== undefined) {
      clearTimeout(this.#retryTimer);
      throw this.#refusal;
    }
    if (this.#health.status === 'starting')
      this.#health.set('stale', `the backend did not answer within ${this.options.initTimeout} ms`);
    if (this.#unwatch === undefined) await this.#beginWithCopy();
  }

  /** What was known last is better than what the code alone declares. */
  async #beginWithCopy(): Promise<void> {
    const image = await this.#guard.copy();
    // The backend may have answered while the copy was read; it knows better, unless it lost state.
    if (image === null || this.#isFromBackend || this.#isClosed()) return;
    // Under an epoch of its own: whatever the backend says later is believed, also when it lost the newest changes.
    const { snapshot, changes } = this.#snapshot.replacedBy({ ...image, epoch: COPY_EPOCH });
    this.#advance(snapshot, changes, []);
    if (this.#guard.lost !== null) return;
    const { reason } = this.#health;
    this.#health.set('stale', `${reason}; deciding by the last known good copy, revision ${image.revision}`);
  }

  async close(): Promise<void> {
    if (this.#health.status === 'closed') return;
    this.#health.set('closed', 'the engine was closed');
    clearTimeout(this.#retryTimer);
    this.#unwatch?.();
    this.#waiters.reached(Infinity);
    await this.options.lastKnownGood?.flush();
    await this.options.backend.close();
  }

  /** Told every change, after the snapshot moved on, in order. */
  subscribe(listener: (change: StateChange) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Changes state. `build` gets the current snapshot and returns what to change, or `null` for nothing; on a conflict it is called
   * again with a newer one. When this returns, the change is committed and in force in this process.
   *
   * @returns the revision of the commit; the present one when there was nothing to change
   * @throws {ConflictError | BackendUnavailableError | EngineClosedError} and whatever `build` throws
   */
  async change(
    build: (snapshot: Snapshot) => ChangeSet | null,
    { retry = true, settled = false, values = 'merged' }: ChangeMode = {},
  ): Promise<number> {
    if (!settled) await this.options.settle?.();
    const plan = values === 'as-given' ? build : (snapshot: Snapshot) => withUnknown(build(snapshot), snapshot);
    const revision = await this.#attempt(plan, retry);
    if (revision !== null) return revision;
    // Somebody else is at the same records. Take turns within this process, so that only other processes remain as rivals.
    const turn = this.#serial.then(() => this.#insist(plan));
    this.#serial = turn.catch(() => undefined);
    return turn;
  }

  async #insist(build: (snapshot: Snapshot) => ChangeSet | null): Promise<number> {
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      const revision = await this.#attempt(build, true);
      if (revision !== null) return revision;
    }
    return (await this.#attempt(build, false)) ?? this.#snapshot.revision;
  }

  /** @returns the revision it led to; `null` = a conflict, after the snapshot caught up with it */
  async #attempt(build: (snapshot: Snapshot) => ChangeSet | null, retry: boolean): Promise<number | null> {
    if (this.#health.status === 'closed') throw new EngineClosedError('The engine was closed; nothing was changed.');
    if (this.#guard.lost !== null) throw new StateLostError(`Nothing was changed: ${this.#guard.lost.reason}.`);
    if (this.#unwatch === undefined) throw new BackendUnavailableError(`Nothing was changed: ${this.#health.reason}.`);
    const changeSet = build(this.#snapshot);
    if (changeSet === null) return this.#snapshot.revision;
    const more = this.options.alongside?.(changeSet, this.#snapshot) ?? [];
    const whole = more.length === 0 ? changeSet : { ...changeSet, writes: [...changeSet.writes, ...more] };
    try {
      const { revision } = await this.options.backend.commit(whole);
      this.#writeFailure = null;
      if (revision > this.#snapshot.revision) this.#own.committed(revision, whole.audit);
      await this.#reached(revision);
      return revision;
    } catch (error) {
      if (error instanceof BackendUnavailableError) this.#writeFailed(error);
      if (!(error instanceof ConflictError) || !retry) throw error;
      await this.#caughtUp(error);
      return null;
    }
  }

  /** Why the last commit failed, e.g. a full disk; `null` = it succeeded, or there was none. */
  get writeFailure(): string | null {
    return this.#writeFailure;
  }

  #writeFailed({ message }: BackendUnavailableError): void {
    if (this.#writeFailure === null) this.options.onWriteFailure?.(message);
    this.#writeFailure = message;
  }

  async #caughtUp({ kind, key, actual, expected }: ConflictError): Promise<void> {
    if (actual > this.#snapshot.revision) return this.#reached(actual);
    // Deleted, or written back to what it was: the snapshot may know by now, else only a load tells.
    const known = this.#snapshot.get(kind as RecordKind, key)?.revision ?? 0;
    if (known === expected) await this.#load();
  }

  /** Waits until the snapshot is at least at `revision`; loads everything when the feed is slow to tell. */
  async #reached(revision: number): Promise<void> {
    if (this.#snapshot.revision >= revision || this.#health.status === 'closed') return;
    await this.#waiters.wait(revision, FEED_PATIENCE_MS);
    if (this.#snapshot.revision < revision) await this.#load().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    try {
      await this.options.backend.open();
      await this.#load();
    } catch (error) {
      if (error instanceof ConfigurationError) this.#refusal = error;
      this.#lost(error);
    }
  }

  /** Loads everything; joins a load under way, and repeats until nothing newer is known to be missing. */
  #load(): Promise<void> {
    this.#loading ??= this.#loadUntilComplete().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #loadUntilComplete(): Promise<void> {
    let madeAnew = false;
    for (let round = 1; ; round++) {
      this.#again = false;
      const known = this.#snapshot.revision;
      const image = await this.options.backend.load();
      if (this.#isClosed()) return;
      if ((await this.#guard.examine(this.#isFromBackend ? this.#snapshot : null, image)) !== null) {
        await this.#recover(image.revision);
        continue;
      }
      const before = this.#snapshot;
      const sameStore = before.isOf(image);
      if (image.revision < known && sameStore)
        throw new BackendUnavailableError(`the backend answered with revision ${image.revision}, but ${known} was seen`);
      // While everything was on its way the feed, which leaves out nothing, may have gone further.
      if (image.revision >= before.revision || !sameStore) {
        const { snapshot, changes } = before.replacedBy(image);
        if (!sameStore) {
          this.#wanted = 0;
          this.#own.clear();
        }
        this.#isFromBackend = true;
        this.#advance(snapshot, changes, [...this.#own.loaded(image.revision), ...this.#guard.takeEntries()]);
        madeAnew ||= !sameStore;
      }
      this.#watchFrom(this.#snapshot.revision);
      const complete = !this.#again && this.#wanted <= this.#snapshot.revision;
      if (complete) break;
      if (round === MAX_LOAD_ROUNDS) {
        throw new BackendUnavailableError(
          `the backend is at revision ${this.#snapshot.revision}, but ${this.#wanted} was announced`,
        );
      }
    }
    this.#backoff.reset();
    // A store that was made anew lacks what this process declares: whoever hears of `ready` registers again.
    if (madeAnew || this.#health.status !== 'ready') this.#health.set('ready', '');
  }

  /**
   * The store lost state: decisions continue from memory, and the state is restored if this process is the one to do it.
   * @throws {StateLostError} while it stays lost
   */
  async #recover(revision: number): Promise<void> {
    if (!this.#isFromBackend) await this.#beginWithCopy();
    this.#watchFrom(revision);
    const { lost, canRestore } = this.#guard;
    const next = canRestore ? 'it will be restored' : 'accept it with `waygate state accept`, or restore a backup';
    const reason = `${lost?.reason ?? ''}; ${next}`;
    if (this.#health.status !== 'state-lost') this.#health.set('state-lost', reason);
    if (!(await this.#guard.restore())) throw new StateLostError(reason);
  }

  /**
   * Makes every process believe the store as it is now, whatever they knew before.
   * @throws {ChangeRefusedError | BackendUnavailableError | EngineClosedError}
   */
  async accept(author: Author): Promise<void> {
    if (this.#isClosed()) throw new EngineClosedError('The engine was closed; nothing was changed.');
    await this.#guard.accept(author);
    // A load that began earlier has not seen it.
    await this.#loading?.catch(() => undefined);
    await this.#load();
  }

  #watchFrom(revision: number): void {
    if (this.#unwatch !== undefined) return;
    this.#unwatch = this.options.backend.watch(
      revision,
      (batch) => this.#receive(batch),
      () => this.#gap(),
    );
  }

  /** A batch that cannot be taken is a gap: everything is loaded instead. */
  #receive(batch: ChangeBatch): void {
    try {
      this.#take(batch);
    } catch (error) {
      this.options.onListenerError(error);
      this.#gap();
    }
  }

  #take(batch: ChangeBatch): void {
    if (this.#isClosed() || this.#guard.lost !== null) return;
    if (batch.revision <= this.#snapshot.revision) {
      this.#own.heard(batch);
      if (batch.since === batch.revision && batch.revision === this.#snapshot.revision) this.#confirmed();
      return;
    }
    if (batch.since > this.#snapshot.revision) {
      this.#wanted = Math.max(this.#wanted, batch.revision);
      return this.#gap();
    }
    this.#advance(this.#snapshot.after(batch), batch.changes, this.#own.heard(batch));
  }

  /** The feed was interrupted and goes on where it stopped: what is here is what the backend holds. */
  #confirmed(): void {
    if (!this.#isFromBackend || this.#wanted > this.#snapshot.revision || this.#health.status === 'ready') return;
    clearTimeout(this.#retryTimer);
    this.#backoff.reset();
    this.#health.set('ready', '');
  }

  /** Some changes were missed. Which ones is not guessed: everything is loaded again. */
  #gap(): void {
    if (this.#isClosed()) return;
    this.#again = true;
    this.#load().catch((error: unknown) => this.#lost(error));
  }

  #lost(error: unknown): void {
    if (this.#isClosed()) return;
    const reason = errorMessage(error);
    if (!OUT_OF_STEP.has(this.#health.status)) this.#health.set('stale', reason);
    // The latest reason says most; that there is a copy, though, is told once.
    else if (this.#isFromBackend) this.#health.explain(reason);
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      const again = this.#unwatch === undefined ? this.#connect() : this.#load().catch((failure: unknown) => this.#lost(failure));
      void again;
    }, this.#backoff.next());
    this.#retryTimer.unref();
  }

  #advance(after: Snapshot, changes: readonly ChangedRecord[], audit: readonly RecordedAuditEntry[]): void {
    const before = this.#snapshot;
    this.#snapshot = after;
    if (this.#isFromBackend) this.options.lastKnownGood?.keep(() => this.#snapshot.toImage());
    if (changes.length > 0) {
      for (const listener of this.#listeners) {
        try {
          listener({ before, after, changes, audit });
        } catch (error) {
          this.options.onListenerError(error);
        }
      }
    }
    this.#waiters.reached(after.revision);
  }

  #isClosed(): boolean {
    return this.#health.status === 'closed';
  }
}

/** A change set that keeps the members of stored records that this version does not know. */
function withUnknown(changeSet: ChangeSet | null, snapshot: Snapshot): ChangeSet | null {
  if (changeSet === null) return null;
  const writes = changeSet.writes.map((write) => withUnknownMembers(write, snapshot.get(write.kind, write.key)?.value));
  return { ...changeSet, writes };
}
