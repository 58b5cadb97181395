import type { MovingLog } from './moving-log.js';

/** Slots a caller can lie in; their fingerprints fill one cache line. */
export const WAYS = 16;

/** The level of a caller who was refused. */
export const OVER_LIMIT = 255;

/** Slots of a bucket are taken in order; from this one on the other bucket is looked at as well. */
const CROWDED = 10;
const NOWHERE = -1;

/**
 * Numbers of many callers in flat arrays: 42 bytes a slot, no object and no string a caller. A caller is known by two 32-bit
 * fingerprints and lies in one of the {@link WAYS} slots of one of two buckets, so that hardly anybody finds both full before the
 * segment is. A slot whose `expires` is over is free: nothing sweeps.
 */
export class CounterSegment {
  /** Epoch ms from which on the numbers mean nothing any more. */
  expires: Float64Array;
  /** Epoch ms until which the caller was refused when last seen. */
  blockedUntil: Float64Array;
  /** The used share of the limit when last seen: 254 = all of it, {@link OVER_LIMIT} = the caller was refused. */
  levels: Uint8Array;
  /** Which limit the caller is counted for, as far as 8 bits tell. */
  owners: Uint8Array;
  /** What the two numbers mean is each law's own. */
  first: Float64Array;
  second: Float64Array;
  /** Only the moving window has one; made for the first caller who needs it. */
  logs: (MovingLog | undefined)[] | null = null;

  #tagsA: Uint32Array;
  #tagsB: Uint32Array;
  #buckets: number;

  /** @param buckets how many it begins with, and how many it may grow to; powers of two */
  constructor(
    buckets: number,
    private readonly mostBuckets: number,
  ) {
    this.#buckets = buckets;
    const slots = buckets * WAYS;
    this.expires = new Float64Array(slots);
    this.blockedUntil = new Float64Array(slots);
    this.levels = new Uint8Array(slots);
    this.owners = new Uint8Array(slots);
    this.first = new Float64Array(slots);
    this.second = new Float64Array(slots);
    this.#tagsA = new Uint32Array(slots);
    this.#tagsB = new Uint32Array(slots);
  }

  /** The slot of a caller, or -1. */
  find(a: number, b: number): number {
    const slot = this.#findIn(this.#bucketOf(a), a, b);
    return slot === NOWHERE ? this.#findIn(this.#bucketOf(b), a, b) : slot;
  }

  #findIn(start: number, a: number, b: number): number {
    for (let slot = start; slot < start + WAYS; slot++) if (this.#tagsA[slot] === a && this.#tagsB[slot] === b) return slot;
    return NOWHERE;
  }

  /**
   * A slot for a newcomer: a free one; else, once the segment cannot grow any more, that of the caller who used the least of a limit
   * that holds more than its share of the bucket.
   * @param owner the limit that the newcomer is counted for
   * @param onEvict told who loses the slot, before it is cleared
   */
  place(a: number, b: number, owner: number, now: number, onEvict: (a: number, b: number, slot: number) => void): number {
    for (;;) {
      const firstBucket = this.#bucketOf(a);
      const first = this.#freeIn(firstBucket, now);
      if (first !== NOWHERE && first - firstBucket < CROWDED) return this.#take(first, a, b, owner);
      // The first bucket fills up: the emptier one of the two keeps both from ever being full long before all are.
      const secondBucket = this.#bucketOf(b);
      const second = this.#freeIn(secondBucket, now);
      if (second !== NOWHERE && (first === NOWHERE || second - secondBucket < first - firstBucket))
        return this.#take(second, a, b, owner);
      if (first !== NOWHERE) return this.#take(first, a, b, owner);
      if (this.#buckets < this.mostBuckets) {
        this.#grow();
        continue;
      }
      const victim = this.#weaker(this.#weakestIn(firstBucket, owner), this.#weakestIn(secondBucket, owner));
      onEvict(this.#tagsA[victim] as number, this.#tagsB[victim] as number, victim);
      return this.#take(victim, a, b, owner);
    }
  }

  #freeIn(start: number, now: number): number {
    for (let slot = start; slot < start + WAYS; slot++) if ((this.expires[slot] as number) <= now) return slot;
    return NOWHERE;
  }

