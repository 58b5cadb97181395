import { isDeepStrictEqual } from 'node:util';
import { ANY_STORE, type StateImage, type StoredRecord, type StoreIdentity } from '../schema/record.js';

/** A store that lost state, compared with what this process knows. */
export interface LostState {
  readonly found: StateImage;
  /** For operators: how the store differs. */
  readonly reason: string;
  /** What the store should hold; `null` = it has a history of its own, and only an operator can decide. */
  readonly restored: StateImage | null;
  /** How many records the store lacks. */
  readonly missing: number;
}

/** Where a process or a store stands. */
export type Standing = StoreIdentity & { readonly revision: number };

/**
 * Whether a store can be believed: nothing is known, it continues the known history, or it was restored or accepted.
 * @param known what this process knows; `null` = nothing
 */
export function canBelieve(known: Standing | null, found: Standing): boolean {
  if (known?.store === undefined || found.store === undefined) return true;
  if (found.store === known.store) return found.revision >= known.revision;
  if (supersedes(found, known.store)) return true;
  // An older backup of a store that was accepted once is no newer store.
  return supersedes(found, ANY_STORE) && !supersedes(known, found.store);
}

/**
 * Compares a store that cannot be believed by its identity with what is known.
 * @param newStore the identity of the store after a restore
 * @returns `null` = it lacks nothing, so it can be believed all the same
 */
export function lostState(known: StateImage, found: StateImage, newStore: string): LostState | null {
  const records = mergedRecords(known.records, found.records);
  const present = new Set(found.records);
  const missing = records.filter((record) => !present.has(record)).length;
  if (missing === 0) return null;
  const isRelated = found.store === known.store || found.forkOf === known.store || supersedes(known, found.store);
  const canRestore = isRelated || found.revision < known.revision;
  const restored: StateImage = {
    epoch: newStore,
    store: newStore,
    supersedes: unique([...(known.supersedes ?? []), ...(found.supersedes ?? []), known.store, found.store]),
    revision: Math.max(known.revision, found.revision) + 1,
    records,
  };
  return { found, missing, reason: reasonFor(known, found, missing), restored: canRestore ? restored : null };
}

/** How many histories a store remembers to have replaced. */
const MAX_SUPERSEDED = 64;

function unique(stores: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(stores.filter((store) => store !== undefined))].slice(-MAX_SUPERSEDED);
}

function supersedes({ supersedes: list = [] }: StoreIdentity, store: string | undefined): boolean {
  return store !== undefined && list.includes(store);
}

function reasonFor(known: StateImage, found: StateImage, missing: number): string {
  const lacks = `it lacks ${missing} ${missing === 1 ? 'record' : 'records'} known here`;
  if (found.records.length === 0) return `the store is empty; ${lacks}`;
  if (found.store === known.store)
    return `the store is at revision ${found.revision}, but ${known.revision} is known here; ${lacks}`;
  if (found.forkOf === known.store) return `the store lost its newest commits; ${lacks}`;
  return `the store has another history (revision ${found.revision}, ${known.revision} is known here); ${lacks}`;
}

/**
 * Merges what is known with what a store holds. The two agree up to the newest record that is the same in both. Of what changed since then,
 * a record that changed on one side is taken from it, and the newer one of those that changed on both.
 */
function mergedRecords(known: readonly StoredRecord[], found: readonly StoredRecord[]): readonly StoredRecord[] {
  const theirs = new Map(found.map((record) => [idOf(record), record]));
  let agreed = 0;
  for (const record of known)
    if (record.revision > agreed && isDeepStrictEqual(theirs.get(idOf(record)), record)) agreed = record.revision;
  const merged: StoredRecord[] = [];
  for (const record of known) {
    const other = theirs.get(idOf(record));
    theirs.delete(idOf(record));
    // Without it, the store either lost the record, or deleted it after the histories parted; a lost one is the safer guess.
    const isOlder = other !== undefined && (isDeepStrictEqual(other, record) || other.revision > record.revision);
    merged.push(isOlder ? other : record);
  }
  for (const other of theirs.values()) if (other.revision > agreed) merged.push(other);
  return merged;
}

function idOf({ kind, key }: StoredRecord): string {
  return `${kind} ${key}`;
}
