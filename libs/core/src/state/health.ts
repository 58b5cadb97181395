import type { Clock } from '../model/time.js';

/** Whether the snapshot is known to be what the backend holds. */
export interface Health {
  /**
   * `starting` until the first load succeeds; `stale` = decisions go on from the last snapshot, writes may fail; `error` = the same for so
   * long that somebody should look; `state-lost` = the store is empty, older, or of another history, and is not believed.
   */
  readonly status: 'starting' | 'ready' | 'stale' | 'state-lost' | 'error' | 'closed';
  /** Why it is not `ready`; empty when it is. */
  readonly reason: string;
  /** Epoch ms since when the status holds. */
  readonly since: number;
  readonly revision: number;
}

export interface HealthKeeperOptions {
  readonly clock: Clock;
  /** How long it may be stale before it is an error, in ms. */
  readonly errorAfter: number;
  /** Of the snapshot. */
  readonly revision: () => number;
  readonly onHealth: (health: Health) => void;
}

/** Keeps the health of the state, and calls it an error when it stays stale for long. */
export class HealthKeeper {
  #status: Health['status'] = 'starting';
  #reason = 'not opened yet';
  #since: number;
  #errorTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: HealthKeeperOptions) {
    this.#since = options.clock();
  }

  get now(): Health {
    return { status: this.#status, reason: this.#reason, since: this.#since, revision: this.options.revision() };
  }

  get status(): Health['status'] {
    return this.#status;
  }

  get reason(): string {
    return this.#reason;
  }

  set(status: Health['status'], reason: string): void {
    if (status !== 'stale') clearTimeout(this.#errorTimer);
    else if (this.#status !== 'stale') this.#expectError();
    this.#status = status;
    this.#reason = reason;
    this.#since = this.options.clock();
    this.options.onHealth(this.now);
  }

  /** A later reason for the same; nobody is told. */
  explain(reason: string): void {
    this.#reason = reason;
  }

  #expectError(): void {
    const { errorAfter } = this.options;
    if (errorAfter === Infinity) return;
    clearTimeout(this.#errorTimer);
    this.#errorTimer = setTimeout(() => this.set('error', this.#reason), Math.min(errorAfter, 2 ** 31 - 1)).unref();
  }
}
