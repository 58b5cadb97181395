import { writeFile } from 'node:fs/promises';
import type { FeatureFlag, GlobalRateLimit, MaintenanceConfig, RouteState } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure } from '../terminal/failure.js';
import { green } from '../terminal/style.js';
import { isDeclared, omit, pick, readCurrent, type CurrentState } from './current-state.js';
import { LIMIT_FIELDS, SCOPE_FIELDS, type Fields, type WaygateDocument } from './waygate-document.js';

/** What the server keeps by itself, and what ends by itself. */
const KEPT = [
  'key',
  'created_at',
  'updated_at',
  'created_by',
  'status',
  'scheduled_changes',
  'progressive_rollout',
  'switch_back_at',
  'revision',
];

export async function exportFile(cli: Cli, input: Input): Promise<void> {
  const document = { waygate: 1, ...documentOf(await readCurrent(await cli.client())) };
  const path = input.option('file');
  const text = cli.out.json
    ? `${JSON.stringify(document, null, 2)}\n`
    : (await import('yaml')).stringify(document, { lineWidth: 0 });
  if (path === undefined) {
    cli.out.raw(text);
    return;
  }
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CliFailure(`${path} cannot be written: ${(error as Error).message}`);
  }
  cli.out.say`${green('✓')} Written to ${path}`;
}

function documentOf(current: CurrentState): WaygateDocument {
  const { maintenance, scopes } = current;
  return {
    routes: collect(current.routes, (route) => (isSet(route) ? routeFields(route) : null)),
    maintenance: {
      global: maintenanceFields(maintenance.global) ?? { enabled: false },
      services: collect(maintenance.services, maintenanceFields),
    },
    rate_limits: collect(current.limits, (policy) =>
      isDeclared(policy) || policy.expires_at != null ? null : meaningful(pick(policy, LIMIT_FIELDS)),
    ),
    ...part('global_rate_limit', scopeFields(scopes.global)),
    service_rate_limits: collect(scopes.services, scopeFields),
    segments: collect(current.segments, (segment) => meaningful(omit(segment, KEPT))),
    flags: collect(current.flags, flagFields),
  };
}

function part<K extends string>(name: K, fields: Fields | null): { readonly [P in K]?: Fields } {
  return (fields === null ? {} : { [name]: fields }) as { readonly [P in K]?: Fields };
}

/** Of its status only what somebody decided; the rest the server finds out. */
function flagFields(flag: FeatureFlag): Fields {
  const decided = flag.status === 'deprecated' || flag.status === 'archived';
  return meaningful({ ...omit(flag, KEPT), ...(decided ? { status: flag.status } : {}) });
}

/** Set by an operator, for good. Servers that do not say where a state comes from: everything that is not open. */
function isSet(route: RouteState): boolean {
  if (route.window !== null || route.next_change != null || route.status === 'deprecated') return false;
  return route.source === undefined ? route.status !== 'active' : !isDeclared(route);
}

function routeFields({ status, reason, allowed_envs: envs }: RouteState): Fields {
  return { status, ...(reason === '' ? {} : { reason }), ...(status === 'env_gated' ? { envs } : {}) };
}

function maintenanceFields(config: MaintenanceConfig): Fields | null {
  if ((!config.enabled && config.exempt_paths.length === 0) || config.next_change != null) return null;
  return pick(config, ['enabled', 'reason', 'exempt_paths', 'include_force_active']);
}

function scopeFields({ policy }: GlobalRateLimit): Fields | null {
  return policy === null || policy.expires_at != null ? null : meaningful(pick(policy, SCOPE_FIELDS));
}

/** Without what is empty: the file is meant to be read. */
function meaningful(fields: Fields): Fields {
  const empty = (value: unknown) =>
    value === null || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !empty(value)));
}

function collect<T>(items: ReadonlyMap<string, T>, read: (item: T) => Fields | null): Readonly<Record<string, Fields>> {
  const found = [...items].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, read(item)] as const);
  return Object.fromEntries(found.filter((entry): entry is readonly [string, Fields] => entry[1] !== null));
}
