import type { WaygateBackend } from '../backend/waygate-backend.js';
import { isAboutRecord, type AuditFilter, type AuditKind, type RecordedAuditEntry, type RecordEntry } from '../schema/audit.js';
import { RevisionConflictError, RevisionNotFoundError, ValidationError } from '../model/errors.js';
import type { ChangeSet, Page } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import { toInstant, type Clock, type InstantInput } from '../model/time.js';
import { planFor } from '../planning/plan.js';
import { planSet, type PlanSetOptions } from '../planning/plan-set.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import type { Author } from '../schema/author.js';
import { auditCsv, auditJsonLine, CSV_HEAD } from './audit-export.js';
import { differences, type Difference } from './difference.js';
import { restored, sameSetting } from './reversal.js';

/** Which entries; all given fields must match. */
export interface AuditSearch extends Omit<AuditFilter, 'since' | 'until'> {
  /** Inclusive. */
  readonly since?: InstantInput;
  /** Exclusive. */
  readonly until?: InstantInput;
}

export interface AuditQuery extends AuditSearch {
  /** 1 to 1000; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface RevertOptions extends Author {
  /** Restores what was before even where it was changed since; those changes are lost. Default `false`. */
  readonly force?: boolean;
}

/** What two revisions make different about one record. */
export interface RecordDifference {
  readonly kind: AuditKind;
  readonly key: string;
  /** The record's value at the earlier and at the later revision; `null` = it did not exist. */
  readonly before: unknown;
  readonly after: unknown;
  readonly differences: readonly Difference[];
  /** The changes in between, oldest first. */
  readonly entries: readonly RecordedAuditEntry[];
}

/** What taking back a revision would do to one record. */
export interface RecordReversal {
  readonly kind: RecordKind;
  readonly key: string;
  /** The record's value now and afterwards; `null` = it does not, or will not, exist. */
  readonly before: unknown;
  readonly after: unknown;
  readonly differences: readonly Difference[];
  /** Whether it was changed since, so that only `force` takes it back. */
  readonly isChanged: boolean;
  /** Changes that came since, newest first, as far as the log has them. */
  readonly later: readonly RecordedAuditEntry[];
}

export interface RevisionDifference {
  readonly from: number;
  readonly to: number;
  readonly records: readonly RecordDifference[];
  /** `false` = the log no longer reaches back to the earlier revision: what is missing in front of it is unknown. */
  readonly complete: boolean;
}

const EXPORT_PAGE = 500;

/** Reads what was changed, by whom and why, and takes changes back. */
export class AuditLog {
  /**
   * @param maxAgeMs entries older than that are not given out any more; `Infinity` = all that are kept
   * @param check throws for writes that would leave what nobody may write, e.g. a flag that refers to one that is not there
   */
  constructor(
    private readonly backend: WaygateBackend,
    private readonly state: ControlState,
    private readonly clock: Clock,
    private readonly maxAgeMs: number,
    private readonly check: NonNullable<PlanSetOptions['check']>,
  ) {}

