import type { AuditEntry, AuditFilter, RecordedAuditEntry } from '../schema/audit.js';
import type { HitFilter, RateLimitHit } from '../schema/rate-limit.js';
import type { ChangeBatch, ChangeSet, Page, PageRequest, StateImage } from '../schema/record.js';
import { PollingFeed } from './polling-feed.js';
import type { Restoration } from './restoration.js';
import type { Unsubscribe } from './unsubscribe.js';

/**
 * Where records live. Extend it to keep them anywhere; `backendContract` in `@waygate/core/testing` proves the result.
 *
 * Errors: `commit` throws `ConflictError` when a record is not at its expected revision; everything that cannot be done because the
 * store does not answer throws `BackendUnavailableError`. No method may block for ever: give up after a bounded time.
 */
export abstract class WaygateBackend {
  /**
   * Makes ready. Called once; may be called again after it failed.
   * @throws {BackendUnavailableError} when it may succeed later
   * @throws {ConfigurationError} when somebody has to repair something first: the application does not start
   */
  abstract open(): Promise<void>;

  /** Ends connections, timers and locks. What was acknowledged is safe by then. */
  abstract close(): Promise<void>;

  /** Everything, consistent at one revision. */
  abstract load(): Promise<StateImage>;

  /**
   * Writes all of it or nothing, and numbers it with the next revision. When it returns, the change is as durable as the store is.
   * @throws {ConflictError} for the first write whose record is not at `expected`
   * @throws {BackendUnavailableError} with `mayHaveChanged` where it is unknown whether it was written
   */
  abstract commit(changeSet: ChangeSet): Promise<{ readonly revision: number }>;

  /**
   * Follows the changes after `since`, in order and without holes. `onGap` says that some cannot be told any more (reconnected,
   * history trimmed, store made anew): the listener then loads everything, and keeps listening. Own commits are reported too. A batch
   * without changes from a revision to that very one says, after a gap was told, that nothing was missed after all.
   *
   * By default `load` is polled every {@link pollInterval} ms.
   */
  watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    return new PollingFeed(this, since, onBatch, onGap).start();
  }

  /**
   * Restores a store that lost state, once across all processes. A process asks again until its store is in order, so a backend may first wait
   * for others that know more. Optional: without it, the state stays lost until an operator accepts the store.
   * @returns whether this call restored it
   * @throws {BackendUnavailableError}
   */
  restore?(restoration: Restoration): Promise<boolean>;

  /**
   * Gives the store a new identity that every process believes, whatever it knew before. Optional, with {@link restore}.
   * @param audit written with the change of identity
   * @throws {BackendUnavailableError}
   */
  accept?(audit: AuditEntry): Promise<void>;

  /**
   * The store's time, epoch ms: what all processes share. Optional. With it, processes correct their clocks, and one whose clock is far off
   * records no edges for the others.
   * @throws {BackendUnavailableError}
   */
  now?(): Promise<number>;

  /** Period of the default {@link watch}, in ms. */
  readonly pollInterval: number = 1_000;

  /**
   * Whether whoever is behind the backend also does what time brings (records that windows opened, runs planned changes of flags). A store
   * does not, so every process tries; a server does, and processes leave it to that.
   */
  readonly runsSchedule: boolean = false;

  /** Audit entries, newest first. */
  abstract queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>>;

  /** Keeps refused requests, oldest given first; the store may forget the oldest beyond its capacity. */
  abstract appendHits(hits: readonly RateLimitHit[]): Promise<void>;

  /** Refused requests, newest first. */
  abstract queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>>;
}
