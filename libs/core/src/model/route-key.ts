import { ValidationError } from './errors.js';

/** Methods a route key may carry, in the order ambiguities are listed. `ALL` is Nest's `@All()`. */
export const ROUTE_METHODS = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'ALL',
  'SEARCH',
  'QUERY',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
] as const;

/** What `parseRouteKey` finds in `service:METHOD:/path`, where service and method may be missing. */
export interface RouteKeyParts {
  readonly service: string | null;
  /** `null` = a bare path, standing for all methods. */
  readonly method: string | null;
  /** The route template, beginning with `/`. It may contain `:` (`/items/:id`), which is no separator. */
  readonly path: string;
}

const METHODS: ReadonlySet<string> = new Set(ROUTE_METHODS);
const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const MAX_KEY_LENGTH = 1024;

/**
 * Takes a route key apart. Only what stands before the first `/` can be a prefix.
 *
 * @param key `METHOD:/path`, `/path`, `service:METHOD:/path` or `service:/path`; the method in any case
 * @throws {ValidationError} when the key has no path, an unknown method or an impossible service name
 */
export function parseRouteKey(key: string, field = 'key'): RouteKeyParts {
  const slash = key.indexOf('/');
  if (slash === -1) throw new ValidationError(field, `'${key}' has no path. Write 'METHOD:/path' or '/path'`);
  if (key.length > MAX_KEY_LENGTH) throw new ValidationError(field, `is longer than ${MAX_KEY_LENGTH} characters`);
  const path = key.slice(slash);
  if (slash === 0) return { service: null, method: null, path };
  if (key[slash - 1] !== ':') throw new ValidationError(field, `'${key}': the path must follow a ':' or stand alone`);

  const prefix = key.slice(0, slash - 1).split(':');
  if (prefix.length > 2) throw new ValidationError(field, `'${key}': at most 'service:METHOD:' may stand before the path`);
  const last = prefix[prefix.length - 1] ?? '';
  const method = METHODS.has(last.toUpperCase()) ? last.toUpperCase() : null;
  if (prefix.length === 1) {
    if (method !== null) return { service: null, method, path };
    return { service: serviceName(last, field), method: null, path };
  }
  if (method === null) {
    throw new ValidationError(field, `'${last}' is not a method. Use one of ${ROUTE_METHODS.join(', ')}`);
  }
  return { service: serviceName(prefix[0] ?? '', field), method, path };
}

/** The inverse of {@link parseRouteKey}. */
export function formatRouteKey({ service, method, path }: RouteKeyParts): string {
  return `${service === null ? '' : `${service}:`}${method === null ? '' : `${method}:`}${path}`;
}

/**
 * Checks a service name: 1 to 128 letters, digits, `.`, `_`, `-`, not a method's name (so that keys stay readable both ways).
 * @throws {ValidationError}
 */
export function serviceName(name: string, field = 'service'): string {
  if (!SERVICE_NAME.test(name)) {
    throw new ValidationError(field, `'${name}' is not a service name. Use letters, digits, '.', '_' and '-' (at most 128)`);
  }
  if (METHODS.has(name.toUpperCase())) throw new ValidationError(field, `'${name}' is a method and cannot name a service`);
  return name;
}