  /**
   * Entries that match, newest first.
   * @throws {ValidationError | BackendUnavailableError}
   */
  async list({ limit = 50, cursor, ...search }: AuditQuery = {}): Promise<Page<RecordedAuditEntry>> {
    return this.backend.queryAudit(this.#filterOf(search), { limit, ...(cursor === undefined ? {} : { cursor }) });
  }

  /**
   * Every entry that matches, newest first, read page by page: memory does not grow with the log.
   * @throws {ValidationError | BackendUnavailableError} while it is read
   */
  async *entries(search: AuditSearch = {}): AsyncGenerator<RecordedAuditEntry> {
    let cursor: string | null = null;
    do {
      const page: Page<RecordedAuditEntry> = await this.list({
        ...search,
        limit: EXPORT_PAGE,
        ...(cursor === null ? {} : { cursor }),
      });
      yield* page.items;
      cursor = page.next;
    } while (cursor !== null);
  }

  /**
   * The log as text, piece by piece: JSON lines, or CSV (RFC 4180) with a head. In CSV, text that a spreadsheet would take for a formula
   * stands behind an apostrophe.
   */
  async *export(format: 'jsonl' | 'csv', search: AuditSearch = {}): AsyncGenerator<string> {
    if (format === 'csv') yield CSV_HEAD;
    for await (const entry of this.entries(search)) yield format === 'csv' ? auditCsv(entry) : auditJsonLine(entry);
  }

  /**
   * Takes back what a revision changed, as a new revision. What the code declares is not touched.
   * @throws {RevisionNotFoundError} when the log has no such revision (any more)
   * @throws {RevisionConflictError} naming the later change, when a record moved on since and `force` is not set
   * @throws {ValidationError} for changes that cannot be taken back: declarations, secrets
   * @throws {InUseError} when what would go away is needed by something made since
   * @throws {RouteProtectedError | BackendUnavailableError}
   */
  async revert(revision: number, { force = false, ...author }: RevertOptions = {}): Promise<{ readonly revision: number }> {
    const entries = await this.#entriesOf(revision);
    if (!force) for (const entry of entries) await this.#assertUnchangedSince(entry);
    let written = this.state.snapshot.revision;
    await this.state.change((snapshot) => this.#inverse(snapshot, entries, force, author));
    written = Math.max(written, this.state.snapshot.revision);
    return { revision: written };
  }

  /**
   * What {@link revert} would change now, record by record, and what came since. Changes nothing.
   * @throws as {@link revert} does, but for `RevisionConflictError`
   */
  async reversal(revision: number): Promise<readonly RecordReversal[]> {
    const entries = await this.#entriesOf(revision);
    return Promise.all(
      entries.map(async (entry) => {
        const { kind, key } = entry;
        const current = this.state.snapshot.get(kind, key)?.value ?? null;
        const value = restored(kind, key, current, entry.before as typeof current, this.clock());
        const isChanged = !sameSetting(kind, current, entry.after);
        const later = isChanged ? await this.#later(entry) : [];
        return { kind, key, before: current, after: value, differences: differences(current, value), isChanged, later };
      }),
    );
  }

  /**
   * What differs between two revisions, record by record. Takes as long as there are changes in between.
   * @throws {ValidationError} for what is no revision, or none yet
   * @throws {BackendUnavailableError}
   */
  async diff(from: number, to: number): Promise<RevisionDifference> {
    for (const [field, revision] of [
      ['from', from],
      ['to', to],
    ] as const)
      if (!Number.isInteger(revision) || revision < 0) throw new ValidationError(field, 'must be the number of a revision');
    const [low, high] = from <= to ? [from, to] : [to, from];
    const between: RecordedAuditEntry[] = [];
    let complete = low === 0;
    let { revision: last } = this.state.snapshot;
    for await (const entry of this.entries()) {
      last = Math.max(last, entry.revision);
      if (entry.revision <= low) {
        complete = true;
        break;
      }
      if (entry.revision <= high) between.push(entry);
    }
    if (high > last)
      throw new ValidationError(from <= to ? 'to' : 'from', `there is no revision ${high} yet; the last is ${last}`);
    complete ||= between.at(-1)?.revision === low + 1 || low === high;
    const records = groupByRecord(between.toReversed());
    return { from, to, records: from <= to ? records : records.map(turnedAround), complete };
  }

  async #assertUnchangedSince(entry: RecordEntry): Promise<void> {
    const { kind, key, revision, after } = entry;
    if (sameSetting(kind, this.state.snapshot.get(kind, key)?.value ?? null, after)) return;
    throw new RevisionConflictError(revision, kind, key, (await this.#later(entry)).at(-1) ?? null);
  }

  /** The changes to the same record since, newest first; no more than anybody reads. */
  async #later({ kind, key, revision }: RecordedAuditEntry): Promise<readonly RecordedAuditEntry[]> {
    const { items } = await this.backend.queryAudit({ kind, key }, { limit: 50 });
    return items.filter((other) => other.revision > revision);
  }

  /**
   * What a revision changed, an entry a record.
   * @throws {RevisionNotFoundError | ValidationError} for revisions that cannot be taken back
   */
  async #entriesOf(revision: number): Promise<readonly RecordEntry[]> {
    if (!Number.isInteger(revision) || revision < 1) throw new ValidationError('revision', 'must be the number of a revision');
    const entries: RecordedAuditEntry[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<RecordedAuditEntry> = await this.backend.queryAudit(
        { revision },
        { limit: 1000, ...(cursor === null ? {} : { cursor }) },
      );
      entries.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    if (entries.length === 0) throw new RevisionNotFoundError(revision);
    for (const { action, key, before, after } of entries) {
      if (action === 'declare')
        throw new ValidationError('revision', `${revision} is a deployment; what code declares is changed in the code`);
      // Another process told only what the route was called before and after, not how it was set.
      if (typeof before === 'string' || typeof after === 'string')
        throw new ValidationError('revision', `${revision} tells of a change made elsewhere; set '${key}' to what it should be`);
    }
    const ofRecords = entries.filter(isAboutRecord);
    if (ofRecords.length < entries.length)
      throw new ValidationError('revision', `${revision} restored or accepted the whole state, which cannot be reverted`);
    return oneARecord(ofRecords);
  }

  #inverse(snapshot: Snapshot, entries: readonly RecordEntry[], force: boolean, author: Author): ChangeSet | null {
    const { actor = 'system', platform = 'code', reason = '' } = author;
    const context = { actor, platform, reason, now: this.clock(), snapshot };
    const plans = entries.map(({ kind, key, service, revision, before, after }) =>
      planFor(
        {
          kind,
          key,
          service,
          edit: (current) => {
            if (!force && !sameSetting(kind, current, after)) throw new RevisionConflictError(revision, kind, key, null);
            const value = restored(kind, key, current, before as typeof current, context.now);
            if (sameSetting(kind, current, value)) return null;
            return { action: 'revert', after: value, summary: `Takes back revision ${revision}` };
          },
        },
        context,
      ),
    );
    return planSet(plans, snapshot, { check: this.check }).changeSet;
  }

  /** Entries keep moments in one form, and are compared by it; none is older than it may be. */
  #filterOf({ since, until, ...filter }: AuditSearch): AuditFilter {
    const asked = since === undefined ? '' : toInstant(since, 'since');
    const oldest = this.maxAgeMs === Infinity ? '' : new Date(this.clock() - this.maxAgeMs).toISOString();
    const from = asked > oldest ? asked : oldest;
    return {
      ...filter,
      ...(from === '' ? {} : { since: from }),
      ...(until === undefined ? {} : { until: toInstant(until, 'until') }),
    };
  }
}

/**
 * Of several entries about one record, as of a flag that was changed and did by itself what was due, one that says what all of them did.
 * @param entries newest first
 */
function oneARecord(entries: readonly RecordEntry[]): readonly RecordEntry[] {
  const records = new Map<string, RecordEntry>();
  for (const entry of entries) {
    const id = `${entry.kind} ${entry.key}`;
    const newest = records.get(id);
    records.set(id, newest === undefined ? entry : { ...newest, before: entry.before });
  }
  return [...records.values()];
}

/** @param entries oldest first */
function groupByRecord(entries: readonly RecordedAuditEntry[]): readonly RecordDifference[] {
  const groups = new Map<string, RecordedAuditEntry[]>();
  for (const entry of entries) {
    const id = `${entry.kind} ${entry.key}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].map((group) => {
    const { kind, key, before } = group[0] as RecordedAuditEntry;
    const { after } = group.at(-1) as RecordedAuditEntry;
    return { kind, key, before, after, differences: differences(before, after), entries: group };
  });
}

function turnedAround({ before, after, ...rest }: RecordDifference): RecordDifference {
  return { ...rest, before: after, after: before, differences: differences(after, before) };
}
