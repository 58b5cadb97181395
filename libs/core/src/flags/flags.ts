import type { Author } from '../model/author.js';
import { FlagNotFoundError } from '../model/errors.js';
import type { EvaluationContext } from '../model/evaluation-context.js';
import type { Expiry } from '../model/expiry.js';
import type {
  FlagInput,
  FlagRecord,
  FlagStatus,
  FlagType,
  FlagValue,
  ProgressiveRolloutInput,
  ScheduledChangeInput,
} from '../schema/flag.js';
import type { StoredRecord } from '../schema/record.js';
import { toDuration, type Clock, type DurationInput } from '../model/time.js';
import { withoutAuthor, type ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf } from '../planning/plan.js';
import type { ControlState } from '../state/control-state.js';
import { dueEdges } from './due-edges.js';
import type { EvaluationCount, EvaluationFilter, EvaluationLog, EvaluationSample, EvaluationTotal } from './evaluation-log.js';
import { explainFlag, type FlagExplanation } from './explain.js';
import type { FlagChange } from './flag-change.js';
import type { FlagDetails } from './flag-details.js';
import type { FlagEvaluator, FlagOverrides } from './flag-evaluator.js';
import type { FlagChanges } from './flag-planners.js';
import type { FlagTable } from './flag-table.js';
import { staleness, viewFlag, WEEK_MS, type FlagView, type StaleFlag } from './flag-view.js';

/** How long a switch holds before it goes back by itself; both missing = until it is changed. At most one of the two. */
export type SwitchExpiry = Expiry;

/** All given fields must match. */
export interface FlagFilter {
  readonly type?: FlagType;
  readonly status?: FlagStatus;
  readonly tag?: string;
  readonly clientVisible?: boolean;
  /** Part of the key or the name, in any case. */
  readonly search?: string;
}

export interface FlagsOptions {
  readonly state: ControlState;
  readonly changes: ChangeSink<ChangeOf<FlagChanges>>;
  readonly table: FlagTable;
  readonly evaluator: FlagEvaluator;
  readonly log: EvaluationLog;
  readonly clock: Clock;
}

/**
 * Feature flags: defines them, switches them, plans changes, and says why a caller gets what he gets.
 *
 * Every change throws `FlagNotFoundError`, `ValidationError` (with the field's path), `BackendUnavailableError`, and `ConflictError`
 * where `expectedRevision` was given; then nothing was changed. What a flag refers to (segments, prerequisites) is checked when it is
 * written.
 */
export class Flags {
  constructor(private readonly options: FlagsOptions) {}

  /** @throws {AlreadyExistsError} when there is a flag of this key */
  async create(flag: FlagInput, change: FlagChange = {}): Promise<FlagView> {
    await this.options.changes.applyOne({ kind: 'flag.create', ...withoutAuthor(change), flag }, change);
    return this.read(flag.key);
  }

  /** Creates a flag or replaces its definition. */
  async save(flag: FlagInput, change: FlagChange = {}): Promise<FlagView> {
    await this.options.changes.applyOne({ kind: 'flag.set', ...withoutAuthor(change), flag }, change);
    return this.read(flag.key);
  }

  /** Replaces the given fields; `key` and `type` stay. Lists and objects are replaced as a whole. */
  async patch(key: string, patch: Partial<FlagInput>, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.update', ...withoutAuthor(change), key, patch }, change);
  }

  /** @throws {InUseError} while it is a prerequisite of other flags */
  async delete(key: string, change: FlagChange = {}): Promise<void> {
    await this.options.changes.applyOne({ kind: 'flag.delete', ...withoutAuthor(change), key }, change);
  }

  /** Switches the flag on, for good or for a time. */
  async enable(key: string, change: FlagChange & SwitchExpiry = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.enable', ...withoutAuthor(change), key }, change);
  }

  /** Switches the flag off, for good or for a time: everybody gets the off variation. */
  async disable(key: string, change: FlagChange & SwitchExpiry = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.disable', ...withoutAuthor(change), key }, change);
  }

  /** Retires the flag: callers get the default they name. Its definition stays. */
  async archive(key: string, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.archive', ...withoutAuthor(change), key }, change);
  }

  /** Takes an archived or deprecated flag back into use. */
  async restore(key: string, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.restore', ...withoutAuthor(change), key }, change);
  }

  async get(key: string): Promise<FlagView> {
    return this.read(key);
  }

  /** Sorted by key. */
  async list(filter: FlagFilter = {}): Promise<readonly FlagView[]> {
    return this.readAll(filter);
  }

  /** @throws {FlagNotFoundError} */
  read(key: string): FlagView {
    const stored = this.options.state.snapshot.get('flag', key);
    if (stored === undefined) throw new FlagNotFoundError(key);
    return viewFlag(stored, this.options.log, this.options.clock());
  }

