export interface BreakerOptions {
  /** How long nobody asks once it is open, in ms; then one probe may. Doubles with each failed probe up to sixteen times that. */
  readonly pauseMs: number;
  /** Epoch or process time in ms. */
  readonly clock: () => number;
}

/** One failure may be a pause of our own process; two in a row are not. */
const FAILURES_TO_OPEN = 2;

/**
 * Keeps callers from waiting for something that does not answer: two failures in a row open it, and while it is open only one probe at a
 * time gets through, after a pause that grows.
 */
export class Breaker {
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  constructor(private readonly options: BreakerOptions) {}

  get isOpen(): boolean {
    return this.#failures >= FAILURES_TO_OPEN;
  }

  /** Whether a caller may ask now. One who got `true` must report back with `succeeded` or `failed`. */
  admits(): boolean {
    if (!this.isOpen) return true;
    if (this.#probing || this.options.clock() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#probing = false;
  }

  failed(): void {
    const failedProbes = Math.max(0, this.#failures - FAILURES_TO_OPEN + 1);
    this.#failures++;
    this.#probing = false;
    this.#openUntil = this.options.clock() + this.options.pauseMs * 2 ** Math.min(failedProbes, 4);
  }
}
