/**
 * Callers known to be refused until a moment, so that Redis need not be asked about them: a flood from one caller costs it nothing.
 * Bounded; who is forgotten is asked about again.
 */
export class BlockedCallers<Verdict> {
  readonly #blocked = new Map<string, { readonly until: number; readonly verdict: Verdict }>();

  constructor(
    private readonly capacity: number,
    /** In ms, and steady: a wall clock that leaps back would keep callers blocked. */
    private readonly clock: () => number,
  ) {}

  get isEmpty(): boolean {
    return this.#blocked.size === 0;
  }

  get(id: string): { readonly until: number; readonly verdict: Verdict } | undefined {
    const entry = this.#blocked.get(id);
    if (entry === undefined) return undefined;
    if (this.clock() < entry.until) return entry;
    this.#blocked.delete(id);
    return undefined;
  }

  add(id: string, until: number, verdict: Verdict): void {
    if (this.#blocked.size >= this.capacity) {
      const oldest = this.#blocked.keys().next();
      if (oldest.done !== true) this.#blocked.delete(oldest.value);
    }
    this.#blocked.set(id, { until, verdict });
  }

  forget(id: string): void {
    this.#blocked.delete(id);
  }
}
