import { AmbiguousRouteError, RouteNotFoundError } from '../model/errors.js';
import { formatRouteKey, parseRouteKey, ROUTE_METHODS, type RouteKeyParts } from '../model/route-key.js';
import { similarNames } from '../model/similar-names.js';

interface RegisteredRoutes {
  /** Service that keys without one are about first; `null` = none. */
  readonly service: string | null;
  /** Whether a record key is registered. */
  readonly has: (recordKey: string) => boolean;
  /** Every registered record key. */
  readonly keys: () => Iterable<string>;
}

/**
 * Finds the one route a key means. A bare path stands for its methods. A key without a service means the service of this process. Where the
 * process has none, it means the only service that has such a route. Several matches are ambiguous.
 * @returns the record key
 * @throws {RouteNotFoundError | AmbiguousRouteError | ValidationError}
 */
export function resolveRoute(key: string, routes: RegisteredRoutes): string {
  const parts = parseRouteKey(key);
  const own = { ...parts, service: parts.service ?? routes.service };
  const exact = formatRouteKey(own);
  if (routes.has(exact)) return exact;
  if (own.method === null) {
    const matches = ROUTE_METHODS.map((method) => formatRouteKey({ ...own, method })).filter(routes.has);
    if (matches.length > 0) return only(key, matches);
  }
  // In a process with a service, a typo must not change a route of another one.
  if (own.service === null) {
    const matches = elsewhere(parts, routes.keys());
    if (matches.length > 0) return only(key, matches);
  }
  throw new RouteNotFoundError(exact, similarKeys(own, routes.keys()));
}

function only(key: string, [match, ...others]: readonly string[]): string {
  if (match === undefined || others.length > 0) throw new AmbiguousRouteError(key, match === undefined ? [] : [match, ...others]);
  return match;
}

/** The same path in any service. */
function elsewhere({ method, path }: RouteKeyParts, keys: Iterable<string>): readonly string[] {
  const matches: string[] = [];
  for (const key of keys) {
    if (!key.endsWith(path)) continue;
    const parts = parseRouteKey(key);
    if (parts.path === path && (method === null || parts.method === method)) matches.push(key);
  }
  return matches.toSorted();
}

/** Up to three keys that were probably meant, without the service when the typed key has none. */
function similarKeys({ service, method, path }: RouteKeyParts, keys: Iterable<string>): readonly string[] {
  const nearest = new Set<string>();
  const known = [...keys].map((key) => ({ key, parts: parseRouteKey(key) }));
  for (const name of similarNames(
    path,
    known.map(({ parts }) => parts.path),
  ))
    for (const { key, parts } of known)
      if (parts.path === name && (service === null || parts.service === service) && (method === null || parts.method === method))
        nearest.add(key);
  return [...nearest].slice(0, 3);
}
