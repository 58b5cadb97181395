import type { MovingLog } from './moving-log.js';

/** Slots a caller can lie in; their fingerprints fill one cache line. */
export const WAYS = 16;

/** Slots of a bucket are taken in order; from this one on the other bucket is looked at as well. */
const CROWDED = 10;
const NOWHERE = -1;

/**
 * Numbers of many callers in flat arrays: 40 bytes a slot, no object and no string a caller. A caller is known by two 32-bit
 * fingerprints and lies in one of the {@link WAYS} slots of one of two buckets, so that hardly anybody finds both full before the
 * segment is. A slot whose `expires` is over is free: nothing sweeps.
 */
export class CounterSegment {
  /** Epoch ms from which on the numbers mean nothing any more. */
  expires: Float64Array;
  /** Epoch ms until which the caller was refused when last seen. */
  blockedUntil: Float64Array;
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
   * A slot for a newcomer: a free one; else, once the segment cannot grow any more, that of the caller who is not blocked and whose
   * numbers expire first. -1 = all callers of both buckets are blocked, and none of them is let go.
   */
  place(a: number, b: number, now: number): number {
    for (;;) {
      const firstBucket = this.#bucketOf(a);
      const first = this.#weakestIn(firstBucket, now);
      const firstIsFree = first !== NOWHERE && (this.expires[first] as number) <= now;
      if (firstIsFree && first - firstBucket < CROWDED) return this.#take(first, a, b);
      // The first bucket fills up: the emptier one of the two keeps both from ever being full long before all are.
      const secondBucket = this.#bucketOf(b);
      const second = this.#weakestIn(secondBucket, now);
      const secondIsFree = second !== NOWHERE && (this.expires[second] as number) <= now;
      if (secondIsFree && (!firstIsFree || second - secondBucket < first - firstBucket)) return this.#take(second, a, b);
      if (firstIsFree) return this.#take(first, a, b);
      const victim =
        first === NOWHERE || (second !== NOWHERE && (this.expires[second] as number) < (this.expires[first] as number))
          ? second
          : first;
      if (this.#buckets < this.mostBuckets) this.#grow();
      else return victim === NOWHERE ? NOWHERE : this.#take(victim, a, b);
    }
  }

  /** The first free slot of a bucket, else the one that is not blocked and expires first; -1 = all are blocked. */
  #weakestIn(start: number, now: number): number {
    let weakest = NOWHERE;
    for (let slot = start; slot < start + WAYS; slot++) {
      const expires = this.expires[slot] as number;
      if (expires <= now) return slot;
      if ((this.blockedUntil[slot] as number) > now) continue;
      if (weakest === NOWHERE || expires < (this.expires[weakest] as number)) weakest = slot;
    }
    return weakest;
  }

  /** Forgets what a slot says. */
  clear(slot: number): void {
    this.expires[slot] = 0;
    this.blockedUntil[slot] = 0;
    this.first[slot] = 0;
    this.second[slot] = 0;
    if (this.logs !== null) this.logs[slot] = undefined;
  }

  #bucketOf(tag: number): number {
    return ((tag >>> 6) & (this.#buckets - 1)) * WAYS;
  }

  #take(slot: number, a: number, b: number): number {
    this.clear(slot);
    this.#tagsA[slot] = a;
    this.#tagsB[slot] = b;
    return slot;
  }

  /** Twice the buckets. Every slot moves to one of the two buckets its old one became, so all find room. */
  #grow(): void {
    const { expires, blockedUntil, first, second, logs } = this;
    const tagsA = this.#tagsA;
    const tagsB = this.#tagsB;
    const slots = tagsA.length;
    this.#buckets *= 2;
    this.expires = new Float64Array(slots * 2);
    this.blockedUntil = new Float64Array(slots * 2);
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
      this.first[to] = first[slot] as number;
      this.second[to] = second[slot] as number;
      const log = logs?.[slot];
      if (this.logs !== null && log !== undefined) this.logs[to] = log;
    }
  }
}
