import { auditEntry, type Author } from '../audit/author.js';
import type { AuditEntry } from '../schema/audit.js';
import type { AuditAction } from '../model/vocabulary.js';
import { ConflictError, FlagNotFoundError } from '../model/errors.js';
import type { FlagRecord } from '../schema/flag.js';
import type { ChangeSet, StoredRecord } from '../schema/record.js';
import type { Clock, Instant } from '../model/time.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { edges, type Edge } from './settle.js';

/** Who changes a flag or segment and why, and what he believes it to be. */
export interface FlagChange extends Author {
  /** Refuse with {@link ConflictError} unless the record still is at this revision; 0 = it must not exist. */
  readonly expectedRevision?: number;
}

/** What a change is made from. */
export interface FlagEdit {
  /** As it holds now; `null` = there is none. */
  readonly before: FlagRecord | null;
  readonly snapshot: Snapshot;
  readonly now: Instant;
}

/** What becomes of the flag (`null` = it is deleted), and what that is called. */
export interface FlagEdited {
  readonly action: AuditAction;
  readonly after: FlagRecord | null;
}

/** Who records what a flag does by itself. */
const SCHEDULER: Author = { actor: 'scheduler', platform: 'scheduler' };

/** Writes flags: one change set each, by compare-and-set, with the edges in time that fell due before it. */
export class FlagWriter {
  constructor(
    private readonly state: ControlState,
    private readonly clock: Clock,
  ) {}

  /** Changes a flag, or makes one. `edit` returns `null` when nothing is to be done. */
  async write(key: string, change: FlagChange, edit: (given: FlagEdit) => FlagEdited | null): Promise<void> {
    const { expectedRevision } = change;
    await this.state.change(
      (snapshot) => {
        const stored = snapshot.get('flag', key);
        const expected = stored?.revision ?? 0;
        if (expectedRevision !== undefined && expectedRevision !== expected) {
          throw new ConflictError('flag', key, expectedRevision, expected);
        }
        const now = this.clock();
        const due = stored === undefined ? [] : [...edges(stored.value, now)];
        const before = due.at(-1)?.after ?? stored?.value ?? null;
        const edited = edit({ before, snapshot, now: new Date(now).toISOString() });
        if (edited === null) return null;
        const { action, after } = edited;
        const own = auditEntry({ action, kind: 'flag', key, service: null, before, after }, change, now);
        return {
          writes: [{ kind: 'flag', key, expected, value: after }],
          audit: [...due.map((edge) => edgeEntry(key, edge, now)), own],
        };
      },
      { retry: expectedRevision === undefined },
    );
  }

  /** Changes a flag that exists. @throws {FlagNotFoundError} */
  async change(
    key: string,
    change: FlagChange,
    action: AuditAction,
    edit: (flag: FlagRecord, given: FlagEdit) => FlagRecord,
  ): Promise<void> {
    await this.write(key, change, (given) => {
      if (given.before === null) throw new FlagNotFoundError(key);
      const after = edit(given.before, given);
      return after === given.before ? null : { action, after: { ...after, updatedAt: given.now } };
    });
  }

  /**
   * Records what a flag did by itself up to a moment. Whoever commits first has recorded it; everybody else finds nothing left.
   * @returns how many edges this call recorded
   */
  async recordDue(key: string, now: number): Promise<number> {
    let recorded = 0;
    await this.state.change((snapshot) => {
      const stored = snapshot.get('flag', key);
      const set = stored === undefined ? null : dueChangeSet(stored, now);
      recorded = set?.audit.length ?? 0;
      return set;
    });
    return recorded;
  }
}

function dueChangeSet({ key, value, revision }: StoredRecord<'flag'>, now: number): ChangeSet | null {
  const due = [...edges(value, now)];
  const last = due.at(-1);
  if (last === undefined) return null;
  return {
    writes: [{ kind: 'flag', key, expected: revision, value: last.after }],
    audit: due.map((edge) => edgeEntry(key, edge, now)),
  };
}

function edgeEntry(key: string, { what, before, after }: Edge, now: number): AuditEntry {
  const action = before.enabled === after.enabled ? 'flag_updated' : after.enabled ? 'flag_enabled' : 'flag_disabled';
  return auditEntry({ action, kind: 'flag', key, service: null, before, after }, { ...SCHEDULER, reason: what }, now);
}
