/** Who waits for a revision to be in force. */
export class RevisionWaiters {
  readonly #waiting = new Set<{ readonly revision: number; readonly resolve: () => void }>();

  /** Waits until the revision is reached, but no longer than `withinMs`. */
  async wait(revision: number, withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const waiter = { revision, resolve };
      this.#waiting.add(waiter);
      timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve();
      }, withinMs);
    });
    clearTimeout(timer);
  }

  /** Everybody who waits for this revision or an earlier one need not wait any more. */
  reached(revision: number): void {
    for (const waiter of this.#waiting) {
      if (waiter.revision > revision) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}
