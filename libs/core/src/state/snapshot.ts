import {
  type ChangeBatch,
  type ChangedRecord,
  type StateImage,
  type StoredRecord,
  type StoreIdentity,
} from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import { PersistentMap } from './persistent-map.js';

/** By kind, also by kinds of later versions: they are carried, and nothing here reads them. */
type Tables = ReadonlyMap<string, PersistentMap<StoredRecord>>;

/** All records at one revision, immutable. Every decision reads it; the next one shares what did not change. */
export class Snapshot {
  static readonly EMPTY = new Snapshot(0, {}, new Map());

  private constructor(
    readonly revision: number,
    /** Which store it is from. */
    readonly identity: StoreIdentity,
    private readonly tables: Tables,
  ) {}

  /** Under another epoch, everything is loaded again; `undefined` where the backend does not tell. */
  get epoch(): string | undefined {
    return this.identity.epoch;
  }

  get<K extends RecordKind>(kind: K, key: string): StoredRecord<K> | undefined {
    return this.#table(kind).get(key);
  }

  /** All records of a kind, in no particular order. */
  list<K extends RecordKind>(kind: K): IterableIterator<StoredRecord<K>> {
    return this.#table(kind).values();
  }

  count(kind: RecordKind): number {
    return this.#table(kind).size;
  }

  /** The snapshot after a step of the feed. */
  after({ revision, changes }: Pick<ChangeBatch, 'revision' | 'changes'>): Snapshot {
    return new Snapshot(revision, this.identity, changedTables(this.tables, changes));
  }

  /** The snapshot that equals a freshly loaded image, sharing what is the same, and what is different between the two. */
  replacedBy(image: StateImage): { snapshot: Snapshot; changes: readonly ChangedRecord[] } {
    const changes: ChangedRecord[] = [];
    const present = new Set<string>();
    const isSame = this.isOf(image);
    for (const record of image.records) {
      present.add(`${record.kind} ${record.key}`);
      const known = this.tables.get(record.kind)?.get(record.key);
      if (!isSame || known?.revision !== record.revision) changes.push(record);
    }
    for (const [kind, table] of this.tables) {
      for (const { key } of table.values()) {
        if (!present.has(`${kind} ${key}`)) changes.push({ kind, key, revision: image.revision, value: null } as ChangedRecord);
      }
    }
    const { revision, records: _records, ...identity } = image;
    return { snapshot: new Snapshot(revision, identity, changedTables(this.tables, changes)), changes };
  }

  /** Whether an image is of the same store, and of the same epoch of it. */
  isOf({ epoch, store }: StoreIdentity): boolean {
    return this.identity.epoch === epoch && this.identity.store === store;
  }

  /** Everything, as a backend would load it. */
  toImage(): StateImage {
    const records = [...this.tables.values()].flatMap((table) => [...table.values()]);
    return { ...this.identity, revision: this.revision, records };
  }

  // A table holds nothing but records of its kind.
  #table<K extends RecordKind>(kind: K): PersistentMap<StoredRecord<K>> {
    return (this.tables.get(kind) ?? EMPTY_TABLE) as PersistentMap<StoredRecord<K>>;
  }
}

const EMPTY_TABLE: PersistentMap<StoredRecord> = PersistentMap.empty();

/** All tables, with new ones for the kinds that changed. */
function changedTables(tables: Tables, changes: readonly ChangedRecord[]): Tables {
  const byKind = new Map<string, [string, StoredRecord | undefined][]>();
  for (const record of changes) {
    let list = byKind.get(record.kind);
    if (list === undefined) byKind.set(record.kind, (list = []));
    list.push([record.key, record.value === null ? undefined : (record as StoredRecord)]);
  }
  const changed = new Map(tables);
  for (const [kind, list] of byKind) changed.set(kind, (tables.get(kind) ?? EMPTY_TABLE).with(list));
  return changed;
}
