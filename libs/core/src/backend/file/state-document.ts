import { isRecordKind, recordMisfit, type StoredRecord } from '../../schema/record.js';
import { RECORD_KINDS, type RecordKind } from '../../model/vocabulary.js';
import { FORMAT_VERSION, TextProblem, type ParsedText, type StateFormat, type StateSection } from './state-format.js';

/** What a state file says. */
export interface StateDocument {
  readonly revision: number;
  readonly records: readonly StoredRecord[];
}

const MEMBERS = ['format', 'revision', 'records'];
const RECORD_MEMBERS = ['revision', 'value'];

/**
 * Reads a state file. A record without a revision, as one added by hand, gets that of the file.
 * @throws {TextProblem} at the first thing that is wrong
 */
export function readState(text: string, format: StateFormat): StateDocument {
  if (text.trim() === '') throw new TextProblem('the file is empty', { line: 1, column: 1 });
  const parsed = format.parse(text);
  const refuse = refusalOf(parsed);
  const { root } = parsed;
  if (!isObject(root)) return refuse([], `the file must hold ${MEMBERS.join(', ')}`);
  if (root['format'] !== FORMAT_VERSION)
    return refuse(['format'], `must be ${FORMAT_VERSION}, the only one this version of Waygate reads`);
  for (const name of Object.keys(root))
    if (!MEMBERS.includes(name)) refuse([name], `is unknown; known are ${MEMBERS.join(', ')}`);
  const { revision, records } = root;
  if (!isRevision(revision, Number.MAX_SAFE_INTEGER)) return refuse(['revision'], 'must be a whole number of at least 0');
  if (!isObject(records)) return refuse(['records'], 'must hold records by kind');

  const list: StoredRecord[] = [];
  for (const [kind, table] of Object.entries(records)) {
    if (!isRecordKind(kind) && !isLaterKind(kind, table))
      return refuse(['records', kind], `is not a kind of record; known are ${RECORD_KINDS.join(', ')}`);
    if (!isObject(table)) return refuse(['records', kind], 'must hold records by key');
    for (const [key, record] of Object.entries(table)) list.push(readRecord(kind, key, record, revision, refuse));
  }
  // Records put into an empty store by hand are its first commit.
  return { revision: list.length > 0 ? Math.max(revision, 1) : revision, records: list };
}

function readRecord(kind: string, key: string, record: unknown, latest: number, refuse: Refuse): StoredRecord {
  const path = ['records', kind, key];
  if (key.length === 0 || key.length > 1200) refuse(path, 'must have a key of 1 to 1200 characters');
  if (!isObject(record)) return refuse(path, "must hold 'value'");
  for (const name of Object.keys(record))
    if (!RECORD_MEMBERS.includes(name)) refuse([...path, name], `is unknown; known are ${RECORD_MEMBERS.join(', ')}`);
  const { revision = Math.max(latest, 1), value } = record;
  if (!isRevision(revision, Math.max(latest, 1)) || revision === 0)
    return refuse([...path, 'revision'], `must be a whole number from 1 to ${latest}, the revision of the file`);
  if (value === undefined) return refuse(path, "lacks the member 'value'");
  const misfit = isRecordKind(kind) ? recordMisfit(kind, key, value) : null;
  if (misfit !== null) refuse(misfit.part === 'key' ? path : [...path, 'value', ...misfit.path.map(String)], misfit.problem);
  return { kind, key, revision, value } as StoredRecord;
}

/**
 * Whether a later version wrote records of a kind. It gives each its revision; a person who edits the file mostly does not, and a known kind
 * that is misspelled must not be skipped, as it may hold a restriction.
 */
function isLaterKind(kind: string, table: unknown): boolean {
  if (!isObject(table) || RECORD_KINDS.some((known) => distance(kind, known) <= 2)) return false;
  const records = Object.values(table);
  return records.length > 0 && records.every((record) => isObject(record) && 'revision' in record && 'value' in record);
}

/** How many characters must be typed, deleted, or replaced to make one word of another. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Writes a state file: kinds in their order, keys in order. */
export function writeState(
  { revision, records }: StateDocument,
  format: Pick<StateFormat, 'compose'>,
  fragmentOf: (record: StoredRecord) => string,
): string {
  const byKind = new Map<RecordKind, StoredRecord[]>(RECORD_KINDS.map((kind) => [kind, []]));
  for (const record of records) {
    const list = byKind.get(record.kind) ?? [];
    list.push(record);
    byKind.set(record.kind, list);
  }
  const sections: StateSection[] = [];
  for (const [kind, list] of byKind) {
    if (list.length === 0) continue;
    list.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    sections.push({ kind, fragments: list.map(fragmentOf) });
  }
  return format.compose(revision, sections);
}

type Refuse = (path: readonly string[], problem: string) => never;

function refusalOf(parsed: ParsedText): Refuse {
  return (path, problem) => {
    const name = path.map((part) => (/^[\w-]+$/.test(part) ? part : `'${part}'`)).join('.');
    throw new TextProblem(name === '' ? problem : `${name} ${problem}`, parsed.where(path));
  };
}

function isRevision(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
