/** What a metric is. */
export interface MetricDefinition {
  /** A counter only grows, a gauge goes up and down. */
  readonly type: 'counter' | 'gauge';
  /** What one is: `requests`, `1` for yes or no. */
  readonly unit: string;
  /** Labels and what they tell apart. */
  readonly labels: Readonly<Record<string, string>>;
  readonly help: string;
}

const SHADOW = '`true` = by a limit in shadow mode, so that the request was let through';

/** Every metric, by its name. They are registered from this list, and the reference is written from it. */
export const METRICS = {
  waygate_requests_total: {
    type: 'counter',
    unit: 'requests',
    labels: { route: 'route key; empty = no route answers' },
    help: 'Requests a route answered, blocked ones included',
  },
  waygate_blocked_requests_total: {
    type: 'counter',
    unit: 'requests',
    labels: { kind: '`maintenance`, `disabled`, `env_gated` or `rate_limited`', shadow: SHADOW },
    help: 'Requests that were not let through',
  },
  waygate_limit_refusals_total: {
    type: 'counter',
    unit: 'requests',
    labels: {
      route: 'route key; empty = no route answers',
      scope: '`global`, `service` or `route`',
      policy: 'name of the limit',
      shadow: SHADOW,
    },
    help: 'Requests over a limit',
  },
  waygate_unrecorded_refusals_total: {
    type: 'counter',
    unit: 'requests',
    labels: {},
    help: 'Refused requests that came too many at once to be recorded',
  },
  waygate_flag_evaluations_total: {
    type: 'counter',
    unit: 'evaluations',
    labels: { flag: 'its key', variation: "name of what was given; empty = the caller's default" },
    help: 'Evaluations by what was given',
  },
  waygate_ready: {
    type: 'gauge',
    unit: '0 or 1',
    labels: {},
    help: 'Whether the state is known to be what the store holds',
  },
  waygate_health: {
    type: 'gauge',
    unit: '0 or 1',
    labels: { status: '`starting`, `ready`, `stale`, `state-lost`, `error` or `closed`' },
    help: 'Which status holds: 1 for that one, 0 for the others',
  },
  waygate_troubles: { type: 'gauge', unit: 'troubles', labels: {}, help: 'How many things are not as they should be' },
  waygate_clock_ahead_seconds: {
    type: 'gauge',
    unit: 'seconds',
    labels: {},
    help: "How far the clock of this process is ahead of the store's time; 0 when it is unknown",
  },
  waygate_revision: { type: 'gauge', unit: 'revision', labels: {}, help: 'Number of the last change in force here' },
  waygate_webhook_deliveries: {
    type: 'gauge',
    unit: 'deliveries',
    labels: { webhook: 'its key', state: '`open` or `dead`' },
    help: 'Deliveries that wait (open) or were given up (dead)',
  },
  waygate_instances: {
    type: 'gauge',
    unit: 'processes',
    labels: {
      service: 'empty = it keeps everything in step, as a relay does',
      state: '`connected`, or `gone` for less than 5 minutes',
    },
    help: 'Processes that follow this one',
  },
  waygate_streams: { type: 'gauge', unit: 'streams', labels: {}, help: 'Open streams of events' },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
