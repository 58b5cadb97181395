import { CliFailure, UsageFailure } from '../terminal/failure.js';
import { similar } from '../terminal/similar.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

export interface RouteName {
  readonly service: string | null;
  /** `null` = all methods. */
  readonly method: string | null;
  readonly path: string;
}

/**
 * Reads `/path`, `METHOD:/path`, or either behind `service:`; the method in any case.
 * @param service names the service when the text does not
 * @throws {CliFailure}
 */
export function parseRoute(text: string, service?: string): RouteName {
  const slash = text.indexOf('/');
  const prefixes = slash > 0 && text[slash - 1] === ':' ? text.slice(0, slash - 1).split(':') : [];
  if (slash < 0 || (slash > 0 && prefixes.length === 0) || prefixes.length > 2 || /\s/.test(text)) throw badRoute(text);
  const last = prefixes.at(-1);
  const method = last !== undefined && METHODS.includes(last.toUpperCase()) ? last.toUpperCase() : null;
  const named = method === null ? prefixes : prefixes.slice(0, -1);
  if (named.length > 1 || named.includes('')) throw badRoute(text);
  return { service: named[0] ?? service ?? null, method, path: text.slice(slash) };
}

/** The same for commands where a wrong route is a wrong use of the command. @throws {UsageFailure} */
export function parseRouteUsage(text: string, service?: string): RouteName {
  try {
    return parseRoute(text, service);
  } catch (error) {
    throw error instanceof CliFailure ? new UsageFailure(error.message) : error;
  }
}

export function routeKey({ service, method, path }: RouteName): string {
  return [service, method, path].filter((part) => part !== null).join(':');
}

/** Routes that were probably meant: by the whole key, or, when no method was typed, by the path. */
export function similarRoutes(key: string, routes: readonly { readonly path: string }[]): readonly string[] {
  const { method } = parseRoute(key);
  const names = routes.map(({ path }) => (method === null ? path.slice(path.indexOf('/')) : path));
  return similar(key, [...new Set(names)]);
}

function badRoute(text: string): CliFailure {
  return new CliFailure(`'${text}' is no route. Give /path or METHOD:/path, e.g. GET:/payments; methods: ${METHODS.join(', ')}.`);
}
