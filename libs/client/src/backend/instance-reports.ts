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

/** At most so often, in ms. */
const PERIOD_MS = 10_000;
/** A change is told after a moment that differs from process to process, in ms. */
const SPREAD_MS = 2_000;

/** Tells the server which revision this process decides by, where that changed. The open stream shows that it lives. */
export class InstanceReports {
  #timer: NodeJS.Timeout | undefined;
  #reported = -1;
  #notBefore = 0;
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
    this.#notBefore = performance.now() + PERIOD_MS;
    if (revision !== this.#reported) await this.send(revision);
    this.#reported = revision;
    this.#timer = undefined;
    if (this.revision() !== revision) this.changed();
  }
}
