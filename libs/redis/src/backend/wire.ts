import type {
  AuditEntry,
  ChangedRecord,
  ChangeSet,
  RateLimitHit,
  RecordedAuditEntry,
  RecordKind,
  StoredRecord,
} from '@waygate/core';
import type { Link, Position } from './position.js';

/** An entry of a stream as ioredis gives it: id, and fields and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** A commit, as the stream of changes tells it. */
export interface ToldCommit extends Link {
  readonly changes: readonly ChangedRecord[];
  readonly audit: readonly RecordedAuditEntry[];
}

/** What stands beside the records in the hash of the state. No kind of record is called so. */
const META = new Set(['epoch', 'revision', 'head']);

const fieldOf = (kind: RecordKind, key: string): string => `${kind} ${key}`;

function recordOf(field: string, revision: number, value: unknown): ChangedRecord {
  const space = field.indexOf(' ');
  return { kind: field.slice(0, space), key: field.slice(space + 1), revision, value } as ChangedRecord;
}

/** The arguments of a change set in the commit script, from the number of writes on. */
export function changeSetArguments({ writes, audit }: ChangeSet): string[] {
  const values = [String(writes.length)];
  for (const { kind, key, expected, value } of writes)
    values.push(fieldOf(kind, key), String(expected), value === null ? '' : JSON.stringify(value));
  for (const entry of audit) values.push(JSON.stringify(entry));
  return values;
}

/** Records as fields and values of the state, in turn. */
export function stateFields(records: readonly StoredRecord[]): string[] {
  return records.flatMap(({ kind, key, revision, value }) => [fieldOf(kind, key), `${revision} ${JSON.stringify(value)}`]);
}

/** @returns `null` for a store without an identity: new, or flushed */
export function readPosition([epoch, revision, head]: readonly (string | null | undefined)[]): Position | null {
  if (epoch == null || revision == null || head == null) return null;
  return { epoch, revision: Number(revision), head };
}

export function readRecords(state: Readonly<Record<string, string>>): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (const [field, text] of Object.entries(state)) {
    if (META.has(field)) continue;
    const space = text.indexOf(' ');
    records.push(recordOf(field, Number(text.slice(0, space)), JSON.parse(text.slice(space + 1))) as StoredRecord);
  }
  return records;
}

export function readLink([id, [, commit = '', , after = '']]: StreamEntry): Link {
  return { revision: Number(id.slice(0, id.indexOf('-'))), id: commit, after };
}

export function readCommit(entry: StreamEntry): ToldCommit {
  const link = readLink(entry);
  const [, , , , , changed = '[]', , audit = '[]'] = entry[1];
  const flat = JSON.parse(changed) as readonly unknown[];
  const changes: ChangedRecord[] = [];
  for (let at = 0; at < flat.length; at += 2) changes.push(recordOf(flat[at] as string, link.revision, flat[at + 1]));
  return {
    ...link,
    changes,
    audit: (JSON.parse(audit) as AuditEntry[]).map((each) => ({ ...each, revision: link.revision })),
  };
}

export function readAudit([, [, revision, , entry = '']]: StreamEntry): RecordedAuditEntry {
  return { ...(JSON.parse(entry) as AuditEntry), revision: Number(revision) };
}

export function readHit([, [, hit = '']]: StreamEntry): RateLimitHit {
  return JSON.parse(hit) as RateLimitHit;
}