  readAll({ type, status, tag, clientVisible, search }: FlagFilter = {}): readonly FlagView[] {
    const now = this.options.clock();
    const wanted = search?.toLowerCase();
    return [...this.options.state.snapshot.list('flag')]
      .flatMap((stored) => this.#readable(stored, now))
      .filter(
        (flag) =>
          (type === undefined || flag.type === type) &&
          (status === undefined || flag.status === status) &&
          (tag === undefined || flag.tags.includes(tag)) &&
          (clientVisible === undefined || flag.clientVisible === clientVisible) &&
          (wanted === undefined || flag.key.toLowerCase().includes(wanted) || flag.name.toLowerCase().includes(wanted)),
      )
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  /** A record that no writer of ours made is left out: it must not hide all the others. */
  #readable(stored: StoredRecord<'flag'>, now: number): readonly FlagView[] {
    try {
      return [viewFlag(stored, this.options.log, now)];
    } catch {
      return [];
    }
  }

  /** The value for a context and how it came about; `null` where the caller's default would be given. Never throws. */
  async evaluate(key: string, context?: EvaluationContext): Promise<FlagDetails>;
  async evaluate<T extends FlagValue>(key: string, context: EvaluationContext | undefined, fallback: T): Promise<FlagDetails<T>>;
  async evaluate(key: string, context?: EvaluationContext, fallback?: FlagValue): Promise<FlagDetails> {
    const { evaluator } = this.options;
    return fallback === undefined ? evaluator.evaluate(key, context) : evaluator.details(key, fallback, context);
  }

  /**
   * Every step of an evaluation, with what each saw: the clauses and their verdicts, the bucket and the weights. Not counted.
   * @throws {FlagNotFoundError}
   */
  explain(key: string, context: EvaluationContext = {}): FlagExplanation {
    const { state, table, clock } = this.options;
    return explainFlag(key, context, state.snapshot, table, clock());
  }

  /** Plans a change that makes itself, once over the fleet, also when nobody runs at that moment. */
  async schedule(key: string, planned: ScheduledChangeInput, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.schedule', ...withoutAuthor(change), key, planned }, change);
  }

  /** Gives up a planned change. @throws {ValidationError} when there is none of this id */
  async unschedule(key: string, changeId: string, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.cancel-schedule', ...withoutAuthor(change), key, changeId }, change);
  }

  /** Lets a variation grow by steps of time, in place of the fallthrough or of what a rule serves. Starts at once. */
  async rollout(key: string, rollout: ProgressiveRolloutInput, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.start-rollout', ...withoutAuthor(change), key, rollout }, change);
  }

  /** Keeps a progressive rollout at the weight it has. */
  async pauseRollout(key: string, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.pause-rollout', ...withoutAuthor(change), key }, change);
  }

  /** Lets a paused rollout go on with what was left of its step. */
  async resumeRollout(key: string, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.resume-rollout', ...withoutAuthor(change), key }, change);
  }

  /** Ends a progressive rollout; what it replaced holds again. */
  async abortRollout(key: string, change: FlagChange = {}): Promise<FlagView> {
    return this.#edit({ kind: 'flag.stop-rollout', ...withoutAuthor(change), key }, change);
  }

  /**
   * Writes down what flags did by themselves up to now: switch-backs, scheduled changes, steps of rollouts. Evaluation does not wait for
   * it. Several engines may call it at the same moment: each edge is recorded once.
   * @returns how many edges this call recorded
   */
  async runDue(now: number = this.options.clock()): Promise<number> {
    let recorded = 0;
    const due = [...this.options.table.timed()].filter(({ at }) => at <= now);
    for (const { key } of due) recorded += await this.#recordDue(key, now);
    return recorded;
  }

  /** Epoch ms of the next moment at which a flag changes by itself; in the past = `runDue` has work; `null` = never. */
  nextDue(): number | null {
    let next = Infinity;
    for (const { at } of this.options.table.timed()) next = Math.min(next, at);
    return next === Infinity ? null : next;
  }

  /** Flags that could be removed from the code, or should be looked at. @param after how long it must have been so; default a week */
  stale({ after = WEEK_MS }: { readonly after?: DurationInput } = {}): readonly StaleFlag[] {
    const { state, log, clock } = this.options;
    const ms = toDuration(after, 'after');
    return this.readAll()
      .map(({ key }) => state.snapshot.get('flag', key)?.value)
      .filter((flag): flag is FlagRecord => flag !== undefined)
      .map((flag) => staleness(flag, log, clock(), ms))
      .filter((stale): stale is StaleFlag => stale !== null);
  }

  /** Evaluations of this process per flag, variation and minute; the last 60 minutes, oldest first. */
  counts(filter: { readonly flag?: string; readonly minutes?: number } = {}): readonly EvaluationCount[] {
    return this.options.log.counts(filter);
  }

  /** Evaluations of this process per flag and variation since it began. */
  totals(): readonly EvaluationTotal[] {
    return this.options.log.totals();
  }

  /** Single evaluations of this process, newest first: all while few are made, a sample under load. */
  evaluations(filter: EvaluationFilter = {}): readonly EvaluationSample[] {
    return this.options.log.samples(filter);
  }

  /** For tests: values that stand in for flags; `null` = none. Prefer `overrideFlags` of the testing entry point, which restores. */
  setOverrides(overrides: FlagOverrides | null): void {
    this.options.evaluator.setOverrides(overrides);
  }

  async #edit(change: ChangeOf<FlagChanges> & { readonly key: string }, author: Author): Promise<FlagView> {
    await this.options.changes.applyOne(change, author);
    return this.read(change.key);
  }

  /**
   * Records what a flag did by itself up to a moment. Whoever commits first has recorded it; everybody else finds nothing left.
   * @returns how many edges this call recorded
   */
  async #recordDue(key: string, now: number): Promise<number> {
    let recorded = 0;
    await this.options.state.change((snapshot) => {
      const stored = snapshot.get('flag', key);
      const due = stored === undefined ? null : dueEdges(stored.value, now);
      recorded = due?.audit.length ?? 0;
      if (stored === undefined || due === null || recorded === 0) return null;
      return { writes: [{ kind: 'flag', key, expected: stored.revision, value: due.flag }], audit: due.audit };
    });
    return recorded;
  }
}
