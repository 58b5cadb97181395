/** Too many wait already. */
export class NoTurnError extends Error {}

/** Lets so many at a time do something costly; the others wait, first come first served. */
export class Turns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param mostWaiting those beyond are turned away at once */
  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws {NoTurnError} */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.atOnce && this.#waiting.length >= this.mostWaiting) throw new NoTurnError('too many wait');
    if (this.#running < this.atOnce) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
