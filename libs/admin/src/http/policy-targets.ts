import { formatRouteKey, ROUTE_METHODS, RouteNotFoundError, type RouteView, type WaygateEngine } from '@waygate/core';
import { badRequest } from './answer-error.js';
import { isObject } from './body.js';
import { partsOf } from './path-key.js';

/** A method as it stands in a limit. @throws {AnswerError} 400 */
export function limitMethod(method: unknown): string {
  const upper = typeof method === 'string' ? method.toUpperCase() : '';
  if (!ROUTE_METHODS.some((known) => known === upper)) throw badRequest(`'${String(method)}' is not a valid HTTP method`);
  return upper;
}

/**
 * The routes a limit on the wire is for: `path` may be `/p`, `METHOD:/p`, or either behind a service. A path that only services have means
 * the route of each of them.
 * @param method for paths that name none; `null` = every method
 * @throws {RouteNotFoundError}
 */
export function targetsOf(engine: WaygateEngine, path: string, method: string | null): readonly RouteView[] {
  const parts = partsOf(path);
  const service = parts.service ?? engine.service;
  const named = parts.method ?? method;
  const matching = engine.sync.routes
    .list()
    .filter((view) => view.path === parts.path && (named === null || [named, 'ALL', null].includes(view.method)));
  const own = matching.filter((view) => view.service === service || view.key === formatRouteKey({ ...parts, method: named }));
  const found = own.length > 0 || parts.service !== null ? own : matching;
  // The most exact one: a route of all methods is meant only where there is none for this method.
  const exact = found.filter((view) => view.method === named);
  const targets = named === null || exact.length === 0 ? found : exact;
  if (targets.length === 0) throw new RouteNotFoundError(path);
  return targets;
}

/** The routes that the body of a write is for; none when it does not say. */
export function targetsOfBody(engine: WaygateEngine, body: unknown): readonly RouteView[] {
  if (!isObject(body) || typeof body['path'] !== 'string') return [];
  return targetsOf(engine, body['path'], limitMethod(body['method'] ?? 'GET'));
}

/** The routes that the key of a URL is for: `METHOD:/path`, `METHOD:service:/path`, `/path`, or a route key. */
export function targetsOfKey(engine: WaygateEngine, key: string, method: string | null): readonly RouteView[] {
  const { path, method: named } = splitPolicyKey(key);
  return targetsOf(engine, path, named ?? (method === null ? null : limitMethod(method)));
}

/** `METHOD:path`, split at the first colon; `method: null` = it begins with none. */
export function splitPolicyKey(key: string): { readonly path: string; readonly method: string | null } {
  const colon = key.indexOf(':');
  const head = key.slice(0, Math.max(0, colon)).toUpperCase();
  const isMethod = ROUTE_METHODS.some((known) => known === head);
  return isMethod ? { path: key.slice(colon + 1), method: head } : { path: key, method: null };
}
