import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ChangedRecord, RecordKind, StateImage, StoredRecord } from '@waygate/core';

/** What a record is to be; `null` = it is not there. */
export interface NewValue {
  readonly kind: RecordKind;
  readonly key: string;
  readonly value: unknown;
}

/** Records of a server that does not number its changes: every value that is not what is known already is a revision, numbered here. */
export class NumberedRecords {
  readonly #epoch = randomUUID();
  #revision = 0;
  readonly #records = new Map<string, StoredRecord>();

  get revision(): number {
    return this.#revision;
  }

  get<K extends RecordKind>(kind: K, key: string): StoredRecord<K> | undefined {
    return this.#records.get(`${kind} ${key}`) as StoredRecord<K> | undefined;
  }

  image(): StateImage {
    return { revision: this.#revision, epoch: this.#epoch, records: [...this.#records.values()] };
  }

  /** @returns what was different, now of one revision; empty = nothing was */
  put(values: readonly NewValue[]): readonly ChangedRecord[] {
    const fresh = values.filter(
      ({ kind, key, value }) => !isDeepStrictEqual(withoutTimes(this.get(kind, key)?.value ?? null), withoutTimes(value)),
    );
    if (fresh.length === 0) return [];
    const revision = ++this.#revision;
    return fresh.map(({ kind, key, value }) => {
      const record = { kind, key, revision, value } as ChangedRecord;
      if (record.value === null) this.#records.delete(`${kind} ${key}`);
      else this.#records.set(`${kind} ${key}`, record as StoredRecord);
      return record;
    });
  }

  /** What is known, but not among these any more. */
  gone(values: readonly NewValue[], ofThese: (record: StoredRecord) => boolean): readonly NewValue[] {
    const present = new Set(values.map(({ kind, key }) => `${kind} ${key}`));
    return [...this.#records.values()]
      .filter((record) => ofThese(record) && !present.has(`${record.kind} ${record.key}`))
      .map(({ kind, key }) => ({ kind, key, value: null }));
  }
}

/** The moment something was heard of is no part of what it says. */
function withoutTimes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { setAt: _setAt, declaredAt: _declaredAt, override, ...rest } = value as Record<string, unknown>;
  return override === undefined ? rest : { ...rest, override: withoutTimes(override) };
}
