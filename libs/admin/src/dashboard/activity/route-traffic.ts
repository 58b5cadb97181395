import type { MinuteFigures, RequestStats, TrafficFigures } from '@waygate/core';

/** What happened to a route within the hour in this process, and its course. */
export interface RouteTraffic {
  readonly figures: TrafficFigures;
  /** Requests of each step, oldest first. */
  readonly requests: readonly number[];
  /** Answers of 500 and above that the app gave. */
  readonly errors: readonly number[];
  readonly p95: readonly (number | null)[];
}

/** Minutes that make one step: a picture as wide as a word shows no more. */
const STEP = 2;

/** Those of the routes to which requests came. */
export function trafficOf(stats: RequestStats, routes: readonly string[]): ReadonlyMap<string, RouteTraffic> {
  const wanted = new Set(routes);
  const busy = stats.byRoute().filter(({ route, requests }) => route !== null && requests > 0 && wanted.has(route));
  return new Map(busy.map(({ route, ...figures }) => [route ?? '', { figures, ...courseOf(stats.byMinute([route])) }]));
}

function courseOf(minutes: readonly MinuteFigures[]): Omit<RouteTraffic, 'figures'> {
  const steps = Array.from({ length: minutes.length / STEP }, (_, i) => minutes.slice(i * STEP, (i + 1) * STEP));
  const sum = (of: (minute: MinuteFigures) => number) =>
    steps.map((step) => step.reduce((total, minute) => total + of(minute), 0));
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ appErrors }) => appErrors),
    p95: steps.map((step) =>
      step.reduce<number | null>((most, { p95 }) => (p95 === null ? most : Math.max(most ?? 0, p95)), null),
    ),
  };
}
