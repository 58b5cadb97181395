import type { Schema } from './body-schema.js';

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const yes: Schema = { type: 'boolean' };
const time: Schema = { type: 'string', format: 'date-time' };
const texts: Schema = { type: 'array', items: text };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const list = (name: string): Schema => ({ type: 'array', items: { $ref: `#/components/schemas/${name}` } });

/** Every field is always there. */
function object(properties: Record<string, Schema>, description?: string): Schema {
  const required = Object.keys(properties);
  return { type: 'object', ...(description === undefined ? {} : { description }), properties, required };
}

const window = orNull(object({ start: time, end: time, reason: text }));
const limit = { limit: text, algorithm: text, key_strategy: text, on_missing_key: orNull(text), burst: whole };
const moreOfLimit = {
  tiers: { type: 'array', items: object({ name: text, limit: text }) },
  tier_resolver: text,
  exempt_ips: texts,
  exempt_roles: texts,
  cost: whole,
  mode: { type: 'string', enum: ['enforce', 'shadow', 'off'] },
  on_store_error: text,
  expires_at: orNull(time),
} satisfies Record<string, Schema>;
const auditEntry = {
  id: text,
  timestamp: time,
  path: text,
  service: orNull(text),
  action: text,
  actor: text,
  platform: text,
  reason: text,
  previous_status: orNull(text),
  new_status: orNull(text),
  revision: whole,
};

