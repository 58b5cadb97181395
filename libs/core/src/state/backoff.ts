/** Growing delays with full jitter, so that many clients do not come back at the same moment. */
export class Backoff {
  #attempt = 0;

  /**
   * @param options.firstMs upper bound of the first delay
   * @param options.maxMs upper bound of any delay
   * @param random numbers in [0, 1)
   */
  constructor(
    private readonly options: { readonly firstMs: number; readonly maxMs: number },
    private readonly random: () => number = Math.random,
  ) {}

  /** The next delay in ms, at least a tenth of its bound: a delay near nothing would be no delay. */
  next(): number {
    const bound = Math.min(this.options.maxMs, this.options.firstMs * 2 ** this.#attempt);
    this.#attempt++;
    return bound * (0.1 + 0.9 * this.random());
  }

  reset(): void {
    this.#attempt = 0;
  }
}
