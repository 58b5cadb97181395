import { randomUUID } from 'node:crypto';
import { auditEntry } from '../audit/author.js';
import type { AuditAction } from '../model/vocabulary.js';
import { AlreadyExistsError, ConflictError, InUseError, SegmentNotFoundError, ValidationError } from '../model/errors.js';
import type { SegmentInput, SegmentRecord, SegmentRuleInput } from '../schema/segment.js';
import type { Clock, Instant } from '../model/time.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { checkSegmentReferences, dependantsOfSegment } from './check-references.js';
import type { FlagChange } from './flag-writer.js';
import { read } from '../schema/check.js';
import { keyed } from '../schema/fields.js';
import { readSegment } from './read-segment.js';

export interface SegmentView extends SegmentRecord {
  readonly revision: number;
}

interface SegmentEdit {
  readonly before: SegmentRecord | null;
  readonly snapshot: Snapshot;
  readonly now: Instant;
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
    private readonly clock: Clock,
  ) {}

  /** @throws {AlreadyExistsError} when there is a segment of this key */
  async create(segment: SegmentInput, change: FlagChange = {}): Promise<SegmentView> {
    await this.#save(segment, change, false);
    return this.read(segment.key);
  }

  /** Creates a segment or replaces it. */
  async save(segment: SegmentInput, change: FlagChange = {}): Promise<SegmentView> {
    await this.#save(segment, change, true);
    return this.read(segment.key);
  }

  /** @throws {InUseError} while rules of flags or other segments name it */
  async delete(key: string, change: FlagChange = {}): Promise<void> {
    await this.#write(key, change, ({ before, snapshot }) => {
      if (before === null) throw new SegmentNotFoundError(key);
      const dependants = dependantsOfSegment(key, snapshot);
      if (dependants.length > 0) throw new InUseError('Segment', key, dependants);
      return { action: 'segment_deleted', after: null };
    });
  }

  /** Adds members; who was excluded no longer is. */
  async include(key: string, members: readonly string[], change: FlagChange = {}): Promise<SegmentView> {
    const added = new Set(members);
    return this.#edit(key, change, (segment) => ({
      ...segment,
      included: [...segment.included, ...members],
      excluded: segment.excluded.filter((member) => !added.has(member)),
    }));
  }

  /** Keeps callers out whatever the rules say; who was a member no longer is. */
  async exclude(key: string, members: readonly string[], change: FlagChange = {}): Promise<SegmentView> {
    const added = new Set(members);
    return this.#edit(key, change, (segment) => ({
      ...segment,
      included: segment.included.filter((member) => !added.has(member)),
      excluded: [...segment.excluded, ...members],
    }));
  }

  /** Strikes callers off both lists, so that the rules decide about them. */
  async forget(key: string, members: readonly string[], change: FlagChange = {}): Promise<SegmentView> {
    const gone = new Set(members);
    const kept = (member: string) => !gone.has(member);
    return this.#edit(key, change, (segment) => ({
      ...segment,
      included: segment.included.filter(kept),
      excluded: segment.excluded.filter(kept),
    }));
  }

  /** Adds a rule, or replaces the one of the same id. */
  async addRule(key: string, rule: SegmentRuleInput, change: FlagChange = {}): Promise<SegmentView> {
    const named = { id: randomUUID(), ...rule };
    return this.#edit(key, change, (segment) => ({
      ...segment,
      rules: segment.rules.some(({ id }) => id === named.id)
        ? segment.rules.map((each) => (each.id === named.id ? named : each))
        : [...segment.rules, named],
    }));
  }

  /** @throws {ValidationError} when there is no such rule */
  async removeRule(key: string, ruleId: string, change: FlagChange = {}): Promise<SegmentView> {
    return this.#edit(key, change, (segment) => {
      const rules = segment.rules.filter(({ id }) => id !== ruleId);
      if (rules.length === segment.rules.length) throw new ValidationError('ruleId', `the segment has no rule '${ruleId}'`);
      return { ...segment, rules };
    });
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

  async #save(segment: SegmentInput, change: FlagChange, mayExist: boolean): Promise<void> {
    const { key } = read(keyed, segment);
    await this.#write(key, change, ({ before, snapshot, now }) => {
      if (before !== null && !mayExist) throw new AlreadyExistsError('Segment', key);
      const after = readSegment(segment, before, now);
      checkSegmentReferences(after, snapshot);
      return { action: before === null ? 'segment_created' : 'segment_updated', after };
    });
  }

  async #edit(key: string, change: FlagChange, edit: (segment: SegmentRecord) => SegmentInput): Promise<SegmentView> {
    await this.#write(key, change, ({ before, snapshot, now }) => {
      if (before === null) throw new SegmentNotFoundError(key);
      const after = readSegment(edit(before), before, now);
      checkSegmentReferences(after, snapshot);
      return { action: 'segment_updated', after };
    });
    return this.read(key);
  }

  async #write(
    key: string,
    change: FlagChange,
    edit: (given: SegmentEdit) => { readonly action: AuditAction; readonly after: SegmentRecord | null },
  ): Promise<void> {
    const { expectedRevision } = change;
    await this.state.change(
      (snapshot) => {
        const stored = snapshot.get('segment', key);
        const expected = stored?.revision ?? 0;
        if (expectedRevision !== undefined && expectedRevision !== expected) {
          throw new ConflictError('segment', key, expectedRevision, expected);
        }
        const at = this.clock();
        const before = stored?.value ?? null;
        const { action, after } = edit({ before, snapshot, now: new Date(at).toISOString() });
        const audit = auditEntry({ action, kind: 'segment', key, service: null, before, after }, change, at);
        return { writes: [{ kind: 'segment', key, expected, value: after }], audit: [audit] };
      },
      { retry: expectedRevision === undefined },
    );
  }
}
