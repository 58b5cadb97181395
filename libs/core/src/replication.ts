import type { AuditLog } from './audit/audit-log.js';
import type { WaygateBackend } from './backend/waygate-backend.js';
import { checkChangeSet } from './backend/check-change-set.js';
import type { AuditFilter, RecordedAuditEntry } from './schema/audit.js';
import { ValidationError } from './model/errors.js';
import type { HitFilter, RateLimitHit } from './schema/rate-limit.js';
import { fieldName } from './schema/check.js';
import { recordMisfit, type ChangeSet, type Page, type PageRequest, type RecordWrite } from './schema/record.js';
import type { ControlState } from './state/control-state.js';
import { checkServiceBounds } from './state/check-service-bounds.js';
import type { Snapshot } from './state/snapshot.js';
import { Turn } from './model/turn.js';

/**
 * This engine as the backend of other processes: what they ask for over a network is answered from here. Their changes take the same way as
 * those made here, so that webhooks and streams hear of them. Who may ask for what is the caller's to decide.
 */
export class Replication {
  constructor(
    private readonly state: ControlState,
    private readonly backend: WaygateBackend,
    private readonly audit: AuditLog,
  ) {}

  /** Everything that holds, at one revision. */
  get snapshot(): Snapshot {
    return this.state.snapshot;
  }

  /**
   * Commits what another process made of a state it knew.
   * @returns the revision of the commit
   * @throws {ValidationError} for a change set no backend takes, or a value nobody could decide by
   * @throws {ConflictError} for the first record that is not as that process knew it
   * @throws {BackendUnavailableError | EngineClosedError}
   */
  async commit(changeSet: ChangeSet): Promise<number> {
    checkChangeSet(changeSet);
    const turn = new Turn();
    for (const [index, write] of changeSet.writes.entries()) {
      checkWrite(write, `writes[${index}]`);
      if (turn.isOver()) await turn.next();
    }
    const checked = (snapshot: Snapshot) => {
      checkServiceBounds(snapshot, changeSet.writes);
      return changeSet;
    };
    return this.state.change(checked, { retry: false, values: 'as-given' });
  }

  /** Audit entries, newest first: those that are given out here. */
  queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>> {
    return this.audit.list({ ...filter, ...page });
  }

  appendHits(hits: readonly RateLimitHit[]): Promise<void> {
    return this.backend.appendHits(hits);
  }

  /** Refused requests, newest first. */
  queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>> {
    return this.backend.queryHits(filter, page);
  }
}

/** @throws {ValidationError} for a value that nobody could decide by, or read again: it would stay in the history */
function checkWrite({ kind, key, value }: RecordWrite, at: string): void {
  if (value === null) return;
  const misfit = recordMisfit(kind, key, value);
  if (misfit !== null) throw new ValidationError(fieldName(misfit.path, `${at}.${misfit.part}`), misfit.problem);
}
