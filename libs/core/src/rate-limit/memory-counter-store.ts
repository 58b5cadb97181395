import { randomBytes } from 'node:crypto';
import { ValidationError } from '../model/errors.js';
import type { RateLimitAlgorithm } from '../schema/rate-limit.js';
import type { Clock } from '../model/time.js';
import { CallerSketch } from './caller-sketch.js';
import { CounterSegment, OVER_LIMIT, WAYS } from './counter-segment.js';
import type { CounterCheck, CounterRule, CounterStore, CounterVerdict } from './counter-store.js';
import { fixedWindow } from './fixed-window.js';
import type { CounterLaw } from './counter-law.js';
import { movingWindow } from './moving-window.js';
import { slidingWindow } from './sliding-window.js';
import { tokenBucket } from './token-bucket.js';

export interface MemoryCounterStoreOptions {
  /** Callers kept over all rules, rounded up to the next power of two. Default 100 000. */
  readonly capacity?: number;
  /** Epoch ms. Default `Date.now`. */
  readonly clock?: Clock;
}

const LAWS: Readonly<Record<RateLimitAlgorithm, CounterLaw>> = {
  fixed_window: fixedWindow,
  sliding_window: slidingWindow,
  moving_window: movingWindow,
  token_bucket: tokenBucket,
};

const SEGMENTS = 64;
const FIRST_BUCKETS = 2;
/** Callers who used less of their limit than this (of 254) are forgotten when they lose their place: they gain little by it. */
const LEAST_REMEMBERED = 127;
const AT_LIMIT = OVER_LIMIT - 1;
const UNKNOWN = new CounterSegment(1, 1);
const UNKNOWN_SLOT = 0;
const NOWHERE = -1;

interface KnownRule {
  readonly law: CounterLaw;
  readonly seedA: number;
  readonly seedB: number;
  readonly owner: number;
}

/**
 * Counts in this process. Answers at once; needs no timer and no sweep.
 *
 * Callers are known by a 64-bit fingerprint under a seed of this process: among a million, two share one with a probability of
 * 3 · 10⁻⁸, and nobody outside can aim for it. Memory is bounded by the capacity, 42 bytes a caller and 4 MiB. Where it is full, a
 * newcomer takes the place of the caller who used the least of their limit. Each limit keeps a share of the places, so that a flood of one
 * does not push out the callers of another. Who loses a place having used half of the limit or more is remembered approximately (see
 * {@link CallerSketch}), so that neither floods nor offenders gain anything, and newcomers are not refused for them.
 */
export class MemoryCounterStore implements CounterStore {
  readonly #clock: Clock;
  readonly #segments: readonly CounterSegment[];
  readonly #seeds: readonly [number, number];
  readonly #rules = new WeakMap<CounterRule, KnownRule>();
  #lastRule: CounterRule | null = null;
  #lastKnown: KnownRule | null = null;
  /** The caller whose slot `#locate` found last, and where. */
  #lastCaller: string | null = null;
  #lastCallerRule: KnownRule | null = null;
  #segment = UNKNOWN;
  #slot = NOWHERE;
  #sketch: CallerSketch | null = null;
  readonly #onEvict = (a: number, b: number, slot: number): void => this.#evict(a, b, slot);
  /** Second half of the fingerprint made last; the first is what `#fingerprint` returns. */
  #b = 0;

