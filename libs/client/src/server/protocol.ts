import type {
  AuditEntry,
  AuditFilter,
  ChangeBatch,
  ChangeSet,
  HitFilter,
  Page,
  PageRequest,
  RateLimitHit,
  RecordedAuditEntry,
  StateImage,
  Unsubscribe,
} from '@waygate/core';

/** How a kind of server is spoken to. What it throws besides core's errors are this client's. */
export interface Protocol {
  load(): Promise<StateImage>;
  commit(changeSet: ChangeSet): Promise<{ readonly revision: number }>;
  /** The server's time, epoch ms; `NaN` where it does not tell. Optional. */
  now?(): Promise<number>;
  /** Makes the server accept its store. Optional: Python servers know nothing of it. */
  accept?(audit: AuditEntry): Promise<void>;
  /** Follows what changes, until what is returned is called. */
  follow(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe;
  stop(): void;
  queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>>;
  appendHits(hits: readonly RateLimitHit[]): Promise<void>;
  queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>>;
}
