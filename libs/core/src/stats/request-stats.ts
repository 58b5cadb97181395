import type { Unsubscribe } from '../backend/unsubscribe.js';
import type { BlockedEvent } from '../events/waygate-events.js';
import type { Clock } from '../model/time.js';
import { quantile } from './latency-histogram.js';
import { RequestLog } from './request-log.js';
import { KEPT_MINUTES, MINUTE_MS, RouteTraffic, TrafficSum } from './route-traffic.js';

/** Figures of some minutes. */
export interface TrafficFigures {
  readonly requests: number;
  /** Answers of 400 to 499. */
  readonly clientErrors: number;
  /** Answers of 500 and above. */
  readonly serverErrors: number;
  /** Those of them that the app gave, not Waygate for maintenance and disabled routes. */
  readonly appErrors: number;
  /** Not let through. */
  readonly blocked: number;
  /** Let through although a limit in shadow mode was over. */
  readonly shadowed: number;
  /** Half of the answers took at most so long, ms; within a factor of 1.42. `null` = there were none. */
  readonly p50: number | null;
  /** 95 % of the answers took at most so long, ms. */
  readonly p95: number | null;
}

export interface MinuteFigures extends TrafficFigures {
  /** Start of the minute, epoch ms. */
  readonly minute: number;
}

export interface RouteFigures extends TrafficFigures {
  /** Key of the route; `null` = what no route answers to, and routes beyond the most that are told apart. */
  readonly route: string | null;
}

/** Of how many routes figures are kept apart. */
const MOST_ROUTES = 500;

/** Requests, blocks and latencies of this process, by route and minute; the last 60 minutes. Counts nothing until it is started. */
export class RequestStats {
  readonly #routes = new Map<string, RouteTraffic>();
  readonly #rest: RouteTraffic;
  #log: RequestLog | null = null;

  /** @param onBlocked tells the listener every request that is not let through */
  constructor(
    private readonly clock: Clock,
    private readonly onBlocked: (listener: (event: BlockedEvent) => void) => Unsubscribe,
  ) {
    this.#rest = new RouteTraffic(clock);
  }

  get isOn(): boolean {
    return this.#log !== null;
  }

  /** Single requests of the last hour; `null` = nothing is counted yet. */
  get log(): RequestLog | null {
    return this.#log;
  }

  /** Begins to count; once is enough. */
  start(): void {
    if (this.#log !== null) return;
    this.#log = new RequestLog(this.clock);
    this.onBlocked(({ route, shadow = false }) => this.of(route).blocked(shadow));
  }

  /** What requests of a route are counted in; the same for the same route. */
  of(route: string | null): RouteTraffic {
    if (route === null) return this.#rest;
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    if (this.#routes.size >= MOST_ROUTES) return this.#rest;
    const traffic = new RouteTraffic(this.clock);
    this.#routes.set(route, traffic);
    return traffic;
  }

  /** Each route something happened to in the last minutes (at most 60). */
  byRoute(minutes: number = KEPT_MINUTES): readonly RouteFigures[] {
    return [...this.#routes, [null, this.#rest] as const]
      .map(([route, traffic]) => {
        const sum = new TrafficSum();
        for (const minute of this.#last(minutes)) traffic.addTo(sum, minute);
        return { route, ...figuresOf(sum) };
      })
      .filter(({ requests, blocked, shadowed }) => requests + blocked + shadowed > 0);
  }

  /** Answers of each route since counting began. */
  totals(): readonly { readonly route: string | null; readonly requests: number }[] {
    return [...this.#routes, [null, this.#rest] as const].map(([route, { total }]) => ({ route, requests: total }));
  }

  /** Each of the last minutes (at most 60), oldest first. @param routes what is summed up; `null` in it as in {@link byRoute} */
  byMinute(routes: readonly (string | null)[], minutes: number = KEPT_MINUTES): readonly MinuteFigures[] {
    const traffics = routes.map((route) => (route === null ? this.#rest : this.#routes.get(route)));
    return this.#last(minutes).map((minute) => {
      const sum = new TrafficSum();
      for (const traffic of traffics) traffic?.addTo(sum, minute);
      return { minute: minute * MINUTE_MS, ...figuresOf(sum) };
    });
  }

  #last(minutes: number): readonly number[] {
    const present = Math.floor(this.clock() / MINUTE_MS);
    const length = Math.max(1, Math.min(minutes, KEPT_MINUTES));
    return Array.from({ length }, (_, i) => present - length + 1 + i);
  }
}

function figuresOf({ latencies, ...counts }: TrafficSum): TrafficFigures {
  return { ...counts, p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) };
}
