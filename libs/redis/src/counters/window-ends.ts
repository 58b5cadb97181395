/** A caller's window of which Redis told when it ends. */
export interface KnownWindow {
  /** By the process's own steady clock, in ms. */
  readonly end: number;
  /** What was counted when last seen: fewer means that another window opened. */
  count: number;
}

/** An end this near may be over in Redis already; it is asked for again. */
const TOO_NEAR_MS = 1_000;

/**
 * When the windows of callers end that were seen lately, so that Redis need not be asked with every request. Bounded: who is forgotten is
 * asked about again. Times are those of a steady clock, in ms.
 */
export class WindowEnds {
  #windows = new Map<string, KnownWindow>();
  /** Those of the generation before: a caller seen since then moves on, the others are forgotten together. */
  #older = new Map<string, KnownWindow>();

  constructor(private readonly capacity: number) {}

  /** @returns `undefined` = the end is not known, or too near to be relied on */
  find(key: string, now: number): KnownWindow | undefined {
    let known = this.#windows.get(key);
    if (known === undefined) {
      known = this.#older.get(key);
      if (known !== undefined) this.#keep(key, known);
    }
    return known !== undefined && known.end - now >= TOO_NEAR_MS ? known : undefined;
  }

  /** Notes a window whose end Redis told. */
  learn(key: string, end: number, count: number): void {
    this.#keep(key, { end, count });
  }

  /** Notes what is counted by now; fewer than before means that the end is another one. */
  saw(key: string, known: KnownWindow, count: number): void {
    if (count < known.count) this.forget(key);
    else known.count = count;
  }

  forget(key: string): void {
    this.#windows.delete(key);
    this.#older.delete(key);
  }

  #keep(key: string, window: KnownWindow): void {
    if (this.#windows.size >= this.capacity / 2) {
      this.#older = this.#windows;
      this.#windows = new Map();
    }
    this.#windows.set(key, window);
  }
}
