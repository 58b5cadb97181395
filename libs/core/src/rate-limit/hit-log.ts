import { randomUUID } from 'node:crypto';
import type { RateLimitHit } from '../schema/rate-limit.js';

export interface HitLogOptions {
  readonly append: (hits: readonly RateLimitHit[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** Hits that wait to be written at most; of more, a fair sample is kept. Default 1000. */
  readonly capacity?: number;
  /** How often they are written, in ms. Default 250. */
  readonly intervalMs?: number;
  readonly random?: () => number;
}

/** Refused requests on their way to the backend: never on the hot path, never more than fits, whatever the attack. */
export class HitLog {
  readonly #capacity: number;
  readonly #intervalMs: number;
  readonly #random: () => number;
  #waiting: RateLimitHit[] = [];
  /** Hits offered since the last write. */
  #offered = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: HitLogOptions) {
    this.#capacity = options.capacity ?? 1_000;
    this.#intervalMs = options.intervalMs ?? 250;
    this.#random = options.random ?? Math.random;
  }

  /** How many hits were not written because too many came at once, or the backend failed. */
  get dropped(): number {
    return this.#dropped;
  }

  add(hit: Omit<RateLimitHit, 'id'>): void {
    this.#offered++;
    if (this.#waiting.length < this.#capacity) this.#waiting.push({ ...hit, id: randomUUID() });
    else {
      this.#dropped++;
      // Every hit of the interval has the same chance to be among those kept (reservoir sampling).
      const place = Math.floor(this.#random() * this.#offered);
      if (place < this.#capacity) this.#waiting[place] = { ...hit, id: randomUUID() };
    }
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => void this.flush(), this.#intervalMs);
      this.#timer.unref();
    }
  }

  /** Writes what waits. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const hits = this.#waiting.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    this.#waiting = [];
    this.#offered = 0;
    if (hits.length === 0) return this.#writing;
    this.#writing = this.#writing.then(async () => {
      try {
        await this.options.append(hits);
      } catch (error) {
        this.#dropped += hits.length;
        this.options.onError(error);
      }
    });
    return this.#writing;
  }
}