const block = orNull(
  object({
    kind: { type: 'string', enum: ['maintenance', 'disabled', 'env_gated'] },
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

const webhook = {
  key: text,
  url: text,
  events: { ...texts, description: 'Empty = every change of how the API behaves.' },
  formatter: text,
  description: text,
  enabled: yes,
  disabled_reason: text,
  declared: yes,
  secrets: { type: 'array', items: object({ created_at: time, expires_at: orNull(time) }) },
  open: { type: 'integer', description: 'Deliveries that wait or are under way.' },
  dead: { type: 'integer', description: 'Deliveries that were given up.' },
  created_at: time,
  revision: whole,
} satisfies Record<string, Schema>;

/** What answers look like, by name. */
export const ANSWERS = {
  Ok: object({ ok: yes }),
  Name: text,
  Error: { type: 'object', properties: { error: text, ambiguous_matches: texts, revision: whole }, required: ['error'] },
  Status: object({ status: text }),
  Health: object({
    status: { type: 'string', enum: ['starting', 'ready', 'stale', 'draining', 'closed'] },
    reason: { type: 'string', description: 'Why the state is not ready.' },
    reasons: { ...texts, description: 'All that is not as it should be.' },
    since: time,
    revision: whole,
    environment: text,
    service: orNull(text),
    streams: whole,
  }),
  Login: object({ token: text, username: text, expires_at: time }),
  Me: {
    type: 'object',
    properties: { username: text, platform: text, role: text, services: orNull(texts), csrf_token: text },
    required: ['username', 'platform', 'role', 'services'],
  },
  Token: {
    type: 'object',
    properties: {
      id: text,
      name: text,
      role: text,
      services: orNull(texts),
      created_at: time,
      created_by: text,
      expires_at: orNull(time),
      last_used_at: orNull(time),
      revision: whole,
      token: { type: 'string', description: 'Only when it is made.' },
    },
    required: ['id', 'name', 'role', 'services', 'created_at', 'created_by', 'expires_at', 'last_used_at', 'revision'],
  },
  RouteState: object({
    path: { type: 'string', description: 'The route key, `METHOD:/path`, behind the name of its service where it has one.' },
    service: orNull(text),
    status: { type: 'string', enum: ['active', 'maintenance', 'disabled', 'env_gated', 'deprecated'] },
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
  }),
  States: object({ states: list('RouteState') }),
  MaintenanceConfig: object({
    enabled: yes,
    reason: text,
    exempt_paths: texts,
    include_force_active: yes,
    window: orNull(
      object({
        start: orNull(time),
        end: orNull(time),
        recurrence: orNull(object({ cron: text, duration_ms: whole, time_zone: text })),
      }),
    ),
    next_change: orNull(time),
    revision: whole,
  }),
  RateLimitPolicy: object({
    path: text,
    method: text,
    ...limit,
    ...moreOfLimit,
    name: text,
    origin: text,
    source: text,
    revision: whole,
  }),
  GlobalRateLimitPolicy: object({ ...limit, exempt_routes: texts, enabled: yes, ...moreOfLimit }),
  LimitScope: object({ enabled: yes, policy: orNull({ $ref: '#/components/schemas/GlobalRateLimitPolicy' }), revision: whole }),
  RateLimitHit: object({
    id: text,
    timestamp: time,
    path: text,
    method: text,
    key: text,
    limit: text,
    tier: orNull(text),
    reset_at: time,
    policy: text,
    shadow: yes,
  }),
  AuditEntry: object(auditEntry),
  Revisions: object({
    revisions: { type: 'array', items: object({ ...auditEntry, kind: text, key: text, before: {}, after: {} }) },
    next: orNull(text),
  }),
  Webhook: object(webhook),
  WebhookWithSecret: object({ ...webhook, secret: orNull({ type: 'string', description: '`null` = it stays what it was.' }) }),
  WebhookTest: object({ ok: yes, status: orNull(whole), error: text }),
  Delivery: object({
    id: text,
    webhook: text,
    state: { type: 'string', enum: ['pending', 'claimed', 'delivered', 'dead'] },
    event: text,
    path: text,
    service: orNull(text),
    actor: text,
    reason: text,
    event_revision: whole,
    attempts: whole,
    next_attempt_at: orNull(time),
    settled_at: orNull(time),
    last_status: orNull(whole),
    last_error: text,
    created_at: time,
  }),
  Deliveries: object({ deliveries: list('Delivery'), next: orNull(text) }),
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
  Explanation: object({
    route: { anyOf: [text, { type: 'null' }], description: 'The most exact route that matches; `null` = none does.' },
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
      }),
    },
  }),
  UpcomingChange: object({
    at: time,
    path: { type: 'string', description: 'As in audit entries.' },
    service: orNull(text),
    kind: text,
    change: {
      type: 'string',
      enum: [
        'window_opened',
        'window_closed',
        'override_expired',
        'switch_back',
        'scheduled_change',
        'rollout_step',
        'rollout_end',
      ],
    },
    reason: text,
  }),
  RevisionDiff: object({
    from: whole,
    to: whole,
    complete: { type: 'boolean', description: '`false` = the log no longer reaches back to the earlier revision.' },
    records: {
      type: 'array',
      items: object({
        kind: text,
        key: text,
        path: text,
        before: {},
        after: {},
        differences: {
          type: 'array',
          items: { type: 'object', properties: { path: text, before: {}, after: {} }, required: ['path'] },
        },
        entries: list('AuditEntry'),
      }),
    },
  }),
  Reverted: object({ reverted: whole, revision: whole }),
  Snapshot: object({
    revision: whole,
    states: list('RouteState'),
    rate_limits: list('RateLimitPolicy'),
    flags: list('Flag'),
    segments: list('Segment'),
  }),
  Flag: object({
    key: text,
    name: text,
    description: text,
    type: { type: 'string', enum: ['boolean', 'string', 'integer', 'float', 'json'] },
    tags: texts,
    variations: { type: 'array', items: object({ name: text, value: {}, description: text }) },
    off_variation: text,
    fallthrough: { anyOf: [text, { type: 'array', items: object({ variation: text, weight: whole }) }] },
    enabled: yes,
    prerequisites: { type: 'array', items: object({ flag_key: text, variation: text }) },
    targets: { type: 'object', additionalProperties: texts },
    rules: { type: 'array', items: { type: 'object' } },
    scheduled_changes: { type: 'array', items: { type: 'object' } },
    status: { type: 'string', enum: ['new', 'active', 'launched', 'inactive', 'deprecated', 'archived'] },
    temporary: yes,
    maintainer: orNull(text),
    created_at: time,
    updated_at: time,
    created_by: text,
    client_visible: yes,
    fallthrough_bucketing: orNull(object({ bucket_by: orNull(text), salt: orNull(text) })),
    switch_back_at: orNull(time),
    progressive_rollout: orNull({ type: 'object' }),
    revision: whole,
  }),
  Segment: object({
    key: text,
    name: text,
    description: text,
    included: texts,
    excluded: texts,
    rules: { type: 'array', items: { type: 'object' } },
    tags: texts,
    created_at: time,
    updated_at: time,
    revision: whole,
  }),
  FlagDetails: object({
    flag_key: text,
    value: {},
    variation: orNull(text),
    reason: text,
    rule_id: orNull(text),
    prerequisite_key: orNull(text),
    error_message: orNull(text),
  }),
  FlagExplanation: object({
    flag_key: text,
    details: { $ref: '#/components/schemas/FlagDetails' },
    steps: { type: 'array', items: { type: 'object' } },
  }),
  StaleFlag: object({ key: text, reason: text, since: time }),
  EvaluationCount: object({ flag_key: text, variation: orNull(text), minute: time, count: whole }),
  Evaluation: object({
    timestamp: time,
    flag_key: text,
    variation: orNull(text),
    value: {},
    reason: text,
    rule_id: orNull(text),
    key: orNull(text),
  }),
} satisfies Record<string, Schema>;

export type AnswerName = keyof typeof ANSWERS;
