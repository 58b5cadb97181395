import { Backoff } from '@waygate/core';

/** Upper bound of any delay, in ms: a server that is back is found within it. */
const LONGEST_DELAY_MS = 4_500;

/**
 * How soon to try again what failed. The first delay is long already: of many processes that lost the same server at the same moment, few
 * come back together.
 */
export class Pace {
  readonly #backoff: Backoff;
  #notBefore = 0;

  /** @param reconnectDelay upper bound of the first delay, in ms */
  constructor(
    reconnectDelay: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#backoff = new Backoff({ firstMs: reconnectDelay, maxMs: Math.max(LONGEST_DELAY_MS, reconnectDelay) });
  }

  /** Milliseconds to wait before the next attempt. */
  get wait(): number {
    return Math.max(0, this.#notBefore - this.now());
  }

  failed(): void {
    this.#notBefore = this.now() + this.#backoff.next();
  }

  succeeded(): void {
    this.#backoff.reset();
    this.#notBefore = 0;
  }
}
