import { type ChangeBatch, type ChangedRecord, type StateImage, type StoredRecord } from '../schema/record.js';
import { RECORD_KINDS, type RecordKind } from '../model/vocabulary.js';
import { PersistentMap } from './persistent-map.js';

type Tables = { readonly [K in RecordKind]: PersistentMap<StoredRecord<K>> };

/** All records at one revision, immutable. Every decision reads it; the next one shares what did not change. */
export class Snapshot {
  static readonly EMPTY = new Snapshot(0, undefined, emptyTables());

  private constructor(
    readonly revision: number,
    /** Which store it came from; `undefined` where the backend does not tell. */
    readonly epoch: string | undefined,
    private readonly tables: Tables,
  ) {}

  get<K extends RecordKind>(kind: K, key: string): StoredRecord<K> | undefined {
    return this.tables[kind].get(key);
  }

  /** All records of a kind, in no particular order. */
  list<K extends RecordKind>(kind: K): IterableIterator<StoredRecord<K>> {
    return this.tables[kind].values();
  }

  count(kind: RecordKind): number {
    return this.tables[kind].size;
  }

  /** The snapshot after a step of the feed. */
  after({ revision, changes }: Pick<ChangeBatch, 'revision' | 'changes'>): Snapshot {
    return new Snapshot(revision, this.epoch, { ...this.tables, ...changedTables(this.tables, changes) });
  }

  /** The snapshot that equals a freshly loaded image, sharing what is the same, and what is different between the two. */
  replacedBy(image: StateImage): { snapshot: Snapshot; changes: readonly ChangedRecord[] } {
    const changes: ChangedRecord[] = [];
    const present = new Set<string>();
    const sameStore = this.epoch === image.epoch;
    for (const record of image.records) {
      present.add(`${record.kind} ${record.key}`);
      if (!sameStore || this.get(record.kind, record.key)?.revision !== record.revision) changes.push(record);
    }
    for (const kind of RECORD_KINDS) {
      for (const { key } of this.list(kind)) {
        if (!present.has(`${kind} ${key}`)) changes.push({ kind, key, revision: image.revision, value: null });
      }
    }
    const tables = { ...this.tables, ...changedTables(this.tables, changes) };
    return { snapshot: new Snapshot(image.revision, image.epoch, tables), changes };
  }

  /** Everything, as a backend would load it. */
  toImage(): StateImage {
    const records = RECORD_KINDS.flatMap((kind): StoredRecord[] => [...this.list(kind)]);
    return { revision: this.revision, records, ...(this.epoch === undefined ? {} : { epoch: this.epoch }) };
  }
}

function emptyTables(): Tables {
  return Object.fromEntries(RECORD_KINDS.map((kind) => [kind, PersistentMap.empty()])) as unknown as Tables;
}

/** New tables for the kinds that changed. */
function changedTables(tables: Tables, changes: readonly ChangedRecord[]): Partial<Tables> {
  const byKind = new Map<RecordKind, [string, StoredRecord | undefined][]>();
  for (const record of changes) {
    let list = byKind.get(record.kind);
    if (list === undefined) byKind.set(record.kind, (list = []));
    list.push([record.key, record.value === null ? undefined : (record as StoredRecord)]);
  }
  const changed = [...byKind].map(([kind, list]) => [kind, (tables[kind] as PersistentMap<StoredRecord>).with(list)]);
  return Object.fromEntries(changed) as Partial<Tables>;
}
