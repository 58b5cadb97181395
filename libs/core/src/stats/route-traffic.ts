import type { Clock } from '../model/time.js';
import { BUCKETS, bucketOf } from './latency-histogram.js';

/** How far back figures go. */
export const KEPT_MINUTES = 60;
export const MINUTE_MS = 60_000;

/** Where each figure stands in the cell of a minute; behind them the histogram. */
const MINUTE = 0;
const REQUESTS = 1;
const CLIENT_ERRORS = 2;
const SERVER_ERRORS = 3;
const BLOCKED = 4;
const SHADOWED = 5;
const APP_ERRORS = 6;
const HISTOGRAM = 7;
const CELL = HISTOGRAM + BUCKETS;

/** What happened, summed up over some minutes and routes. */
export class TrafficSum {
  requests = 0;
  clientErrors = 0;
  serverErrors = 0;
  appErrors = 0;
  /** Not let through. */
  blocked = 0;
  /** Let through although a limit in shadow mode was over. */
  shadowed = 0;
  /** How many answers took how long, by bucket. */
  readonly latencies = new Uint32Array(BUCKETS);
}

/** What happened to one route in each of the last minutes; about 10 KB. */
export class RouteTraffic {
  /** A ring of cells, one a minute. */
  readonly #cells = new Uint32Array(KEPT_MINUTES * CELL);

  /** Answers since the process began. */
  total = 0;

  constructor(private readonly clock: Clock) {}

  /** Counts an answer. @param ms how long it took @param by who gave it */
  answered(status: number, ms: number, by: 'app' | 'waygate' = 'app'): void {
    const cells = this.#cells;
    const cell = this.#cell();
    this.total++;
    raise(cells, cell + REQUESTS);
    if (status >= 500) {
      raise(cells, cell + SERVER_ERRORS);
      if (by === 'app') raise(cells, cell + APP_ERRORS);
    } else if (status >= 400) raise(cells, cell + CLIENT_ERRORS);
    raise(cells, cell + HISTOGRAM + bucketOf(ms));
  }

  /** Counts a request that was stopped, or would have been. */
  blocked(shadow: boolean): void {
    raise(this.#cells, this.#cell() + (shadow ? SHADOWED : BLOCKED));
  }

  /** Adds what happened in a minute (epoch minutes) to a sum. */
  addTo(sum: TrafficSum, minute: number): void {
    const cells = this.#cells;
    const cell = (minute % KEPT_MINUTES) * CELL;
    if (cells[cell + MINUTE] !== minute) return;
    sum.requests += cells[cell + REQUESTS] ?? 0;
    sum.clientErrors += cells[cell + CLIENT_ERRORS] ?? 0;
    sum.serverErrors += cells[cell + SERVER_ERRORS] ?? 0;
    sum.appErrors += cells[cell + APP_ERRORS] ?? 0;
    sum.blocked += cells[cell + BLOCKED] ?? 0;
    sum.shadowed += cells[cell + SHADOWED] ?? 0;
    for (let i = 0; i < BUCKETS; i++) raise(sum.latencies, i, cells[cell + HISTOGRAM + i]);
  }

  /** The cell of the present minute, emptied when it held an older one. */
  #cell(): number {
    const minute = Math.floor(this.clock() / MINUTE_MS);
    const cell = (minute % KEPT_MINUTES) * CELL;
    if (this.#cells[cell + MINUTE] !== minute) {
      this.#cells.fill(0, cell, cell + CELL);
      this.#cells[cell + MINUTE] = minute;
    }
    return cell;
  }
}

function raise(counts: Uint32Array, place: number, by = 1): void {
  counts[place] = (counts[place] ?? 0) + by;
}
