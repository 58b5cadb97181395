import type {
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
  /** Follows what changes, until what is returned is called. */
  follow(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe;
  stop(): void;
  queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>>;
  appendHits(hits: readonly RateLimitHit[]): Promise<void>;
  queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>>;
}
