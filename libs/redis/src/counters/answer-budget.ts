import { CounterStoreError } from '@waygate/core';

/** How often late answers are looked for, in ms. */
const TICK_MS = 10;

interface Pending {
  /** In time of {@link AnswerBudget}. */
  readonly deadline: number;
  readonly reject: (error: Error) => void;
}

/**
 * Bounds how long an answer is waited for, in time during which this process could have read it.
 *
 * A pause of our own event loop is not a failure of Redis. After a pause, timers run before sockets are read, so a plain timeout reports an
 * answer as late that has arrived already. Here time passes in ticks of at most 10 ms, however long the loop was busy between two of them,
 * and sockets are read between ticks. One timer serves all answers, and it stops when none is pending.
 */
export class AnswerBudget {
  readonly #pending = new Set<Pending>();
  #timer: NodeJS.Timeout | undefined;
  #now = 0;

  /** @param budgetMs how long an answer may take */
  constructor(private readonly budgetMs: number) {}

  /**
   * The answer, if it arrives in time.
   * @throws {CounterStoreError} (as a rejection) when it does not
   */
  limit<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // The tick that is under way counts too.
      const pending = { deadline: this.#now + this.budgetMs + TICK_MS, reject };
      this.#pending.add(pending);
      this.#timer ??= setInterval(this.#tick, TICK_MS).unref();
      answer.then(
        (value) => {
          this.#pending.delete(pending);
          resolve(value);
        },
        (error: unknown) => {
          this.#pending.delete(pending);
          reject(error instanceof Error ? error : new CounterStoreError(String(error)));
        },
      );
    });
  }

  readonly #tick = (): void => {
    this.#now += TICK_MS;
    if (this.#pending.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    // Deadlines are in the order in which answers were asked for.
    for (const pending of this.#pending) {
      if (pending.deadline > this.#now) return;
      this.#pending.delete(pending);
      pending.reject(new CounterStoreError(`Redis does not answer within ${this.budgetMs} ms.`));
    }
  };
}
