import type { AuditFilter, RecordedAuditEntry } from '../schema/audit.js';
import { checkActor, checkReason, type Author } from '../schema/author.js';
import {
  BackendUnavailableError,
  ChangesConflictError,
  ValidationError,
  WaygateError,
  type ChangeConflict,
} from '../model/errors.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { Clock } from '../model/time.js';
import type { ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf, Plan, PlanContext, Planners } from '../planning/plan.js';
import { planSet, type PlannedSet, type PlanSetOptions } from '../planning/plan-set.js';
import { changeMisfit } from '../schema/change.js';
import { fieldName } from '../schema/check.js';
import type { ControlState } from '../state/control-state.js';
import type { Health } from '../state/health.js';
import type { Snapshot } from '../state/snapshot.js';
import { changeError } from './change-error.js';
import { MAX_CHANGES, type Change, type ChangeKind, type ChangeKinds } from './change.js';

/** A record that was changed. */
export interface ChangedSetting {
  readonly kind: RecordKind;
  readonly key: string;
  /** Positions of the changes that did it, ascending. */
  readonly changes: readonly number[];
}

export interface AppliedChanges {
  /** The revision that was committed; the current one when nothing changed. */
  readonly revision: number;
  /** Empty = everything was as the changes say already; then nothing was committed. */
  readonly changed: readonly ChangedSetting[];
}

export interface ChangesOptions {
  readonly state: ControlState;
  readonly clock: Clock;
  readonly planners: () => Planners<ChangeKinds>;
  /** Checks each record against everything that a list of changes leaves. */
  readonly check: NonNullable<PlanSetOptions['check']>;
  /** The newest audit entry that matches; `undefined` = there is none. */
  readonly lastEntry: (filter: AuditFilter) => Promise<RecordedAuditEntry | undefined>;
}

/** A change that was read and checked. */
interface ReadChange {
  readonly change: Change;
  readonly plan: Plan;
}

/** Conflicts beyond these are reported without who made the later change. */
const MAX_LOOKED_UP = 100;

/** Turns changes into commits: every modification that an operator makes goes through here. */
export class Changes implements ChangeSink<Change> {
  #planners: Planners<ChangeKinds> | undefined;

  constructor(private readonly options: ChangesOptions) {}

  async applyOne(change: Change, author: Author): Promise<PlannedSet> {
    const { planned } = await this.#commit([change], author, (_index, error) => error);
    return planned;
  }

  async apply(changes: readonly Change[], author: Author): Promise<AppliedChanges> {
    checkList(changes);
    const { revision, planned } = await this.#commit(changes, author, (index, error) => changeError(changes, index, error));
    return { revision, changed: planned.records.map(({ kind, key, plans }) => ({ kind, key, changes: plans })) };
  }

