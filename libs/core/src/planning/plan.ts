import type { AuditEntry } from '../schema/audit.js';
import type { AuditAction, Platform } from '../model/vocabulary.js';
import { auditEntry, type Author } from '../schema/author.js';
import type { RecordValues, RecordWrite } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { Snapshot } from '../state/snapshot.js';

/** What every change may carry. */
export interface ChangeOptions {
  /** Why. At most 2,000 characters. Default: the reason given for the whole list, else none. */
  readonly reason?: string;
  /** Fails with `ConflictError` unless the record is at this revision. 0 = it must not exist. Default: any revision is accepted. */
  readonly expectedRevision?: number;
}

/** A change as data: a kind and what that kind needs. */
export type ChangeOf<M, K extends keyof M = keyof M> = { [P in K]: { readonly kind: P } & M[P] }[K];

/** What a planner knows besides the change itself. */
export interface PlanContext {
  readonly actor: string;
  readonly platform: Platform;
  /** Of the change, else of the whole list; empty = none was given. */
  readonly reason: string;
  /** Epoch ms. */
  readonly now: number;
  readonly snapshot: Snapshot;
}

/** One planner per kind of change: pure functions of the change and its context. They check everything that the change says. */
export type Planners<M> = { readonly [K in keyof M]: (change: M[K], context: PlanContext) => Plan };

/** How a change edits its record. */
export interface Edit<K extends RecordKind> {
  readonly action: AuditAction;
  /** `null` = the record is deleted. */
  readonly after: RecordValues[K] | null;
  /** Shown in the audit log when the operator gave no reason. */
  readonly summary?: string;
  /** What the record did by itself until now, recorded together with the change. */
  readonly earlier?: readonly AuditEntry[];
  /** The value that the change started from, when time had changed the stored one. Default: the stored value. */
  readonly before?: RecordValues[K] | null;
}

export interface PlanDraft<K extends RecordKind> {
  readonly kind: K;
  readonly key: string;
  readonly service?: string | null;
  /** Returns `null` when nothing is to be done. May be called several times, each time with what the earlier changes left. */
  readonly edit: (before: RecordValues[K] | null, snapshot: Snapshot) => Edit<K> | null;
  /** Removes secrets from values that are shown or logged. Default: the value as it is. */
  readonly redact?: (value: RecordValues[K]) => RecordValues[K];
}

/** A record's next value and the audit entries for it. */
interface PlannedEdit {
  readonly write: RecordWrite;
  readonly audit: readonly AuditEntry[];
}

/** One change, read and checked: which record it concerns, and how it edits that record. */
export interface Plan {
  readonly kind: RecordKind;
  readonly key: string;
  /** @param snapshot the state that the earlier changes of the list left */
  run(snapshot: Snapshot): PlannedEdit | null;
  /** The value in a form without secrets. */
  redacted(snapshot: Snapshot): unknown;
}

export function planFor<K extends RecordKind>(
  { kind, key, service = null, edit, redact }: PlanDraft<K>,
  context: PlanContext,
): Plan {
  const valueIn = (snapshot: Snapshot): RecordValues[K] | null => snapshot.get(kind, key)?.value ?? null;
  const shown = (value: RecordValues[K] | null) => (value === null || redact === undefined ? value : redact(value));
  return {
    kind,
    key,
    run: (snapshot) => {
      const stored = valueIn(snapshot);
      const edited = edit(stored, snapshot);
      if (edited === null) return null;
      const { action, after, summary = '', earlier = [], before = stored } = edited;
      const author: Author = { ...context, reason: context.reason === '' ? summary : context.reason };
      const draft = { action, kind, key, service, before: shown(before), after: shown(after) };
      const expected = snapshot.get(kind, key)?.revision ?? 0;
      // TypeScript does not see that a write of any one kind is a write.
      const write = { kind, key, expected, value: after } as RecordWrite;
      return { write, audit: [...earlier, auditEntry(draft, author, context.now)] };
    },
    redacted: (snapshot) => shown(valueIn(snapshot)),
  };
}
