import type { AuditLog } from './audit/audit-log.js';
import type { WaygateBackend } from './backend/backend.js';
import { checkChangeSet } from './backend/check-change-set.js';
import { keyProblemOf, misfitOf } from './backend/file/value-shapes.js';
import { checkFlagRecord, checkSegmentRecord } from './flags/check-stored.js';
import type { AuditFilter, RecordedAuditEntry } from './model/audit.js';
import { ValidationError } from './model/errors.js';
import type { HitFilter, LimitScopeRecord, RateLimitHit, RateLimitOverride, RateLimitPolicy } from './model/rate-limit.js';
import type { ChangeSet, Page, PageRequest, RecordWrite } from './model/record.js';
import { readPolicy } from './rate-limit/policy.js';
import type { ControlState } from './state/control-state.js';
import { checkServiceBounds } from './state/service-bounds.js';
import type { Snapshot } from './state/snapshot.js';

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
    changeSet.writes.forEach((write, index) => checkWrite(write, `writes[${index}]`));
    const checked = (snapshot: Snapshot) => {
      checkServiceBounds(snapshot, changeSet.writes);
      return changeSet;
    };
    return this.state.change(checked, { retry: false });
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

/** @throws {ValidationError} for what nobody could decide by, or read again: it would stand in the history for good */
function checkWrite(write: RecordWrite, at: string): void {
  if (write.value === null) return;
  const field = `${at}.value`;
  // These say more than the shape does.
  if (write.kind === 'flag') checkFlagRecord(write.value, write.key, field);
  if (write.kind === 'segment') checkSegmentRecord(write.value, write.key, field);
  const misfit = misfitOf(write.kind, write.value, [field]);
  if (misfit !== null) throw new ValidationError(misfit.path.join('.'), misfit.problem);
  const keyProblem = keyProblemOf(write.kind, write.key, write.value);
  if (keyProblem !== null) throw new ValidationError(`${at}.key`, keyProblem);
  for (const policy of policiesIn(write)) readPolicy(policy, policy.origin, policy.algorithm, field);
}

function* policiesIn({ kind, value }: RecordWrite): IterableIterator<RateLimitPolicy> {
  if (value === null) return;
  if (kind === 'limit-scope') {
    for (let scope: Pick<LimitScopeRecord, 'policy' | 'beneath'> | null = value; scope !== null; scope = scope.beneath)
      yield scope.policy;
  } else if (kind === 'rate-limit') {
    yield* value.declared;
    for (let set: RateLimitOverride | null = value.override; set !== null; set = set.beneath) yield* set.policies;
  }
}
