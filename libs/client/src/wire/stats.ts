import type { WireInstant } from './routes.js';

export interface TrafficFigures {
  readonly requests: number;
  readonly client_errors: number;
  readonly server_errors: number;
  /** Not let through. */
  readonly blocked: number;
  /** Let through although a limit in shadow mode was over. */
  readonly shadowed: number;
  /** Milliseconds, right within a factor of 1.42; `null` = no request. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
}

export interface RouteTraffic extends TrafficFigures {
  /** `null` = no route answers, or there are too many to be told apart. */
  readonly path: string | null;
  readonly service: string | null;
}

/** The traffic of the process that answers. */
export interface Stats {
  readonly minutes: number;
  readonly routes: readonly RouteTraffic[];
  /** Minute by minute, oldest first. */
  readonly series: readonly (TrafficFigures & { readonly minute: WireInstant })[];
  /** What was changed meanwhile, oldest first. */
  readonly revisions: readonly {
    readonly revision: number;
    readonly at: WireInstant;
    readonly path: string;
    readonly action: string;
    readonly actor: string;
  }[];
}
