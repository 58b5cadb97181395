const BUCKETS = 1024;
const MASK = BUCKETS - 1;

/**
 * An immutable string map. A changed copy shares all but one of its {@link BUCKETS} buckets with the original, so that one change
 * among 100 000 entries copies a table of pointers and about a hundred entries instead of everything.
 */
export class PersistentMap<V> {
  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(
      Array.from({ length: BUCKETS }, () => undefined),
      0,
    );
  }

  private constructor(
    private readonly buckets: readonly (ReadonlyMap<string, V> | undefined)[],
    readonly size: number,
  ) {}

  get(key: string): V | undefined {
    return this.buckets[hash(key)]?.get(key);
  }

  *values(): IterableIterator<V> {
    for (const bucket of this.buckets) if (bucket !== undefined) yield* bucket.values();
  }

  /** A copy in which `key` holds the value, or is absent where it is `undefined`. */
  with(changes: Iterable<readonly [key: string, value: V | undefined]>): PersistentMap<V> {
    const buckets = [...this.buckets];
    const copied = new Map<number, Map<string, V>>();
    let size = this.size;
    for (const [key, value] of changes) {
      const index = hash(key);
      let bucket = copied.get(index);
      if (bucket === undefined) {
        bucket = new Map(buckets[index]);
        copied.set(index, bucket);
        buckets[index] = bucket;
      }
      const had = bucket.has(key);
      if (value === undefined) {
        bucket.delete(key);
        if (had) size--;
      } else {
        bucket.set(key, value);
        if (!had) size++;
      }
    }
    return new PersistentMap(buckets, size);
  }
}

/** FNV-1a, folded to a bucket. */
function hash(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) & MASK;
}
