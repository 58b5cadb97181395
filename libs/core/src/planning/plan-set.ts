import { isDeepStrictEqual } from 'node:util';
import type { AuditEntry } from '../schema/audit.js';
import type { ChangedRecord, ChangeSet, RecordWrite } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { Snapshot } from '../state/snapshot.js';
import type { Plan } from './plan.js';

/** What a list of plans does to one record. */
export interface PlannedRecord {
  readonly kind: RecordKind;
  readonly key: string;
  /** The stored value and the planned one, without secrets; `null` = the record does not exist. */
  readonly before: unknown;
  readonly after: unknown;
  /** Positions of the plans that edit it, ascending. */
  readonly plans: readonly number[];
}

/** A list of plans, carried out on a copy of the state. */
export interface PlannedSet {
  /** `null` = nothing changes. */
  readonly changeSet: ChangeSet | null;
  /** Records whose value changes, in the order they were first edited. */
  readonly records: readonly PlannedRecord[];
  /** The state before and afterwards. */
  readonly base: Snapshot;
  readonly after: Snapshot;
  /** Positions of the plans that change nothing by themselves, ascending. */
  readonly unchanged: readonly number[];
}

export interface PlanSetOptions {
  /** Checks a record that was written against everything that the whole list leaves. Throws when it must not be left so. */
  readonly check?: (write: RecordWrite, after: Snapshot, before: Snapshot) => void;
  /** Turns an error of the plan at a position into the one that is thrown. Default: the error as it is. */
  readonly errorAt?: (index: number, error: unknown) => unknown;
}

interface Edited {
  readonly plan: Plan;
  write: RecordWrite;
  readonly audit: AuditEntry[];
  readonly plans: number[];
}

/**
 * Carries out plans in order, each on what the ones before it left. The edits of one record become one write; a record that ends up as it
 * is stored drops out together with its audit entries.
 */
export function planSet(plans: readonly Plan[], base: Snapshot, { check, errorAt }: PlanSetOptions = {}): PlannedSet {
  const attempt = <T>(index: number, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw errorAt === undefined ? error : errorAt(index, error);
    }
  };
  const edited = new Map<string, Edited>();
  const unchanged: number[] = [];
  let after = base;
  plans.forEach((plan, index) => {
    const edit = attempt(index, () => plan.run(after));
    if (edit === null || !changes(edit.write, after)) {
      unchanged.push(index);
      return;
    }
    const { write, audit } = edit;
    const known = edited.get(idOf(plan));
    if (known === undefined) edited.set(idOf(plan), { plan, write, audit: [...audit], plans: [index] });
    else {
      known.write = { ...write, expected: known.write.expected };
      known.audit.push(...audit);
      known.plans.push(index);
    }
    after = after.after({ revision: base.revision + 1, changes: [changedBy(write, base.revision + 1)] });
  });
  const kept = [...edited.values()].filter(({ write }) => changes(write, base));
  for (const { write, plans: indexes } of kept) attempt(indexes.at(-1) ?? 0, () => check?.(write, after, base));
  return {
    changeSet: kept.length === 0 ? null : { writes: kept.map(({ write }) => write), audit: kept.flatMap(({ audit }) => audit) },
    records: kept.map(({ plan, plans: indexes }) => {
      const { kind, key } = plan;
      return { kind, key, before: plan.redacted(base), after: plan.redacted(after), plans: indexes };
    }),
    base,
    after,
    unchanged,
  };
}

function idOf({ kind, key }: Plan): string {
  return `${kind} ${key}`;
}

function changedBy({ kind, key, value }: RecordWrite, revision: number): ChangedRecord {
  return { kind, key, value, revision } as ChangedRecord;
}

function changes({ kind, key, value }: RecordWrite, base: Snapshot): boolean {
  return !isDeepStrictEqual(base.get(kind, key)?.value ?? null, value);
}
