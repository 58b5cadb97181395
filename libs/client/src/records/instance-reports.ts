import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** What a process tells the server about itself. */
export interface InstanceIdentity {
  /** Unique within its service. */
  readonly id: string;
  /** Of the application; `null` = not known. */
  readonly version: string | null;
}

/** Host, process, and a few letters, since containers share both. */
export function defaultInstanceId(): string {
  return `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`;
}

/** While changes go on, a report each, in ms. */
const PERIOD_MS = 10_000;
/** After a quiet time so many come sooner, so that who waits for a change or two need not wait for a period. */
const BURST = 3;
/** Even then at most so often, in ms. */
const SHORTEST_PAUSE_MS = 2_000;
/** A change is told after a moment that differs from process to process, in ms: thousands apply it at once. */
const SPREAD_MS = 1_000;

/** Tells the server which revision this process decides by, where that changed. The open stream shows that it lives. */
export class InstanceReports {
  #timer: NodeJS.Timeout | undefined;
  #reported = -1;
  #notBefore = 0;
  /** When all that was sent would have been, one a period. */
  #paidUntil = 0;
  #stopped = false;

  /**
   * @param revision the one applied now
   * @param send never rejects
   */
  constructor(
    private readonly revision: () => number,
    private readonly send: (revision: number) => Promise<void>,
  ) {}

  /** The revision may have changed. */
  changed(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    const wait = Math.max(0, this.#notBefore - performance.now()) + SPREAD_MS * Math.random();
    this.#timer = setTimeout(() => void this.#report(), wait).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #report(): Promise<void> {
    const revision = this.revision();
    if (revision !== this.#reported) {
      const now = performance.now();
      this.#paidUntil = Math.max(this.#paidUntil, now) + PERIOD_MS;
      this.#notBefore = Math.max(now + SHORTEST_PAUSE_MS, this.#paidUntil - (BURST - 1) * PERIOD_MS);
      await this.send(revision);
      this.#reported = revision;
    }
    this.#timer = undefined;
    if (this.revision() !== revision) this.changed();
  }
}
