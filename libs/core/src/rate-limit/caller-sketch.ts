/** Cells of one generation. Two generations take 4 MiB, and only once the table is full. */
const CELLS = 2 ** 19;
/** Cells of a caller. */
const HASHES = 5;
/** Once this many cells are in use, a generation replaces the previous one. The chance that 5 cells are in use by accident is 0.5 % then. */
const MAX_USED = CELLS * 0.35;
const LEVEL_BITS = 8;
const LEVEL_MASK = 2 ** LEVEL_BITS - 1;
const SECOND = 1_000;

/**
 * Approximate memory of callers for whom the table has no room (a count-min sketch that keeps the maximum instead of the sum): how much of
 * their limit they used, and until when that matters. It never says less than it was told, as long as it remembers: about 45,000 to 90,000
 * callers, the last ones. Of callers it was never told of, it knows 199 of 200.
 */
export class CallerSketch {
  #current = new Uint32Array(CELLS);
  #previous = new Uint32Array(0);
  #used = 0;

  /** @param start epoch ms; moments are kept in seconds since then */
  constructor(private readonly start: number) {}

  /**
   * @param level 1 to 255: the used share of the limit
   * @param expires epoch ms
   */
  remember(a: number, b: number, level: number, expires: number): void {
    const until = Math.min(Math.max(0, Math.ceil((expires - this.start) / SECOND)), 2 ** (32 - LEVEL_BITS) - 1);
    for (let i = 0; i < HASHES; i++) {
      const cell = cellOf(a, b, i);
      const known = this.#current[cell] as number;
      if (known === 0) this.#used++;
      const most = Math.max(known >>> LEVEL_BITS, until) * 2 ** LEVEL_BITS + Math.max(known & LEVEL_MASK, level);
      this.#current[cell] = most;
    }
    if (this.#used < MAX_USED) return;
    const oldest = this.#previous;
    this.#previous = this.#current;
    this.#current = oldest.length === 0 ? new Uint32Array(CELLS) : oldest.fill(0);
    this.#used = 0;
  }

  /** How much of the limit a caller used, at least; 0 = unknown. */
  levelOf(a: number, b: number, now: number): number {
    return Math.max(this.#levelIn(this.#current, a, b, now), this.#levelIn(this.#previous, a, b, now));
  }

  forget(a: number, b: number): void {
    for (let i = 0; i < HASHES; i++) for (const cells of [this.#current, this.#previous]) cells[cellOf(a, b, i)] = 0;
  }

  #levelIn(cells: Uint32Array, a: number, b: number, now: number): number {
    if (cells.length === 0) return 0;
    const elapsed = (now - this.start) / SECOND;
    let level = LEVEL_MASK;
    for (let i = 0; i < HASHES; i++) {
      const known = cells[cellOf(a, b, i)] as number;
      if (known >>> LEVEL_BITS <= elapsed) return 0;
      level = Math.min(level, known & LEVEL_MASK);
    }
    return level;
  }
}

function cellOf(a: number, b: number, i: number): number {
  return (Math.imul((a + Math.imul(i, b | 1)) | 0, 0x9e3779b1) >>> 13) & (CELLS - 1);
}
