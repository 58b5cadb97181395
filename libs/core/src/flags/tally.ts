/** How far back counts go. */
export const KEPT_MINUTES = 60;

/** How often a variation of a flag was given: since the counts were last collected, and in each of the last minutes. */
export class Tally {
  /** Not collected yet. */
  pending = 0;
  /** All that was collected since the process began. */
  total = 0;
  /** Rings, made when there is something to keep: which minute a cell is for, and what was counted in it. */
  #minutes: Int32Array | null = null;
  #counts: Uint32Array | null = null;

  /** @param variation `null` = the caller's default was given */
  constructor(
    readonly flag: string,
    readonly variation: string | null,
  ) {}

  /** Adds what is pending to a minute (epoch minutes). */
  collect(minute: number): void {
    const minutes = (this.#minutes ??= new Int32Array(KEPT_MINUTES));
    const counts = (this.#counts ??= new Uint32Array(KEPT_MINUTES));
    const cell = minute % KEPT_MINUTES;
    const before = minutes[cell] === minute ? (counts[cell] ?? 0) : 0;
    minutes[cell] = minute;
    counts[cell] = before + this.pending;
    this.total += this.pending;
    this.pending = 0;
  }

  /** What was counted in a minute. */
  countIn(minute: number): number {
    const cell = minute % KEPT_MINUTES;
    return this.#minutes?.[cell] === minute ? (this.#counts?.[cell] ?? 0) : 0;
  }
}

/** Gives the tally of a flag's variation; the same for the same pair, whatever becomes of the flag's definition. */
export type Tallies = (flag: string, variation: string | null) => Tally;
