import { isAddressBlock } from '../../model/address-set.js';
import type { EdgeRecord } from '../../model/edge.js';
import { ValidationError } from '../../model/errors.js';
import {
  MAX_ROUTE_TAG_LENGTH,
  MAX_ROUTE_TAGS,
  type Deprecation,
  type DeclaredRoute,
  type RouteOverride,
  type RouteRecord,
} from '../../model/route.js';
import {
  MAX_BURST,
  MAX_COST,
  type LimitScopeRecord,
  type RateLimitOverride,
  type RateLimitPolicy,
  type RateLimitRecord,
  type RateLimitResets,
  type RateLimitTier,
} from '../../model/rate-limit.js';
import type { MaintenanceRecord } from '../../model/maintenance.js';
import type { RecordKind } from '../../model/vocabulary.js';
import { checkRecurrence, type Recurrence } from '../../model/recurrence.js';
import { instantMs, type TimeWindow } from '../../model/time.js';
import { parseLimit, UNLIMITED } from '../../model/limit-string.js';
import type { FlagRecord } from '../../model/flag.js';
import { formatRouteKey, parseRouteKey } from '../../model/route-key.js';
import type { SegmentRecord } from '../../model/segment.js';
import { flagShape, segmentShape } from './flag-shapes.js';
import {
  amount,
  both,
  flag,
  ifThere,
  instant,
  listOf,
  nullOr,
  object,
  oneOf,
  simple,
  text,
  wholeUpTo,
  type Check,
  type MembersOf,
  type Misfit,
} from './shape.js';
import { deliveryShape, revocationShape, tokenShape, webhookShape } from './webhook-shapes.js';

/** One that never opens, or cannot be read, is found when a request asks for it: too late. Looked at as by who wrote it. */
const recurs: Check = (value, path) => {
  const { start, recurrence } = value as TimeWindow;
  if (recurrence === undefined) return null;
  try {
    checkRecurrence(recurrence, start === null ? Date.UTC(2026, 0, 1) : instantMs(start), 'recurrence');
    return null;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const { field, problem } = error;
    return { path: [...path, ...field.split('.')], problem };
  }
};

const recurrence = object({
  cron: text,
  durationMs: simple('must be a number above 0', (value) => typeof value === 'number' && value > 0),
  timeZone: text,
} satisfies MembersOf<Recurrence>);

const window = nullOr(
  both(
    object({ start: nullOr(instant), end: nullOr(instant), recurrence: ifThere(recurrence) } satisfies MembersOf<TimeWindow>),
    recurs,
  ),
);
const set = { setAt: instant, setBy: text };

const deprecation = nullOr(
  object({
    since: instant,
    sunset: nullOr(instant),
    successor: nullOr(text),
    link: nullOr(text),
  } satisfies MembersOf<Deprecation>),
);

const tag = simple(
  `must be text of 1 to ${MAX_ROUTE_TAG_LENGTH} characters`,
  (value) => typeof value === 'string' && value !== '' && value.length <= MAX_ROUTE_TAG_LENGTH,
);
const isShort = (value: unknown): boolean => Array.isArray(value) && value.length <= MAX_ROUTE_TAGS;

const declaredRoute = object({
  state: oneOf('active', 'maintenance', 'disabled'),
  reason: text,
  window,
  environments: nullOr(listOf(text)),
  deprecation,
  forceActive: flag,
  tags: ifThere(both(listOf(tag), simple(`must be at most ${MAX_ROUTE_TAGS}`, isShort))),
} satisfies MembersOf<DeclaredRoute>);

const routeOverride: Check = object({
  state: oneOf('active', 'maintenance', 'disabled', 'env_gated'),
  reason: text,
  environments: nullOr(listOf(text)),
  ...set,
  window,
  beneath: nullOr((value, path) => routeOverride(value, path)),
} satisfies MembersOf<RouteOverride>);

const limit = simple("must be a limit such as '100/minute'", isLimit);

const tierLimit = simple(
  `must be a limit such as '100/minute', or '${UNLIMITED}'`,
  (value) => value === UNLIMITED || isLimit(value),
);