  /** What {@link apply} would commit to the current state, and which changes expect another revision. */
  async plan(
    changes: readonly Change[],
    author: Author,
  ): Promise<{ readonly planned: PlannedSet; readonly conflicts: readonly ChangeConflict[] }> {
    checkList(changes);
    const { snapshot } = this.options.state;
    const errorAt = (index: number, error: unknown) => changeError(changes, index, error);
    const read = this.#read(changes, author, snapshot, errorAt);
    const conflicts = conflictsIn(read, snapshot);
    const { check } = this.options;
    try {
      const planned = planSet(plansOf(read), snapshot, { check, errorAt });
      return { planned, conflicts: await this.#withLastEntries(conflicts) };
    } catch (error) {
      // What conflicts may be why it cannot be carried out.
      if (conflicts.length === 0 || !(error instanceof WaygateError)) throw error;
      return { planned: planSet([], snapshot), conflicts: await this.#withLastEntries(conflicts) };
    }
  }

  async #commit(
    changes: readonly Change[],
    author: Author,
    errorAt: NonNullable<PlanSetOptions['errorAt']>,
  ): Promise<{ readonly revision: number; readonly planned: PlannedSet }> {
    const { state, check } = this.options;
    let planned = planSet([], state.snapshot);
    try {
      // After a lost compare-and-set this is planned again, which finds every change that expects another revision.
      const revision = await state.change((snapshot) => {
        const read = this.#read(changes, author, snapshot, errorAt);
        const [first, ...others] = conflictsIn(read, snapshot);
        if (first !== undefined) throw new ChangesConflictError([first, ...others]);
        planned = planSet(plansOf(read), snapshot, { check, errorAt });
        if (planned.changeSet === null) checkIsCurrent(state.health);
        return planned.changeSet;
      });
      return { revision, planned };
    } catch (error) {
      if (!(error instanceof ChangesConflictError)) throw error;
      const [first, ...others] = await this.#withLastEntries(error.conflicts);
      throw first === undefined ? error : new ChangesConflictError([first, ...others]);
    }
  }

  #read(
    changes: readonly Change[],
    author: Author,
    snapshot: Snapshot,
    errorAt: NonNullable<PlanSetOptions['errorAt']>,
  ): readonly ReadChange[] {
    const { actor = 'system', platform = 'code', reason: commonReason = '' } = author;
    checkActor(actor);
    const now = this.options.clock();
    return changes.map((change, index) => {
      try {
        const reason = checkReason(change.reason ?? commonReason);
        return { change, plan: this.#plan(change, { actor, platform, reason, now, snapshot }) };
      } catch (error) {
        throw errorAt(index, error);
      }
    });
  }

  /** @throws {ValidationError} for a kind that does not exist */
  #plan<K extends ChangeKind>(change: ChangeOf<ChangeKinds, K>, context: PlanContext): Plan {
    this.#planners ??= this.options.planners();
    if (!Object.hasOwn(this.#planners, change.kind))
      throw new ValidationError('kind', `'${String(change.kind)}' is not a kind of change`);
    const planner: (change: ChangeKinds[K], context: PlanContext) => Plan = this.#planners[change.kind];
    return planner(change, context);
  }

  async #withLastEntries(conflicts: readonly ChangeConflict[]): Promise<readonly ChangeConflict[]> {
    const lookedUp = conflicts.slice(0, MAX_LOOKED_UP).map(async (conflict) => {
      const { kind, key } = conflict;
      const entry = await this.options.lastEntry({ kind: kind as RecordKind, key }).catch(() => undefined);
      if (entry === undefined) return conflict;
      const { revision, action, actor, at } = entry;
      return { ...conflict, last: { revision, action, actor, at } };
    });
    return [...(await Promise.all(lookedUp)), ...conflicts.slice(MAX_LOOKED_UP)];
  }
}

/** @throws {ValidationError} */
function checkList(changes: readonly Change[]): void {
  if (!Array.isArray(changes)) throw new ValidationError('changes', 'must be a list of changes');
  if (changes.length > MAX_CHANGES) throw new ValidationError('changes', `must be at most ${MAX_CHANGES} changes`);
  changes.forEach((change, index) => {
    const misfit = changeMisfit(change);
    if (misfit !== null) throw new ValidationError(fieldName(misfit.path, `changes[${index}]`), misfit.problem);
  });
}

function plansOf(read: readonly ReadChange[]): readonly Plan[] {
  return read.map(({ plan }) => plan);
}

function conflictsIn(read: readonly ReadChange[], snapshot: Snapshot): readonly ChangeConflict[] {
  return read.flatMap(({ change, plan: { kind, key } }, index) => {
    const actual = snapshot.get(kind, key)?.revision ?? 0;
    const { expectedRevision: expected = actual } = change;
    return expected === actual ? [] : [{ index, change: change.kind, kind, key, expected, actual, last: null }];
  });
}

/**
 * "It is so already" must not be said of a state that may have changed in a store that cannot be reached.
 * @throws {BackendUnavailableError}
 */
function checkIsCurrent({ status, reason }: Health): void {
  if (status === 'stale' || status === 'state-lost' || status === 'error')
    throw new BackendUnavailableError(`Whether this changes anything is unknown: the state is ${status} (${reason})`);
}