  /** @throws {ValidationError} for a capacity that is no whole number of at least 1 */
  constructor({ capacity = 100_000, clock = Date.now }: MemoryCounterStoreOptions = {}) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 2 ** 28)
      throw new ValidationError('capacity', 'must be a whole number from 1 to 268435456');
    const most = 2 ** Math.max(0, Math.ceil(Math.log2(capacity / (SEGMENTS * WAYS))));
    this.#clock = clock;
    this.#segments = Array.from({ length: SEGMENTS }, () => new CounterSegment(Math.min(FIRST_BUCKETS, most), most));
    const seeds = randomBytes(8);
    this.#seeds = [seeds.readUInt32LE(0), seeds.readUInt32LE(4)];
  }

  consume(checks: readonly CounterCheck[]): readonly CounterVerdict[] {
    const now = this.#clock();
    const [only] = checks;
    return checks.length === 1 && only !== undefined ? [this.#consumeOne(only, now)] : this.#consumeAll(checks, now);
  }

  reset(rule: CounterRule, caller: string): void {
    const a = this.#fingerprint(this.#known(rule), caller);
    const segment = this.#segmentOf(a);
    const slot = segment.find(a, this.#b);
    if (slot !== NOWHERE) segment.clear(slot);
    this.#sketch?.forget(a, this.#b);
    this.#lastCaller = null;
  }

  #consumeOne({ rule, caller, cost }: CounterCheck, now: number): CounterVerdict {
    const known = this.#known(rule);
    // A busy caller comes again before anybody else does; then nothing has moved.
    if (caller !== this.#lastCaller || known !== this.#lastCallerRule) this.#locate(known, rule, caller, now);
    const segment = this.#segment;
    const slot = this.#slot;
    const blocked = blockOf(segment, slot, rule, now);
    if (blocked !== null) return blocked;
    // What is over must not come back to life with what is written next.
    if ((segment.expires[slot] as number) <= now) segment.clear(slot);
    const verdict = known.law.take(segment, slot, rule, cost, now);
    segment.levels[slot] = verdict.allowed
      ? AT_LIMIT - Math.floor((AT_LIMIT * verdict.remaining) / (rule.limit + rule.burst || 1))
      : OVER_LIMIT;
    if (verdict.allowed) return verdict;
    if (rule.blockMs !== undefined && cost > 0) return block(segment, slot, rule.blockMs, now);
    this.#remember(segment, slot, rule, verdict, now);
    return verdict;
  }

  /** Finds the caller's slot or makes one; sets `#segment` and `#slot`. */
  #locate(known: KnownRule, rule: CounterRule, caller: string, now: number): void {
    const a = this.#fingerprint(known, caller);
    const b = this.#b;
    const segment = this.#segmentOf(a);
    const slot = segment.find(a, b);
    this.#segment = segment;
    this.#slot = slot === NOWHERE ? segment.place(a, b, known.owner, now, this.#onEvict) : slot;
    this.#lastCaller = caller;
    this.#lastCallerRule = known;
    if (slot === NOWHERE && this.#sketch !== null) this.#recall(known, rule, this.#sketch.levelOf(a, b, now), now);
  }

  /** What is known approximately of a caller who lost a place is counted as used just now. */
  #recall({ law }: KnownRule, rule: CounterRule, level: number, now: number): void {
    if (level === 0) return;
    const most = rule.limit + rule.burst;
    const used = Math.min(most, Math.ceil((most * Math.min(level, AT_LIMIT)) / AT_LIMIT));
    if (used > 0 && rule.limit > 0) law.charge(this.#segment, this.#slot, rule, used, now);
    this.#segment.levels[this.#slot] = level;
    if (level < OVER_LIMIT || rule.blockMs === undefined) return;
    this.#segment.blockedUntil[this.#slot] = now + rule.blockMs;
    this.#segment.expires[this.#slot] = now + rule.blockMs;
  }

  #evict(a: number, b: number, slot: number): void {
    // The place belongs to somebody else now.
    this.#lastCaller = null;
    const level = this.#segmentOf(a).levels[slot] as number;
    if (level < LEAST_REMEMBERED) return;
    this.#sketch ??= new CallerSketch(this.#clock());
    this.#sketch.remember(a, b, level, this.#segmentOf(a).expires[slot] as number);
  }

  /** All checks are judged first, and counted only when it is known what the request comes to. */
  #consumeAll(checks: readonly CounterCheck[], now: number): readonly CounterVerdict[] {
    const verdicts: CounterVerdict[] = [];
    for (const { rule, caller, cost } of checks) {
      const known = this.#known(rule);
      const a = this.#fingerprint(known, caller);
      const segment = this.#segmentOf(a);
      let slot = segment.find(a, this.#b);
      if (slot === NOWHERE && this.#sketch !== null && this.#sketch.levelOf(a, this.#b, now) > 0) {
        this.#locate(known, rule, caller, now);
        slot = this.#slot;
      }
      const verdict =
        slot === NOWHERE
          ? known.law.judge(UNKNOWN, UNKNOWN_SLOT, rule, cost, now)
          : (blockOf(segment, slot, rule, now) ?? known.law.judge(segment, slot, rule, cost, now));
      verdicts.push(verdict);
      if (!verdict.allowed) break;
    }
    const refused = verdicts[verdicts.length - 1]?.allowed === false;
    for (let i = 0; i < verdicts.length; i++) {
      const check = checks[i] as CounterCheck;
      if (refused && !this.#known(check.rule).law.chargesRefused && i < verdicts.length - 1) continue;
      verdicts[i] = this.#consumeOne(check, now);
    }
    return verdicts;
  }

  /** Keeps the caller known for as long as it is refused. */
  #remember(segment: CounterSegment, slot: number, rule: CounterRule, verdict: CounterVerdict, now: number): void {
    const until = now + Math.min(verdict.retryAfterMs, rule.periodMs);
    segment.blockedUntil[slot] = until;
    // A caller of whom nothing was counted is still known to be blocked for as long as that is so.
    if ((segment.expires[slot] as number) <= now) segment.expires[slot] = until;
  }

  #known(rule: CounterRule): KnownRule {
    if (this.#lastRule === rule && this.#lastKnown !== null) return this.#lastKnown;
    let known = this.#rules.get(rule);
    if (known === undefined) {
      const [seedA, seedB] = this.#seeds;
      const a = this.#mix(seedA, seedB, rule.id);
      known = { law: LAWS[rule.algorithm], seedA: a, seedB: this.#b, owner: a >>> 24 };
      this.#rules.set(rule, known);
    }
    this.#lastRule = rule;
    this.#lastKnown = known;
    return known;
  }

  #segmentOf(a: number): CounterSegment {
    return this.#segments[a & (SEGMENTS - 1)] as CounterSegment;
  }

  #fingerprint({ seedA, seedB }: KnownRule, caller: string): number {
    return this.#mix(seedA, seedB, caller);
  }

  /** Two 32-bit hashes of a text at once, each stirred into the other at the end. */
  #mix(seedA: number, seedB: number, text: string): number {
    let a = seedA;
    let b = seedB;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 0x9e3779b1);
      b = Math.imul(b ^ code, 0x5f356495);
      a ^= a >>> 15;
    }
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
    b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
    this.#b = (b ^ (b >>> 16)) >>> 0;
    return (a ^ (a >>> 16)) >>> 0;
  }
}

/** The verdict for a caller whom the rule blocks for a time of its own; `null` = it does not. */
function blockOf(segment: CounterSegment, slot: number, { blockMs }: CounterRule, now: number): CounterVerdict | null {
  if (blockMs === undefined) return null;
  // After a clock that leapt back, the end seems further away than it may be.
  const until = Math.min(segment.blockedUntil[slot] as number, now + blockMs);
  segment.blockedUntil[slot] = until;
  return until > now ? { allowed: false, remaining: 0, resetAt: until, retryAfterMs: until - now } : null;
}

/** Blocks a caller, who then begins anew. */
function block(segment: CounterSegment, slot: number, blockMs: number, now: number): CounterVerdict {
  const until = now + blockMs;
  segment.clear(slot);
  segment.blockedUntil[slot] = until;
  segment.expires[slot] = until;
  return { allowed: false, remaining: 0, resetAt: until, retryAfterMs: blockMs };
}
