import { checkReason } from '../model/author.js';
import { ValidationError } from '../model/errors.js';
import { ACTIVE_ROUTE, MAX_ROUTE_TAG_LENGTH, MAX_ROUTE_TAGS, type DeclaredRoute, type Deprecation } from '../schema/route.js';
import { instantMs, toInstant, toWindow, type InstantInput, type TimeWindowInput } from '../model/time.js';

/** What code says about a route, as it is written. Everything is optional; nothing said = active. */
export interface RouteDeclaration {
  readonly maintenance?: { readonly reason?: string } & TimeWindowInput;
  readonly disabled?: { readonly reason?: string };
  /** Environments the route exists in. */
  readonly environments?: readonly string[];
  readonly deprecated?: DeprecationInput;
  readonly forceActive?: boolean;
  /** What the route is filed under: at most 20 tags of 1 to 64 characters. Doubles count once. */
  readonly tags?: readonly string[];
}

export interface DeprecationInput {
  /** Since when; default: when it was first registered as deprecated. */
  readonly since?: InstantInput;
  /** After this moment it may stop to answer (RFC 8594). */
  readonly sunset?: InstantInput;
  /** The route or URL to use instead. */
  readonly successor?: string;
  /** Where to read about the deprecation. */
  readonly link?: string;
}

const ENVIRONMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Checks a declaration and brings it into its stored form.
 * @param since what stands for a missing `deprecated.since`, epoch ms
 * @throws {ValidationError} for contradictions, unreadable dates, an end before a start, a sunset before the deprecation,
 * tags that are too many or too long
 */
export function readDeclaration(input: RouteDeclaration, since: number): DeclaredRoute {
  const { maintenance, disabled, environments, deprecated, forceActive = false, tags = [] } = input;
  if (maintenance !== undefined && disabled !== undefined) {
    throw new ValidationError('maintenance', 'a route cannot be declared both in maintenance and disabled; keep one');
  }
  const blocker =
    maintenance !== undefined
      ? 'maintenance'
      : disabled !== undefined
        ? 'disabled'
        : environments !== undefined
          ? 'environments'
          : null;
  if (forceActive && blocker !== null) {
    throw new ValidationError('forceActive', `contradicts '${blocker}': a route cannot be always on and blocked; keep one`);
  }
  return {
    ...ACTIVE_ROUTE,
    ...(maintenance === undefined
      ? {}
      : {
          state: 'maintenance',
          reason: checkReason(maintenance.reason ?? '', 'maintenance.reason'),
          window: toWindow(maintenance, 'maintenance'),
        }),
    ...(disabled === undefined ? {} : { state: 'disabled', reason: checkReason(disabled.reason ?? '', 'disabled.reason') }),
    environments: environments === undefined ? null : readEnvironments(environments),
    deprecation: deprecated === undefined ? null : readDeprecation(deprecated, since),
    forceActive,
    ...withTags(readTags(tags)),
  };
}

/** The member of a declared route that holds these tags; none where there are none. */
export function withTags(tags: readonly string[]): Pick<DeclaredRoute, 'tags'> {
  return tags.length === 0 ? {} : { tags };
}

function readTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags)) throw new ValidationError('tags', 'must be a list');
  tags.forEach((tag: unknown, index) => {
    if (typeof tag !== 'string' || tag.trim() === '' || tag.length > MAX_ROUTE_TAG_LENGTH) {
      throw new ValidationError(`tags[${index}]`, `must be text of 1 to ${MAX_ROUTE_TAG_LENGTH} characters`);
    }
  });
  const unique = [...new Set(tags.map((tag: string) => tag.trim()))].toSorted();
  if (unique.length > MAX_ROUTE_TAGS) throw new ValidationError('tags', `must be at most ${MAX_ROUTE_TAGS}`);
  return unique;
}

/** @throws {ValidationError} for an empty list or names that cannot be environments */
export function readEnvironments(environments: readonly string[], field = 'environments'): readonly string[] {
  if (!Array.isArray(environments) || environments.length === 0) {
    throw new ValidationError(field, 'must name at least one environment; to take the route down everywhere, disable it');
  }
  environments.forEach((name, index) => {
    if (typeof name !== 'string' || !ENVIRONMENT.test(name)) {
      throw new ValidationError(
        `${field}[${index}]`,
        `'${String(name)}' is not an environment name. Use letters, digits, '.', '_' and '-'`,
      );
    }
  });
  return [...new Set(environments)];
}

function readDeprecation(input: DeprecationInput, defaultSince: number): Deprecation {
  const sunset = input.sunset === undefined ? null : toInstant(input.sunset, 'deprecated.sunset');
  const assumed = sunset === null ? defaultSince : Math.min(defaultSince, instantMs(sunset));
  const since = toInstant(input.since ?? assumed, 'deprecated.since');
  if (sunset !== null && instantMs(sunset) < instantMs(since)) {
    throw new ValidationError('deprecated.sunset', `${sunset} lies before the deprecation (${since})`);
  }
  return {
    since,
    sunset,
    successor: readReference(input.successor, 'deprecated.successor'),
    link: readReference(input.link, 'deprecated.link'),
  };
}

function readReference(value: string | undefined, field: string): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string' || value.trim() === '' || value.length > 2_000) {
    throw new ValidationError(field, 'must be a path or URL of at most 2000 characters');
  }
  return value.trim();
}
