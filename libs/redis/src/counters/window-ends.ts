/** A caller's window of which Redis told when it ends. */
export interface KnownWindow {
  /** By the process's own steady clock, in ms. */
  readonly end: number;
  /** What was counted when last seen: fewer means that another window opened. */
  count: number;
}

/** By limit, which is the same text with every request, then by caller: what is looked up has been hashed before. */
type Windows = Map<string, Map<string, KnownWindow>>;

/** An end this near may be over in Redis already; it is asked for again. */
const TOO_NEAR_MS = 1_000;

/**
 * When the windows of callers end that were seen lately, so that Redis need not be asked with every request. Bounded: who is forgotten is
 * asked about again. Times are those of a steady clock, in ms.
 */
export class WindowEnds {
  #windows: Windows = new Map();
  #kept = 0;
  /** Those of the generation before: a caller seen since then moves on, the others are forgotten together. */
  #older: Windows = new Map();

  constructor(private readonly capacity: number) {}

  /** @returns `undefined` = the end is not known, or too near to be relied on */
  find(limit: string, caller: string, now: number): KnownWindow | undefined {
    let known = this.#windows.get(limit)?.get(caller);
    if (known === undefined) {
      known = this.#older.get(limit)?.get(caller);
      if (known !== undefined) this.#keep(limit, caller, known);
    }
    return known !== undefined && known.end - now >= TOO_NEAR_MS ? known : undefined;
  }

  /** Notes a window whose end Redis told. */
  learn(limit: string, caller: string, end: number, count: number): void {
    this.#keep(limit, caller, { end, count });
  }

  /** Notes what is counted by now; fewer than before means that the end is another one. */
  saw(limit: string, caller: string, known: KnownWindow, count: number): void {
    if (count < known.count) this.forget(limit, caller);
    else known.count = count;
  }

  forget(limit: string, caller: string): void {
    if (this.#windows.get(limit)?.delete(caller) === true) this.#kept--;
    this.#older.get(limit)?.delete(caller);
  }

  #keep(limit: string, caller: string, window: KnownWindow): void {
    if (this.#kept >= this.capacity / 2) {
      this.#older = this.#windows;
      this.#windows = new Map();
      this.#kept = 0;
    }
    let callers = this.#windows.get(limit);
    if (callers === undefined) this.#windows.set(limit, (callers = new Map()));
    const before = callers.size;
    callers.set(caller, window);
    this.#kept += callers.size - before;
  }
}
