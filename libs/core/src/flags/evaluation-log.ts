import type { EvaluationContext } from '../model/evaluation-context.js';
import type { FlagValue } from '../schema/flag.js';
import type { Clock } from '../model/time.js';
import type { FlagReason } from './flag-details.js';
import type { Outcome } from './outcome.js';
import { KEPT_MINUTES, Tally } from './tally.js';

/** One evaluation, as the live stream shows it. */
export interface EvaluationSample {
  /** Epoch ms. */
  readonly at: number;
  readonly flag: string;
  /** `null` = the caller's default was given. */
  readonly variation: string | null;
  /** `undefined` = the caller's default was given. */
  readonly value: FlagValue | undefined;
  readonly reason: FlagReason;
  readonly ruleId: string | null;
  readonly targetingKey: string | null;
}

/** All given fields must match. */
export interface EvaluationFilter {
  readonly flag?: string;
  readonly variation?: string | null;
  readonly reason?: FlagReason;
  readonly targetingKey?: string;
  /** 1 to 1000; default 100. */
  readonly limit?: number;
}

/** How often a variation was given in a minute. */
export interface EvaluationCount {
  readonly flag: string;
  readonly variation: string | null;
  /** Start of the minute, epoch ms. */
  readonly minute: number;
  readonly count: number;
}

/** How often a variation was given since the process began. */
export interface EvaluationTotal {
  readonly flag: string;
  /** `null` = the caller's default was given. */
  readonly variation: string | null;
  readonly total: number;
}

const MINUTE_MS = 60_000;
const KEPT_SAMPLES = 1_000;
/** Counts are collected this often while there are any. */
const COLLECT_MS = 1_000;
/** Samples taken between two collections: of any evaluations, and of the first ones of variations. */
const SAMPLES_PER_COLLECTION = 100;
const FIRST_SAMPLES_PER_COLLECTION = 100;

/**
 * What was evaluated in this process: counts per flag, variation and minute, and a sample of single evaluations. All bounded. The hot
 * path only raises a number; once a second, while there is something, the numbers are collected.
 */
export class EvaluationLog {
  readonly #tallies = new Map<string, Map<string | null, Tally>>();
  /** Tallies that are not zero. */
  #raised: Tally[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #lastAt = new Map<string, number>();
  readonly #samples: EvaluationSample[] = [];
  #nextSample = 0;
  #samplesLeft = SAMPLES_PER_COLLECTION;
  #firstSamplesLeft = FIRST_SAMPLES_PER_COLLECTION;
  readonly #since: number;

  /** @param listener told every evaluation while `hears()`; decided once for each evaluation */
  constructor(
    private readonly clock: Clock,
    private readonly listener: { hears(): boolean; tell(evaluation: EvaluationSample): void },
  ) {
    this.#since = clock();
  }

  /** Epoch ms since when evaluations are counted: the start of this process. */
  get since(): number {
    return this.#since;
  }

  tally(flag: string, variation: string | null): Tally {
    let variations = this.#tallies.get(flag);
    if (variations === undefined) this.#tallies.set(flag, (variations = new Map()));
    let tally = variations.get(variation);
    if (tally === undefined) variations.set(variation, (tally = new Tally(flag, variation)));
    return tally;
  }

  /** Counts an evaluation. */
  saw(outcome: Outcome, context: EvaluationContext): void {
    const { tally } = outcome;
    if (tally.pending++ === 0) this.#raise(tally);
    if (this.#samplesLeft > 0) {
      this.#samplesLeft--;
      this.#sample(outcome, context);
    } else if (tally.pending === 1 && this.#firstSamplesLeft > 0) {
      this.#firstSamplesLeft--;
      this.#sample(outcome, context);
    }
    if (this.listener.hears()) this.listener.tell(this.#describe(outcome, context));
  }

  /** Counts of the last minutes (at most 60), oldest first. A count falls into the minute in which it was collected, a second late at most. */
  counts({
    flag,
    minutes = KEPT_MINUTES,
  }: { readonly flag?: string; readonly minutes?: number } = {}): readonly EvaluationCount[] {
    this.#collect();
    const present = minuteOf(this.clock());
    const tallies = [...this.#tallies.values()]
      .flatMap((variations) => [...variations.values()])
      .filter((tally) => flag === undefined || tally.flag === flag);
    const counts: EvaluationCount[] = [];
    for (let minute = present - Math.min(minutes, KEPT_MINUTES) + 1; minute <= present; minute++) {
      for (const tally of tallies) {
        const count = tally.countIn(minute);
        if (count > 0) counts.push({ flag: tally.flag, variation: tally.variation, minute: minute * MINUTE_MS, count });
      }
    }
    return counts;
  }

  /** How often each variation was given since the process began. */
  totals(): readonly EvaluationTotal[] {
    this.#collect();
    return [...this.#tallies.values()]
      .flatMap((variations) => [...variations.values()])
      .filter(({ total }) => total > 0)
      .map(({ flag, variation, total }) => ({ flag, variation, total }));
  }

  /** Single evaluations that match, newest first: all of them while few are made, a sample under load. */
  samples({ limit = 100, ...filter }: EvaluationFilter = {}): readonly EvaluationSample[] {
    const newestFirst = [...this.#samples.slice(this.#nextSample), ...this.#samples.slice(0, this.#nextSample)].toReversed();
    return newestFirst
      .filter(
        (sample) =>
          (filter.flag === undefined || sample.flag === filter.flag) &&
          (filter.variation === undefined || sample.variation === filter.variation) &&
          (filter.reason === undefined || sample.reason === filter.reason) &&
          (filter.targetingKey === undefined || sample.targetingKey === filter.targetingKey),
      )
      .slice(0, Math.max(0, Math.min(limit, KEPT_SAMPLES)));
  }

  /** Epoch ms of the flag's last evaluation in this process, a second late at most; `null` = it never was. */
  lastEvaluated(flag: string): number | null {
    this.#collect();
    return this.#lastAt.get(flag) ?? null;
  }

  /** Ends the timer. What is counted afterwards is collected when it is read. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #raise(tally: Tally): void {
    this.#raised.push(tally);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#collect(), COLLECT_MS);
    this.#timer.unref();
  }

  #sample(outcome: Outcome, context: EvaluationContext): void {
    this.#samples[this.#nextSample] = this.#describe(outcome, context);
    this.#nextSample = (this.#nextSample + 1) % KEPT_SAMPLES;
  }

  #describe({ flagKey, variation, value, reason, ruleId }: Outcome, { targetingKey }: EvaluationContext): EvaluationSample {
    const key = typeof targetingKey === 'string' ? targetingKey : null;
    return { at: this.clock(), flag: flagKey, variation, value, reason, ruleId, targetingKey: key };
  }

  #collect(): void {
    this.close();
    this.#samplesLeft = SAMPLES_PER_COLLECTION;
    this.#firstSamplesLeft = FIRST_SAMPLES_PER_COLLECTION;
    if (this.#raised.length === 0) return;
    const raised = this.#raised;
    this.#raised = [];
    const now = this.clock();
    const minute = minuteOf(now);
    for (const tally of raised) {
      tally.collect(minute);
      this.#lastAt.set(tally.flag, now);
    }
  }
}

/** Epoch minutes. */
function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS);
}
