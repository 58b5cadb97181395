import { misfitOf } from '../schema/check.js';
import { isFallback, overrideMisfit, type RouteOverride } from '../schema/route.js';
import { timeWindow } from '../schema/window.js';

const UNREADABLE = 'This restriction cannot be read by this version of Waygate.';

/** Records never change: each is checked once. */
const READABLE = new WeakMap<object, RouteOverride>();

/** Why an override, or one below it, cannot be read; `null` = it can. */
export function stackMisfit(override: RouteOverride | null): unknown {
  for (let layer: RouteOverride | null | undefined = override; layer != null; layer = layer.beneath) {
    const misfit = overrideMisfit(layer);
    if (misfit !== null) return `${misfit.path.join('.')}: ${misfit.problem}`;
  }
  return null;
}

/**
 * An override by which this version can decide. What it cannot read never opens the route: an unknown state becomes its `fallback`, else
 * disabled, and a window that cannot be read is always open.
 */
export function readableOverride(override: RouteOverride | null): RouteOverride | null {
  if (override === null) return null;
  let readable = READABLE.get(override);
  if (readable === undefined) READABLE.set(override, (readable = stackMisfit(override) === null ? override : repaired(override)));
  return readable;
}

/** @param layer may lack any member */
function repaired(layer: Partial<RouteOverride>): RouteOverride {
  const { reason, window = null, beneath = null } = layer;
  const misfit = overrideMisfit({ ...layer, window: null });
  const state = misfit === null ? layer.state : isFallback(layer.fallback) ? layer.fallback : 'disabled';
  const isTimed = window !== null && misfitOf(timeWindow, window) === null;
  return {
    state: state ?? 'disabled',
    environments: misfit === null ? (layer.environments ?? null) : null,
    reason: typeof reason === 'string' && reason !== '' ? reason : UNREADABLE,
    setAt: layer.setAt ?? new Date(0).toISOString(),
    setBy: layer.setBy ?? '',
    window: isTimed ? window : null,
    beneath: isTimed ? readableOverride(beneath) : null,
  };
}

/** What a stored value says about a route: a record without an override says something that cannot be read. */
export function overrideIn(value: object | null): RouteOverride | null {
  if (value === null) return null;
  return 'override' in value ? (value.override as RouteOverride | null) : NOTHING_READABLE;
}

/** A gate without environments, which nobody can decide by. */
const NOTHING_READABLE: RouteOverride = { ...repaired({}), state: 'env_gated', environments: null };