const policy = object({
  name: text,
  limit,
  algorithm: oneOf('fixed_window', 'sliding_window', 'moving_window', 'token_bucket'),
  key: oneOf('ip', 'user', 'api_key', 'global', 'custom'),
  onMissingKey: nullOr(oneOf('exempt', 'fallback_ip', 'block')),
  burst: wholeUpTo(MAX_BURST),
  tiers: listOf(object({ name: text, limit: tierLimit } satisfies MembersOf<RateLimitTier>)),
  tierResolver: text,
  exemptIps: listOf(simple('must be an address or CIDR block', isAddressBlock)),
  exemptRoles: listOf(text),
  cost: wholeUpTo(MAX_COST),
  mode: oneOf('enforce', 'shadow', 'off'),
  onStoreError: oneOf('local', 'allow', 'deny'),
  origin: oneOf('decorator', 'throttler', 'override'),
} satisfies MembersOf<RateLimitPolicy>);

const resets = object({
  generation: amount,
  callers: listOf(object({ caller: text, sequence: amount })),
} satisfies MembersOf<RateLimitResets>);

const limitOverride: Check = object({
  policies: listOf(policy),
  ...set,
  expiresAt: nullOr(instant),
  beneath: nullOr((value, path) => limitOverride(value, path)),
} satisfies MembersOf<RateLimitOverride>);

const maintenance: Check = object({
  enabled: flag,
  reason: text,
  exempt: listOf(text),
  includeForceActive: flag,
  window,
  setAt: nullOr(instant),
  setBy: nullOr(text),
  beneath: nullOr((value, path) => maintenance(value, path)),
} satisfies MembersOf<MaintenanceRecord>);

const limitScope: Check = object({
  policy,
  exemptRoutes: listOf(text),
  enabled: flag,
  ...set,
  expiresAt: nullOr(instant),
  beneath: nullOr((value, path) => limitScope(value, path)),
} satisfies MembersOf<Omit<LimitScopeRecord, 'resets'>>);

const SHAPES: { readonly [K in RecordKind]: Check } = {
  route: object({
    service: nullOr(text),
    declared: declaredRoute,
    declaredAt: ifThere(instant),
    override: nullOr(routeOverride),
  } satisfies MembersOf<RouteRecord>),
  maintenance,
  'rate-limit': object({
    service: nullOr(text),
    declared: listOf(policy),
    override: nullOr(limitOverride),
    resets,
  } satisfies MembersOf<RateLimitRecord>),
  'limit-scope': both(object({ resets } satisfies MembersOf<LimitScopeRecord>), limitScope),
  flag: flagShape,
  segment: segmentShape,
  webhook: webhookShape,
  'webhook-delivery': deliveryShape,
  token: tokenShape,
  revocation: revocationShape,
  edge: object({ recordedUntil: instant } satisfies MembersOf<EdgeRecord>),
};

/** Whether a value is what deciders of its kind can read. */
export function misfitOf(kind: RecordKind, value: unknown, path: readonly string[]): Misfit | null {
  return SHAPES[kind](value, path);
}

/** What is wrong with what a record is called, given a value of the right shape; `null` = nothing is. */
export function keyProblemOf(kind: RecordKind, key: string, value: unknown): string | null {
  if (kind === 'flag' || kind === 'segment') {
    const own = (value as FlagRecord | SegmentRecord).key;
    return own === key ? null : `is called '${own}' in its value; both must be the same`;
  }
  if (kind !== 'route' && kind !== 'rate-limit') return null;
  try {
    const canonical = formatRouteKey(parseRouteKey(key));
    return canonical === key ? null : `must be written '${canonical}'`;
  } catch (error) {
    if (error instanceof ValidationError) return `cannot be the key of a route: ${error.problem}`;
    throw error;
  }
}

function isLimit(value: unknown): boolean {
  try {
    return typeof value === 'string' && parseLimit(value).amount >= 0;
  } catch {
    return false;
  }
}
