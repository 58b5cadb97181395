import { object, orNull, text, texts, time, whole, withWarnings, yes, type Schema } from './schema.js';

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

export const RATE_LIMIT_SCHEMAS = {
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
  GlobalRateLimitPolicySet: withWarnings({ ...limit, exempt_routes: texts, enabled: yes, ...moreOfLimit, revision: whole }),
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
  Tier: object({ name: text, limit: text }),
  LimitRemoved: withWarnings({ ok: yes, path: text, method: text }),
  LimitReset: withWarnings({ ok: yes, path: text }),
} satisfies Record<string, Schema>;
