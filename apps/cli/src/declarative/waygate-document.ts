import { CliFailure } from '../terminal/failure.js';
import { parseRoute, routeKey } from '../routes/route-key.js';
import { joinLimitKey, splitLimitKey } from './limit-key.js';

export type Fields = Readonly<Record<string, unknown>>;
type Section = Readonly<Record<string, Fields>>;

/** What the file says. A section that is not there is left alone. */
export interface WaygateDocument {
  readonly routes?: Section;
  readonly maintenance?: { readonly global?: Fields; readonly services?: Section };
  readonly rate_limits?: Section;
  readonly global_rate_limit?: Fields;
  readonly service_rate_limits?: Section;
  readonly segments?: Section;
  readonly flags?: Section;
}

const ROUTE_FIELDS = ['status', 'reason', 'envs'];
const STATUSES = ['active', 'maintenance', 'disabled', 'env_gated'];
const MAINTENANCE_FIELDS = ['enabled', 'reason', 'exempt_paths', 'include_force_active'];
export const LIMIT_FIELDS = [
  'limit',
  'algorithm',
  'key_strategy',
  'on_missing_key',
  'burst',
  'tiers',
  'tier_resolver',
  'exempt_ips',
  'exempt_roles',
  'cost',
  'mode',
  'on_store_error',
];
export const SCOPE_FIELDS = [...LIMIT_FIELDS, 'exempt_routes', 'enabled'];
const SECTIONS = [
  'waygate',
  'routes',
  'maintenance',
  'rate_limits',
  'global_rate_limit',
  'service_rate_limits',
  'segments',
  'flags',
];

/**
 * Reads and checks the whole file before anything is changed; flags and segments are checked by the server.
 * @throws {CliFailure} naming the field
 */
export async function readDocument(text: string, source: string): Promise<WaygateDocument> {
  const { parse } = await import('yaml');
  let content: unknown;
  try {
    content = parse(text, { prettyErrors: true });
  } catch (error) {
    throw new CliFailure(`${source} cannot be read: ${(error as Error).message}`);
  }
  const top = object(content ?? {}, source);
  known(top, SECTIONS, source);
  if (top['waygate'] !== undefined && top['waygate'] !== 1) throw new CliFailure(`waygate: the version of the file must be 1`);
  return {
    ...part('routes', top['routes'], (value, at) => section(value, at, checkRoute, normalRoute)),
    ...part('maintenance', top['maintenance'], (value, at) => {
      const maintenance = object(value, at);
      known(maintenance, ['global', 'services'], at);
      return {
        ...part('global', maintenance['global'], (config, where) => checked(config, `${at}.${where}`, MAINTENANCE_FIELDS)),
        ...part('services', maintenance['services'], (services, where) =>
          section(services, `${at}.${where}`, (config, path) => void checked(config, path, MAINTENANCE_FIELDS)),
        ),
      };
    }),
    ...part('rate_limits', top['rate_limits'], (value, at) => section(value, at, checkLimit, normalLimitKey)),
    ...part('global_rate_limit', top['global_rate_limit'], (value, at) => checked(value, at, SCOPE_FIELDS, 'limit')),
    ...part('service_rate_limits', top['service_rate_limits'], (value, at) =>
      section(value, at, (config, path) => void checked(config, path, SCOPE_FIELDS, 'limit')),
    ),
    ...part('segments', top['segments'], (value, at) => section(value, at)),
    ...part('flags', top['flags'], (value, at) => section(value, at)),
  };
}

function part<K extends string, T>(name: K, value: unknown, read: (value: unknown, at: string) => T): { [P in K]?: T } {
  return (value === undefined || value === null ? {} : { [name]: read(value, name) }) as { [P in K]?: T };
}

function section(
  value: unknown,
  at: string,
  check: (fields: Fields, at: string) => void = () => {},
  normal: (key: string, at: string) => string = (key) => key,
): Section {
  const entries = Object.entries(object(value, at)).map(([key, item]) => {
    const fields = object(item, `${at}.${key}`);
    check(fields, `${at}.${key}`);
    return [normal(key, `${at}.${key}`), fields] as const;
  });
  return Object.fromEntries(entries);
}

function checkRoute(fields: Fields, at: string): void {
  known(fields, ROUTE_FIELDS, at);
  const { status, envs, reason } = fields;
  if (typeof status !== 'string' || !STATUSES.includes(status))
    throw new CliFailure(`${at}.status must be one of ${STATUSES.join(', ')}`);
  if (reason !== undefined && typeof reason !== 'string') throw new CliFailure(`${at}.reason must be text`);
  const listed = Array.isArray(envs) && envs.length > 0 && envs.every((env) => typeof env === 'string');
  if (status === 'env_gated' ? !listed : envs !== undefined)
    throw new CliFailure(
      `${at}.envs ${status === 'env_gated' ? 'must list environments' : 'goes with the status env_gated only'}`,
    );
}

function checkLimit(fields: Fields, at: string): void {
  checked(fields, at, LIMIT_FIELDS, 'limit');
}

function checked(value: unknown, at: string, fields: readonly string[], required?: string): Fields {
  const read = object(value, at);
  known(read, fields, at);
  if (required !== undefined && typeof read[required] !== 'string')
    throw new CliFailure(`${at}.${required} must be given, as text`);
  return read;
}

function normalRoute(key: string, at: string): string {
  try {
    return routeKey(parseRoute(key));
  } catch (error) {
    throw new CliFailure(`${at}: ${(error as Error).message}`);
  }
}

/** A limit belongs to one method; `GET` when none is named, as in `waygate rl set`. Several of one route are told apart by `#name`. */
function normalLimitKey(text: string, at: string): string {
  const { key, name } = splitLimitKey(text);
  const route = parseRoute(normalRoute(key, at));
  return joinLimitKey(routeKey({ ...route, method: route.method ?? 'GET' }), name);
}

function object(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new CliFailure(`${at} must be a mapping of names to values`);
}

function known(fields: Fields, names: readonly string[], at: string): void {
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new CliFailure(`${at} has no field '${unknown}'; it may have ${names.join(', ')}`);
}