  /** Who loses the slot in a full bucket: of the newcomer's own limit if that has its share, else of one that has more than its share. */
  #weakestIn(start: number, owner: number): number {
    const held = new Map<number, number>([[owner, 0]]);
    for (let slot = start; slot < start + WAYS; slot++) {
      const other = this.owners[slot] as number;
      held.set(other, (held.get(other) ?? 0) + 1);
    }
    const share = Math.floor(WAYS / held.size);
    const own = (held.get(owner) ?? 0) >= Math.max(1, share);
    let weakest = NOWHERE;
    for (let slot = start; slot < start + WAYS; slot++) {
      const other = this.owners[slot] as number;
      if (own ? other !== owner : (held.get(other) ?? 0) <= share) continue;
      weakest = weakest === NOWHERE ? slot : this.#weaker(weakest, slot);
    }
    return weakest === NOWHERE ? start : weakest;
  }

  #weaker(one: number, other: number): number {
    const difference = (this.levels[one] as number) - (this.levels[other] as number);
    if (difference !== 0) return difference < 0 ? one : other;
    return (this.expires[one] as number) <= (this.expires[other] as number) ? one : other;
  }

  /** Forgets what a slot says. */
  clear(slot: number): void {
    this.expires[slot] = 0;
    this.blockedUntil[slot] = 0;
    this.levels[slot] = 0;
    this.first[slot] = 0;
    this.second[slot] = 0;
    if (this.logs !== null) this.logs[slot] = undefined;
  }

  #bucketOf(tag: number): number {
    return ((tag >>> 6) & (this.#buckets - 1)) * WAYS;
  }

  #take(slot: number, a: number, b: number, owner: number): number {
    this.clear(slot);
    this.owners[slot] = owner;
    this.#tagsA[slot] = a;
    this.#tagsB[slot] = b;
    return slot;
  }

  /** Twice the buckets. Every slot moves to one of the two buckets its old one became, so all find room. */
  #grow(): void {
    const { expires, blockedUntil, levels, owners, first, second, logs } = this;
    const tagsA = this.#tagsA;
    const tagsB = this.#tagsB;
    const slots = tagsA.length;
    this.#buckets *= 2;
    this.expires = new Float64Array(slots * 2);
    this.blockedUntil = new Float64Array(slots * 2);
    this.levels = new Uint8Array(slots * 2);
    this.owners = new Uint8Array(slots * 2);
    this.first = new Float64Array(slots * 2);
    this.second = new Float64Array(slots * 2);
    this.logs = logs === null ? null : [];
    this.#tagsA = new Uint32Array(slots * 2);
    this.#tagsB = new Uint32Array(slots * 2);
    const filled = new Uint8Array(this.#buckets);
    for (let slot = 0; slot < slots; slot++) {
      if (expires[slot] === 0) continue;
      const a = tagsA[slot] as number;
      const b = tagsB[slot] as number;
      const inFirst = ((a >>> 6) & (this.#buckets / 2 - 1)) === Math.floor(slot / WAYS);
      const start = this.#bucketOf(inFirst ? a : b);
      const to = start + (filled[start / WAYS] as number);
      filled[start / WAYS] = to - start + 1;
      this.#tagsA[to] = a;
      this.#tagsB[to] = b;
      this.expires[to] = expires[slot] as number;
      this.blockedUntil[to] = blockedUntil[slot] as number;
      this.levels[to] = levels[slot] as number;
      this.owners[to] = owners[slot] as number;
      this.first[to] = first[slot] as number;
      this.second[to] = second[slot] as number;
      const log = logs?.[slot];
      if (this.logs !== null && log !== undefined) this.logs[to] = log;
    }
  }
}
