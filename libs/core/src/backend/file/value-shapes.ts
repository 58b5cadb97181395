import { isAddressBlock } from '../../model/address-set.js';
import { ValidationError } from '../../model/errors.js';
import {
  MAX_ROUTE_TAG_LENGTH,
  MAX_ROUTE_TAGS,
  type Deprecation,
  type DeclaredRoute,
  type RouteOverride,
  type RouteRecord,
} from '../../model/route.js';
import type {
  LimitScopeRecord,
  RateLimitOverride,
  RateLimitPolicy,
  RateLimitRecord,
  RateLimitResets,
  RateLimitTier,
} from '../../model/rate-limit.js';
import type { MaintenanceRecord } from '../../model/maintenance.js';
import type { RecordKind } from '../../model/record.js';
import { checkRecurrence, type Recurrence } from '../../model/recurrence.js';
import type { TimeWindow } from '../../model/time.js';

/** What is wrong with a value edited by hand, and where within it; `null` = nothing is. */
type Check = (value: unknown, path: readonly string[]) => Misfit | null;

export interface Misfit {
  readonly path: readonly string[];
  readonly problem: string;
}

const nullOr =
  (check: Check): Check =>
  (value, path) =>
    value === null ? null : check(value, path);

/** A member that may be missing. */
const ifThere =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? null : check(value, path);

const both =
  (...checks: readonly Check[]): Check =>
  (value, path) =>
    first(checks.map((check) => () => check(value, path)));

const listOf =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? first(value.map((item, index) => () => check(item, [...path, String(index)])))
      : { path, problem: 'must be a list' };

const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) =>
    values.includes(value as string) ? null : { path, problem: `must be one of ${values.join(', ')}` };

const simple =
  (problem: string, holds: (value: unknown) => boolean): Check =>
  (value, path) =>
    holds(value) ? null : { path, problem };

const text = simple('must be text', (value) => typeof value === 'string');
const flag = simple('must be true or false', (value) => typeof value === 'boolean');
const amount = simple('must be a number of at least 0', (value) => typeof value === 'number' && value >= 0);
const instant = simple(
  'must be a moment such as 2027-01-01T02:00:00.000Z',
  (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$/.test(value) && !Number.isNaN(Date.parse(value)),
);

/** Names only members that there are. */
type MembersOf<T> = { readonly [P in keyof T]?: Check };

/** Members that decide; of those not named here none is checked, so that versions may differ. */
const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (!isObject(value)) return { path, problem: 'must hold members' };
    return first(
      Object.entries(members).map(([name, check]) => () => {
        const member = Object.hasOwn(value, name) ? value[name] : undefined;
        const misfit = check(member, [...path, name]);
        return misfit !== null && member === undefined ? { path, problem: `lacks the member '${name}'` } : misfit;
      }),
    );
  };

/** One that never opens, or cannot be read, is found when a request asks for it: too late. */
const recurs: Check = (value, path) => {
  try {
    checkRecurrence(value as Recurrence, Date.UTC(2026, 0, 1), 'recurrence');
    return null;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const { field, problem } = error;
    return { path: [...path, ...field.split('.').slice(1)], problem };
  }
};

const recurrence = both(
  object({
    cron: text,
    durationMs: simple('must be a number above 0', (value) => typeof value === 'number' && value > 0),
    timeZone: text,
  } satisfies MembersOf<Recurrence>),
  recurs,
);

const window = nullOr(
  object({ start: nullOr(instant), end: nullOr(instant), recurrence: ifThere(recurrence) } satisfies MembersOf<TimeWindow>),
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

const policy = object({
  name: text,
  limit: text,
  algorithm: oneOf('fixed_window', 'sliding_window', 'moving_window', 'token_bucket'),
  key: oneOf('ip', 'user', 'api_key', 'global', 'custom'),
  onMissingKey: nullOr(oneOf('exempt', 'fallback_ip', 'block')),
  burst: amount,
  tiers: listOf(object({ name: text, limit: text } satisfies MembersOf<RateLimitTier>)),
  tierResolver: text,
  exemptIps: listOf(simple('must be an address or CIDR block', isAddressBlock)),
  exemptRoles: listOf(text),
  cost: amount,
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

const SHAPES: { readonly [K in RecordKind]?: Check } = {
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
};

const anyObject = object({});

/** Whether a value is what deciders of its kind can read. */
export function misfitOf(kind: RecordKind, value: unknown, path: readonly string[]): Misfit | null {
  return (SHAPES[kind] ?? anyObject)(value, path);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(checks: readonly (() => Misfit | null)[]): Misfit | null {
  for (const check of checks) {
    const misfit = check();
    if (misfit !== null) return misfit;
  }
  return null;
}
