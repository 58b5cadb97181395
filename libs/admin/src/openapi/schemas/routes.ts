import { object, orNull, text, texts, time, whole, yes, type Schema } from './schema.js';

const window = orNull(object({ start: time, end: time, reason: text }));
const block = orNull(
  object({
    kind: { type: 'string', enum: ['maintenance', 'disabled', 'env_gated', 'rate_limited'] },
    scope: { type: 'string', enum: ['global', 'service', 'route'] },
    reason: text,
    ends_at: orNull(time),
    allowed_envs: orNull(texts),
  }),
);

const figures = {
  requests: whole,
  client_errors: whole,
  server_errors: whole,
  app_errors: whole,
  blocked: { type: 'integer', description: 'Not let through.' },
  shadowed: { type: 'integer', description: 'Let through although a limit in shadow mode was over.' },
  p50_ms: { ...orNull({ type: 'number' }), description: 'From the guard to the end of the answer; within a factor of 1.42.' },
  p95_ms: orNull({ type: 'number' }),
} satisfies Record<string, Schema>;

const status: Schema = { type: 'string', enum: ['active', 'maintenance', 'disabled', 'env_gated', 'deprecated'] };
const blockedBy: Schema = {
  ...orNull({ type: 'string', enum: ['global', 'service', 'route', 'environment'] }),
  description: 'Which check refuses requests; `null` = none.',
};

/** What applies to a handler, maintenance of everything and of its service included. */
export const effectiveState = object({
  status,
  blocked_by: blockedBy,
  reason: text,
  since: { ...orNull(time), description: '`null` = unknown.' },
  until: { ...orNull(time), description: 'When the state ends on its own; `null` = when it is changed.' },
  source: { type: 'string', enum: ['declared', 'override'] },
  set_by: { ...orNull(text), description: 'The operator; `null` = the code.' },
  next: {
    ...orNull(object({ at: time, status, blocked_by: blockedBy, reason: text })),
    description: 'What it changes to on its own; `null` = nothing is scheduled.',
  },
});

const routeState = {
  path: { type: 'string', description: 'The route key, `METHOD:/path`, behind the name of its service where it has one.' },
  service: orNull(text),
  status: { ...status, description: 'Of the route alone. `effective_status` is what a request gets.' },
  reason: text,
  allowed_envs: texts,
  allowed_roles: texts,
  allowed_ips: texts,
  window,
  sunset_date: orNull(text),
  successor_path: orNull(text),
  rollout_percentage: whole,
  force_active: yes,
  source: { type: 'string', enum: ['declared', 'override'] },
  next_change: orNull(time),
  revision: whole,
  tags: { ...texts, description: 'What the code files the route under.' },
} satisfies Record<string, Schema>;

/** Only in answers about routes that are registered. */
const shown = {
  effective_status: status,
  blocked_by: blockedBy,
  until: { ...orNull(time), description: 'When the effective state ends on its own.' },
  effective: effectiveState,
} satisfies Record<string, Schema>;

export const ROUTE_SCHEMAS = {
  RouteState: { ...object(routeState), properties: { ...routeState, ...shown } },
  Explanation: object({
    route: {
      ...orNull(text),
      description: 'The most exact route that matches; `null` = none does, and maintenance refuses such requests too.',
    },
    service: orNull(text),
    also_matching: { ...texts, description: 'Routers that take the first route registered may choose one of these.' },
    outcome: { type: 'string', enum: ['allow', 'block'] },
    block,
    deprecated: yes,
    steps: {
      type: 'array',
      description: 'In the order they are asked, each answered for itself: the first that blocks decides.',
      items: object({
        check: { type: 'string', enum: ['global_maintenance', 'service_maintenance', 'route'] },
        outcome: { type: 'string', enum: ['pass', 'block'] },
        why: text,
        block,
      }),
    },
    limits: {
      type: 'array',
      description: 'Asked where no step blocks.',
      items: object({
        scope: text,
        name: text,
        limit: text,
        algorithm: text,
        key_strategy: text,
        mode: text,
        phase: { type: 'string', enum: ['origin', 'identity'] },
        result: {
          type: 'string',
          enum: ['count', 'exempt', 'refuse', 'app'],
          description: '`refuse` = it has no key to be counted by; `app` = a function of the app decides, which is not called.',
        },
        caller: orNull(text),
        tier: orNull(text),
        cost: whole,
        usage: {
          ...orNull(
            object({
              used: whole,
              limit: { type: 'integer', description: 'Burst included.' },
              reset_at: time,
              refuses: {
                type: 'boolean',
                description: 'Whether this request would be refused; in shadow mode it is only recorded.',
              },
              counted_by: {
                type: 'string',
                enum: ['all', 'process'],
                description: 'All processes together, or the answering one.',
              },
            }),
          ),
          description: 'What is counted now, read without counting; `null` = it cannot be read from here.',
        },
      }),
    },
  }),
  Stats: object({
    minutes: whole,
    routes: {
      type: 'array',
      items: object({
        path: { ...orNull(text), description: '`null` = no route answers, or there are too many to be told apart.' },
        service: orNull(text),
        ...figures,
      }),
    },
    series: { type: 'array', items: object({ minute: time, ...figures }) },
    revisions: {
      type: 'array',
      items: object({ revision: whole, at: time, path: text, action: text, actor: text }),
    },
  }),
} satisfies Record<string, Schema>;
