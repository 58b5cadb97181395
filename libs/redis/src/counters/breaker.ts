export interface BreakerOptions {
  /** An answer that takes longer counts as a failure, in ms. */
  readonly budgetMs: number;
  /** How long nobody asks after a failure, in ms; then one probe may. Doubles with each failed probe up to sixteen times that. */
  readonly pauseMs: number;
  readonly clock: () => number;
}

/**
 * Keeps callers from waiting for something that does not answer: one failure opens it, and while it is open only one probe at a time gets
 * through, after a pause that grows.
 */
export class Breaker {
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  constructor(private readonly options: BreakerOptions) {}

  get isOpen(): boolean {
    return this.#failures > 0;
  }

  /** Whether a caller may ask now. One who got `true` must report back with `succeeded` or `failed`. */
  admits(): boolean {
    if (this.#failures === 0) return true;
    if (this.#probing || this.options.clock() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#probing = false;
  }

  failed(): void {
    const pause = this.options.pauseMs * 2 ** Math.min(this.#failures, 4);
    this.#failures++;
    this.#probing = false;
    this.#openUntil = this.options.clock() + pause;
  }
}
