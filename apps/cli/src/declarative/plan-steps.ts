import type { ChangeInput, MaintenanceConfig } from '@waygate/client';
import { parseRoute } from '../routes/route-key.js';
import type { Difference } from '../terminal/difference.js';
import { isDeclared, pick, type CurrentState } from './current-state.js';
import { LIMIT_FIELDS, SCOPE_FIELDS, type Fields, type WaygateDocument } from './waygate-document.js';
import { splitLimitKey } from './limit-key.js';
import { deviations } from './deviations.js';

/** What makes one thing of the server what the file says. */
export interface Step {
  readonly kind: string;
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly differences: readonly Difference[];
  /** The code declares something else there. */
  readonly ownedByCode: boolean;
  readonly changes: readonly ChangeInput[];
}

/** Steps in an order in which each finds what it refers to: segments and flags first, what is removed last. */
export function planSteps(wanted: WaygateDocument, current: CurrentState, prune: boolean): readonly Step[] {
  const steps = [
    ...segmentSteps(wanted, current),
    ...flagSteps(wanted, current),
    ...routeSteps(wanted, current),
    ...limitSteps(wanted, current),
    ...scopeSteps(wanted, current),
    ...maintenanceSteps(wanted, current),
  ];
  return prune ? [...steps, ...removals(wanted, current)] : steps;
}

