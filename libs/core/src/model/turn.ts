import { setImmediate } from 'node:timers/promises';

/** How long work may keep the event loop at a time, in ms. */
const TURN_MS = 5;

/** One turn of long work on the event loop: after 5 ms, other requests go first. */
export class Turn {
  #started = performance.now();

  isOver(): boolean {
    return performance.now() - this.#started >= TURN_MS;
  }

  /** Lets everything else that is waiting run, and starts another turn. */
  async next(): Promise<void> {
    await setImmediate();
    this.#started = performance.now();
  }
}
