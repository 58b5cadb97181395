import * as v from 'valibot';
import { misfitOf, type Misfit, type Schema } from './check.js';
import { bool, choice, instant, list, object, text, type MembersOf } from './fields.js';
import { timeWindow } from './window.js';

/** Whether a route answers; `env_gated` = only in some environments. */
const OVERRIDE_STATES = ['active', 'maintenance', 'disabled', 'env_gated'] as const;
/** They restrict a route, and version 0.1.0 knows them. */
const FALLBACK_STATES = ['maintenance', 'disabled'] as const;
export type OverrideState = (typeof OVERRIDE_STATES)[number];

/** One word for a route's effective state, as it stands on the wire and in lists. */
export type RouteStatus = OverrideState | 'deprecated';

/** How many tags a route may have. */
export const MAX_ROUTE_TAGS = 20;

/** The longest a tag may be, in characters. */
export const MAX_ROUTE_TAG_LENGTH = 64;

const TAG_MESSAGE = `must be text of 1 to ${MAX_ROUTE_TAG_LENGTH} characters`;

/** A tag, without the spaces around it. */
const routeTag = v.pipe(
  v.string(TAG_MESSAGE),
  v.maxLength(MAX_ROUTE_TAG_LENGTH, TAG_MESSAGE),
  v.trim(),
  v.minLength(1, TAG_MESSAGE),
);

const deprecation = object({
  /** Deprecated since. */
  since: instant,
  /** May stop answering after; `null` = not planned. */
  sunset: v.nullable(instant),
  /** What to use instead: a path or an absolute URL. */
  successor: v.nullable(text(2_000)),
  /** Where to read about it. */
  link: v.nullable(text(2_000)),
});

/** RFC 9745 (`Deprecation`) and RFC 8594 (`Sunset`). */
export interface Deprecation extends v.InferOutput<typeof deprecation> {}

const environments = v.nullable(list(text()));

const declaredRoute = object({
  state: choice(['active', 'maintenance', 'disabled']),
  /** Why `state` is not active. */
  reason: text(2_000),
  /** When `state` applies; outside the route is active. `null` = always. */
  window: v.nullable(timeWindow),
  /** Environments the route exists in; `null` = all. */
  environments,
  deprecation: v.nullable(deprecation),
  /** Bypasses every check; cannot be overridden. */
  forceActive: bool,
  /** What the route is filed under, sorted; decides nothing. Absent where there are none, as in records of versions without tags. */
  tags: v.optional(list(routeTag, MAX_ROUTE_TAGS)),
});

/** What the code says about a route. The parts compose: a route may be gated, deprecated, and in maintenance at once. */
export interface DeclaredRoute extends v.InferOutput<typeof declaredRoute> {}

const overrideLayer = {
  state: choice(OVERRIDE_STATES),
  reason: text(2_000),
  /** Set exactly when `state` is `env_gated`. */
  environments,
  setAt: instant,
  /** The actor who set it. */
  setBy: text(),
  /** `null` = until it is changed or cleared. An expiry is a window without a start. */
  window: v.nullable(timeWindow),
  /** What versions that do not know `state` apply instead. Required for every state added after version 0.1.0. */
  fallback: v.optional(choice(FALLBACK_STATES)),
} as const;

const deciding = object({ state: overrideLayer.state, environments, window: overrideLayer.window }, (layer) =>
  layer.state === 'env_gated' && layer.environments === null ? { path: ['environments'], problem: 'must be a list' } : null,
);

/** Why one layer of an override cannot be read; `null` = it can. */
export function overrideMisfit(layer: unknown): Misfit | null {
  return misfitOf(deciding, layer);
}

/** The states that an override can name for versions that do not know its own. */
export function isFallback(state: unknown): state is (typeof FALLBACK_STATES)[number] {
  return FALLBACK_STATES.some((known) => known === state);
}

/** What an operator set. It applies inside its window; outside, the override before it does, and finally the declared state. */
export interface RouteOverride extends MembersOf<typeof overrideLayer> {
  /** What was set before and applies again outside the window. Never set when `window` is `null`. */
  readonly beneath: RouteOverride | null;
}

const routeOverride: Schema<RouteOverride> = object({ ...overrideLayer, beneath: v.nullable(v.lazy(() => routeOverride)) });

export const routeRecord = object({
  service: v.nullable(text()),
  declared: declaredRoute,
  /** When the code began to say so; absent = unknown. */
  declaredAt: v.optional(instant),
  override: v.nullable(routeOverride),
});

/** The stored value of kind `route`. Its key is `METHOD:/path`, behind `service:` when it belongs to one. */
export interface RouteRecord extends v.InferOutput<typeof routeRecord> {}

/** A route about which the code says nothing. */
export const ACTIVE_ROUTE: DeclaredRoute = Object.freeze({
  state: 'active',
  reason: '',
  window: null,
  environments: null,
  deprecation: null,
  forceActive: false,
});
