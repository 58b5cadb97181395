interface KnownWindow {
  /** By the process's own steady clock, in ms. */
  end: number;
  /** What was counted when last seen: fewer means that another window opened. */
  count: number;
}

/** An end this near may be over in Redis already; it is asked for again. */
const TOO_NEAR_MS = 1_000;

/**
 * When the windows of callers end that were seen lately, so that Redis need not be asked with every request. Bounded: who is forgotten is
 * asked about again.
 */
export class WindowEnds {
  #windows = new Map<string, KnownWindow>();
  /** Those of the generation before: a caller seen since then moves on, the others are forgotten together. */
  #older = new Map<string, KnownWindow>();

  /** @param clock steady, ms */
  constructor(
    private readonly capacity: number,
    private readonly clock: () => number,
  ) {}

  knows(key: string): boolean {
    const known = this.#find(key);
    return known !== undefined && known.end - this.clock() >= TOO_NEAR_MS;
  }

  /** Notes a window whose end Redis told. */
  learn(key: string, leftMs: number, count: number): void {
    this.#keep(key, { end: this.clock() + leftMs, count });
  }

  /** @returns ms until the window ends, as far as is known; a count lower than before makes it unknown from now on */
  left(key: string, count: number): number {
    const known = this.#find(key);
    if (known === undefined) return 0;
    if (count < known.count) this.forget(key);
    else known.count = count;
    return Math.max(0, known.end - this.clock());
  }

  forget(key: string): void {
    this.#windows.delete(key);
    this.#older.delete(key);
  }

  #find(key: string): KnownWindow | undefined {
    const recent = this.#windows.get(key);
    if (recent !== undefined) return recent;
    const older = this.#older.get(key);
    if (older !== undefined) this.#keep(key, older);
    return older;
  }

  #keep(key: string, window: KnownWindow): void {
    if (this.#windows.size >= this.capacity / 2) {
      this.#older = this.#windows;
      this.#windows = new Map();
    }
    this.#windows.set(key, window);
  }
}