function routeSteps({ routes = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  return Object.entries(routes).flatMap(([key, fields]) => {
    const route = current.routes.get(key);
    const { envs, ...rest } = fields;
    const comparable = { ...rest, ...(envs === undefined ? {} : { allowed_envs: envs }) };
    const differences = deviations(comparable, route ?? {});
    if (differences.length === 0) return [];
    const ownedByCode = route !== undefined && (route.force_active || (isDeclared(route) && route.status !== 'active'));
    return [
      {
        kind: 'route',
        key,
        action: 'update',
        differences,
        ownedByCode,
        changes: [routeChange(key, fields)],
      },
    ];
  });
}

function routeChange(key: string, { status, reason, envs }: Fields): ChangeInput {
  const said = typeof reason === 'string' ? { reason } : {};
  switch (status) {
    case 'disabled':
      return { kind: 'route.disable', key, ...said };
    case 'maintenance':
      return { kind: 'route.maintenance', key, ...said };
    case 'env_gated':
      return { kind: 'route.set-environments', key, environments: envs, ...said };
    default:
      return { kind: 'route.enable', key, ...said };
  }
}

function limitSteps({ rate_limits: limits = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  return Object.entries(limits).flatMap(([key, fields]) => {
    const policy = current.limits.get(key);
    const differences = deviations(fields, policy ?? {});
    if (differences.length === 0) return [];
    const ownedByCode = policy !== undefined && isDeclared(policy);
    const changes = limitChanges(key, fields, current);
    return [{ kind: 'rate limit', key, action: policy === undefined ? 'create' : 'update', differences, ownedByCode, changes }];
  });
}

/** What the file leaves out is said again as it is. */
function limitChanges(text: string, fields: Fields, current: CurrentState): readonly ChangeInput[] {
  const { key, name } = splitLimitKey(text);
  const rateLimit = { ...pick(current.limits.get(text) ?? {}, LIMIT_FIELDS), ...fields, name };
  return limitedRoutes(key, current).map((route) => ({ kind: 'limit.set', key: route, rateLimit }));
}

function scopeSteps(
  { global_rate_limit: global, service_rate_limits: services = {} }: WaygateDocument,
  current: CurrentState,
): readonly Step[] {
  const wanted = [
    ...(global === undefined ? [] : [{ service: null, fields: global, now: current.scopes.global }]),
    ...Object.entries(services).map(([service, fields]) => ({ service, fields, now: current.scopes.services.get(service) })),
  ];
  return wanted.flatMap(({ service, fields, now }) => {
    const policy = now?.policy ?? null;
    const differences = deviations(fields, policy ?? {});
    if (differences.length === 0) return [];
    return [
      {
        kind: service === null ? 'global rate limit' : 'service rate limit',
        key: service ?? '',
        action: policy === null ? 'create' : 'update',
        differences,
        ownedByCode: false,
        changes: scopeChanges(service, { ...pick(policy ?? {}, SCOPE_FIELDS), ...fields }),
      },
    ];
  });
}

function scopeChanges(service: string | null, fields: Fields): readonly ChangeInput[] {
  const { enabled, exempt_routes: exemptRoutes, ...rateLimit } = fields;
  const set = { kind: 'limit-scope.set', service, rateLimit, exemptRoutes };
  return enabled === false ? [set, { kind: 'limit-scope.pause', service }] : [set];
}

function maintenanceSteps({ maintenance = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  const wanted = [
    ...(maintenance.global === undefined ? [] : [{ service: null, fields: maintenance.global, now: current.maintenance.global }]),
    ...Object.entries(maintenance.services ?? {}).map(([service, fields]) => ({
      service,
      fields,
      now: current.maintenance.services.get(service),
    })),
  ];
  return wanted.flatMap(({ service, fields, now }) => {
    const differences = deviations(fields, now ?? {});
    if (differences.length === 0) return [];
    return [
      {
        kind: service === null ? 'global maintenance' : 'service maintenance',
        key: service ?? '',
        action: 'update',
        differences,
        ownedByCode: false,
        changes: maintenanceChanges(service, { ...now, ...fields }),
      },
    ];
  });
}

function maintenanceChanges(service: string | null, wanted: Partial<MaintenanceConfig>): readonly ChangeInput[] {
  const { enabled = false, exempt_paths: exempt = [], include_force_active: includeForceActive = false, reason = '' } = wanted;
  if (enabled) return [{ kind: 'maintenance.enable', service, exempt, includeForceActive, ...(reason === '' ? {} : { reason }) }];
  const off = { kind: 'maintenance.disable', service };
  return exempt.length > 0 ? [off, { kind: 'maintenance.set-exempt', service, exempt }] : [off];
}

function segmentSteps({ segments = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  return Object.entries(segments).flatMap(([key, fields]) => {
    const now = current.segments.get(key);
    const differences = deviations(fields, now ?? {});
    if (differences.length === 0) return [];
    const changes = [{ kind: 'segment.set', segment: { ...now, ...fields, key } }];
    return [{ kind: 'segment', key, action: now === undefined ? 'create' : 'update', differences, ownedByCode: false, changes }];
  });
}

function flagSteps({ flags = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  return prerequisitesFirst(flags).flatMap(([key, fields]) => {
    const now = current.flags.get(key);
    const differences = deviations(fields, now ?? {}, ['targets']);
    if (differences.length === 0) return [];
    const changes = [{ kind: 'flag.set', flag: { ...now, ...fields, key } }];
    return [{ kind: 'flag', key, action: now === undefined ? 'create' : 'update', differences, ownedByCode: false, changes }];
  });
}

function prerequisitesFirst(flags: Readonly<Record<string, Fields>>): readonly (readonly [string, Fields])[] {
  const ordered = new Map<string, Fields>();
  const visit = (key: string, path: readonly string[]) => {
    const fields = flags[key];
    if (fields === undefined || ordered.has(key) || path.includes(key)) return;
    const { prerequisites } = fields;
    for (const wanted of Array.isArray(prerequisites) ? (prerequisites as readonly { flag_key?: unknown }[]) : [])
      if (typeof wanted?.flag_key === 'string') visit(wanted.flag_key, [...path, key]);
    ordered.set(key, fields);
  };
  for (const key of Object.keys(flags)) visit(key, []);
  return [...ordered];
}

/** What the sections of the file do not name, as far as operators have set it. */
function removals(wanted: WaygateDocument, current: CurrentState): readonly Step[] {
  const step = (kind: string, key: string, ...changes: readonly ChangeInput[]): Step => ({
    kind,
    key,
    action: 'delete',
    differences: [],
    ownedByCode: false,
    changes,
  });
  const missing = <T>(items: ReadonlyMap<string, T>, section: Readonly<Record<string, Fields>> | undefined) =>
    section === undefined ? [] : [...items].filter(([key]) => !Object.hasOwn(section, key));
  return [
    ...missing(current.routes, wanted.routes)
      .filter(([, route]) => route.source === 'override')
      .map(([key]) => step('override of route', key, { kind: 'route.clear', key })),
    ...missing(current.limits, wanted.rate_limits)
      .filter(([, policy]) => !isDeclared(policy))
      .map(([key]) => step('rate limit', key, ...limitRemoval(key, wanted, current))),
    ...missing(current.scopes.services, wanted.service_rate_limits)
      .filter(([, { policy }]) => policy !== null)
      .map(([key]) => step('service rate limit', key, { kind: 'limit-scope.clear', service: key })),
    ...missing(current.flags, wanted.flags).map(([key]) => step('flag', key, { kind: 'flag.delete', key })),
    ...missing(current.segments, wanted.segments).map(([key]) => step('segment', key, { kind: 'segment.delete', key })),
  ];
}

/** The server removes all limits that were set on a route; those that the file names are set again. */
function limitRemoval(
  text: string,
  { rate_limits: limits = {} }: WaygateDocument,
  current: CurrentState,
): readonly ChangeInput[] {
  const { key } = splitLimitKey(text);
  return [
    ...limitedRoutes(key, current).map((route) => ({ kind: 'limit.clear', key: route })),
    ...Object.entries(limits)
      .filter(([named]) => splitLimitKey(named).key === key)
      .flatMap(([named, fields]) => limitChanges(named, fields, current)),
  ];
}

/**
 * The routes that a limit in a file is for: the one of that key, else that of all methods, else those of services. The key as it is when
 * there is none, so that the server says so.
 */
function limitedRoutes(key: string, { routes }: CurrentState): readonly string[] {
  if (routes.has(key)) return [key];
  const { service, method, path } = parseRoute(key);
  const matching = [...routes.keys()].filter((other) => {
    const route = parseRoute(other);
    const isSameMethod = method === 'ALL' || [method, 'ALL', null].includes(route.method);
    return route.path === path && isSameMethod && (service === null || route.service === service);
  });
  return matching.length === 0 ? [key] : matching;
}
