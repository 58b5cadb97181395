import type { RecordedAuditEntry } from '../schema/audit.js';
import type { LifecycleBlock } from '../lifecycle/decision.js';
import type { RateLimitedBlock } from '../rate-limit/limit-outcome.js';
import type { ChangedRecord, StoredRecord } from '../schema/record.js';
import type { EvaluationSample } from '../flags/evaluation-log.js';
import type { TrackedEvent } from '../flags/flag-client.js';
import type { Health } from '../state/health.js';

/** A step of the change feed, after it is in force. */
export interface ChangeEvent {
  readonly revision: number;
  readonly changes: readonly { readonly before: StoredRecord | null; readonly after: ChangedRecord }[];
  /** Empty when the steps in between are unknown (start, reconnection). */
  readonly audit: readonly RecordedAuditEntry[];
}

/** A request that was not let through. */
export interface BlockedEvent {
  /** Key of the route; `null` = no route answers to the request. */
  readonly route: string | null;
  readonly block: LifecycleBlock | RateLimitedBlock;
  /** `true` = the limit is in shadow mode: the request was let through all the same. */
  readonly shadow?: boolean;
}

/** Every event and what it carries. */
export interface WaygateEvents {
  change: ChangeEvent;
  /** A window opened or closed, or an override ran out, and it was recorded. */
  edge: RecordedAuditEntry;
  health: Health;
  blocked: BlockedEvent;
  /** A flag was evaluated; told for every evaluation while somebody listens. */
  evaluation: EvaluationSample;
  /** The application told the flag client of something that happened. */
  track: TrackedEvent;
  /** The counter store began to fail (with the error) or answers again (`null`). */
  counters: { readonly error: Error | null };
  /** The engine ends; streams fed by it should end too. */
  close: undefined;
}
