import { AmbiguousRouteError, RouteNotFoundError } from '../model/errors.js';
import { formatRouteKey, parseRouteKey, ROUTE_METHODS } from '../model/route-key.js';

/**
 * Finds the one route a key means. A bare path stands for its methods: one match is it, several are ambiguous.
 * @param known whether a record key is registered
 * @param all every registered record key, to say what was perhaps meant
 * @returns the record key
 * @throws {RouteNotFoundError | AmbiguousRouteError | ValidationError}
 */
export function resolveRoute(key: string, known: (recordKey: string) => boolean, all: () => Iterable<string>): string {
  const parts = parseRouteKey(key);
  const exact = formatRouteKey(parts);
  if (known(exact)) return exact;
  if (parts.method === null) {
    const matches = ROUTE_METHODS.map((method) => formatRouteKey({ ...parts, method })).filter(known);
    if (matches.length > 1) throw new AmbiguousRouteError(key, matches);
    if (matches[0] !== undefined) return matches[0];
  }
  throw new RouteNotFoundError(key, similarKeys(parts.path, all()));
}

/** Up to three keys whose path is the same but for case and a trailing slash. */
function similarKeys(path: string, all: Iterable<string>): readonly string[] {
  const wanted = fold(path);
  const similar: string[] = [];
  for (const key of all) {
    if (fold(key.slice(key.indexOf('/'))) === wanted) similar.push(key);
    if (similar.length === 3) break;
  }
  return similar;
}

function fold(path: string): string {
  return path.toLowerCase().replace(/\/+$/, '');
}
