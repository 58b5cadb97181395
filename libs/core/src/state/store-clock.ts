import type { Clock } from '../model/time.js';

export interface StoreClockOptions {
  /** Of this process. */
  readonly clock: Clock;
  /** The store's time, epoch ms; `undefined` = it has none. */
  readonly storeTime: (() => Promise<number>) | undefined;
  /** Up to how far the clock of this process may be off before it counts as wrong, in ms. */
  readonly tolerance: number;
}

const MEASURE_EVERY_MS = 10_000;
/** How long a start waits for the store's time, in ms. */
const START_MS = 500;
const LOOK_EVERY_MS = 1_000;
/** By so much the clock may run differently from the process's own time before it is measured at once, in ms. */
const LEAP_MS = 200;

/**
 * The store's time, which all processes share. How far the clock of this process is off is measured at the start, every 10 seconds, and
 * when the clock leaps; {@link now} corrects it.
 */
export class StoreClock {
  #offset: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #measuring: Promise<boolean> | undefined;
  #askedAt = -Infinity;
  /** The clock minus the process's own time, at the last look. */
  #drift: number;

  constructor(private readonly options: StoreClockOptions) {
    this.#drift = this.#currentDrift();
  }

  /** Epoch ms by the store's time, as far as it is known. */
  readonly now: Clock = () => this.options.clock() + (this.#offset ?? 0);

  /** How far the clock of this process is ahead of the store's time, in ms; `null` = not known. */
  get ahead(): number | null {
    return this.#offset === null ? null : -this.#offset;
  }

  /** Whether the clock is further off than the tolerance. */
  get isWrong(): boolean {
    return Math.abs(this.#offset ?? 0) > this.options.tolerance;
  }

  /** Measures now, then regularly. */
  async start(): Promise<void> {
    if (this.options.storeTime === undefined || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, START_MS)));
    await Promise.race([this.#measure(), patience]);
    clearTimeout(timer);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Measures again, and tells whether this process may act for others by its clock.
   * @returns `false` = the clock is wrong, or the store did not tell its time
   */
  async agrees(): Promise<boolean> {
    if (this.options.storeTime === undefined) return true;
    return (await this.#measure()) && !this.isWrong;
  }

  #look(): void {
    const hasLeapt = Math.abs(this.#currentDrift() - this.#drift) > LEAP_MS;
    if (hasLeapt || performance.now() - this.#askedAt >= MEASURE_EVERY_MS) void this.#measure();
  }

  /** @returns whether the store told its time */
  #measure(): Promise<boolean> {
    this.#measuring ??= this.#ask().finally(() => (this.#measuring = undefined));
    return this.#measuring;
  }

  async #ask(): Promise<boolean> {
    const { clock, storeTime } = this.options;
    const asked = performance.now();
    this.#askedAt = asked;
    this.#drift = this.#currentDrift();
    try {
      const time = await storeTime?.();
      const halfway = (performance.now() - asked) / 2;
      if (time === undefined || !Number.isFinite(time)) return false;
      this.#offset = Math.round(time + halfway - clock());
      return true;
    } catch {
      // The store is away: health tells. What was measured last counts.
      return false;
    }
  }

  #currentDrift(): number {
    return this.options.clock() - performance.now();
  }
}
