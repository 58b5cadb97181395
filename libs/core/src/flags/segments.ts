import type { Author } from '../model/author.js';
import { SegmentNotFoundError } from '../model/errors.js';
import type { SegmentInput, SegmentRecord, SegmentRuleInput } from '../schema/segment.js';
import { withoutAuthor, type ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf } from '../planning/plan.js';
import type { ControlState } from '../state/control-state.js';
import type { FlagChange } from './flag-change.js';
import type { SegmentChanges } from './segment-planners.js';

export interface SegmentView extends SegmentRecord {
  readonly revision: number;
}

/**
 * Named sets of callers that flags' rules refer to.
 *
 * Every change throws `SegmentNotFoundError`, `ValidationError` (with the field's path), `BackendUnavailableError`, and `ConflictError`
 * where `expectedRevision` was given; then nothing was changed.
 */
export class Segments {
  constructor(
    private readonly state: ControlState,
    private readonly changes: ChangeSink<ChangeOf<SegmentChanges>>,
  ) {}

  /** @throws {AlreadyExistsError} when there is a segment of this key */
  async create(segment: SegmentInput, change: FlagChange = {}): Promise<SegmentView> {
    await this.changes.applyOne({ kind: 'segment.create', ...withoutAuthor(change), segment }, change);
    return this.read(segment.key);
  }

  /** Creates a segment or replaces it. */
  async save(segment: SegmentInput, change: FlagChange = {}): Promise<SegmentView> {
    await this.changes.applyOne({ kind: 'segment.set', ...withoutAuthor(change), segment }, change);
    return this.read(segment.key);
  }

  /** @throws {InUseError} while rules of flags or other segments name it */
  async delete(key: string, change: FlagChange = {}): Promise<void> {
    await this.changes.applyOne({ kind: 'segment.delete', ...withoutAuthor(change), key }, change);
  }

  /** Adds members; who was excluded no longer is. */
  async include(key: string, members: readonly string[], change: FlagChange = {}): Promise<SegmentView> {
    return this.#edit({ kind: 'segment.include', ...withoutAuthor(change), key, members }, change);
  }

  /** Keeps callers out whatever the rules say; who was a member no longer is. */
  async exclude(key: string, members: readonly string[], change: FlagChange = {}): Promise<SegmentView> {
    return this.#edit({ kind: 'segment.exclude', ...withoutAuthor(change), key, members }, change);
  }

  /** Strikes callers off both lists, so that the rules decide about them. */
  async forget(key: string, members: readonly string[], change: FlagChange = {}): Promise<SegmentView> {
    return this.#edit({ kind: 'segment.forget', ...withoutAuthor(change), key, members }, change);
  }

  /** Adds a rule, or replaces the one of the same id. */
  async addRule(key: string, rule: SegmentRuleInput, change: FlagChange = {}): Promise<SegmentView> {
    return this.#edit({ kind: 'segment.set-rule', ...withoutAuthor(change), key, rule }, change);
  }

  /** @throws {ValidationError} when there is no such rule */
  async removeRule(key: string, ruleId: string, change: FlagChange = {}): Promise<SegmentView> {
    return this.#edit({ kind: 'segment.delete-rule', ...withoutAuthor(change), key, ruleId }, change);
  }

  async get(key: string): Promise<SegmentView> {
    return this.read(key);
  }

  /** Sorted by key. */
  async list(): Promise<readonly SegmentView[]> {
    return this.readAll();
  }

  /** @throws {SegmentNotFoundError} */
  read(key: string): SegmentView {
    const stored = this.state.snapshot.get('segment', key);
    if (stored === undefined) throw new SegmentNotFoundError(key);
    return { ...stored.value, revision: stored.revision };
  }

  readAll(): readonly SegmentView[] {
    return [...this.state.snapshot.list('segment')]
      .map(({ value, revision }) => ({ ...value, revision }))
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  async #edit(change: ChangeOf<SegmentChanges> & { readonly key: string }, author: Author): Promise<SegmentView> {
    await this.changes.applyOne(change, author);
    return this.read(change.key);
  }
}
