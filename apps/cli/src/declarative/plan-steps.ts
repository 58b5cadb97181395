import type { FlagInput, GlobalRateLimitInput, RateLimitPolicyInput, SegmentInput, WaygateClient } from '@waygate/client';
import type { GlobalRateLimit, MaintenanceConfig, RateLimitPolicy } from '@waygate/client';
import { parseRoute, routeKey } from '../routes/route-key.js';
import type { Difference } from '../terminal/difference.js';
import { isDeclared, pick, type CurrentState } from './current-state.js';
import { LIMIT_FIELDS, SCOPE_FIELDS, type Fields, type WaygateDocument } from './waygate-document.js';
import { limitKeyOf, splitLimitKey } from './limit-key.js';
import { deviations } from './deviations.js';

/** One change that makes the server what the file says. */
export interface Step {
  readonly kind: string;
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly differences: readonly Difference[];
  /** The code declares something else there. */
  readonly ownedByCode: boolean;
  readonly apply: (client: WaygateClient, reason: string | undefined) => Promise<unknown>;
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
        apply: (client, reason) => applyRoute(client, key, fields, reason),
      },
    ];
  });
}

function applyRoute({ routes }: WaygateClient, key: string, fields: Fields, given: string | undefined): Promise<unknown> {
  const reason = typeof fields['reason'] === 'string' ? fields['reason'] : given;
  const options = reason === undefined ? {} : { reason };
  switch (fields['status']) {
    case 'disabled':
      return routes.disable(key, options);
    case 'maintenance':
      return routes.maintenance(key, options);
    case 'env_gated':
      return routes.setEnvironments(key, fields['envs'] as readonly string[], options);
    default:
      return routes.enable(key, options);
  }
}

function limitSteps({ rate_limits: limits = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  return Object.entries(limits).flatMap(([key, fields]) => {
    const policy = current.limits.get(key);
    const differences = deviations(fields, policy ?? {});
    if (differences.length === 0) return [];
    const ownedByCode = policy !== undefined && isDeclared(policy);
    const apply = ({ rateLimits }: WaygateClient) => rateLimits.set(limitInput(key, fields, policy));
    return [{ kind: 'rate limit', key, action: policy === undefined ? 'create' : 'update', differences, ownedByCode, apply }];
  });
}

/** What the file leaves out is said again as it is. */
function limitInput(text: string, fields: Fields, policy: RateLimitPolicy | undefined): RateLimitPolicyInput {
  const { key, name } = splitLimitKey(text);
  const route = parseRoute(key);
  const where = { method: route.method ?? 'GET', path: routeKey({ ...route, method: null }), name };
  return { ...pick(policy ?? {}, LIMIT_FIELDS), ...fields, ...where } as unknown as RateLimitPolicyInput;
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
        apply: (client) => applyScope(client, service, fields, policy),
      },
    ];
  });
}

async function applyScope(
  client: WaygateClient,
  service: string | null,
  fields: Fields,
  policy: GlobalRateLimit['policy'],
): Promise<void> {
  const limit = service === null ? client.rateLimits.global : client.rateLimits.forService(service);
  const { enabled, ...input } = { ...pick(policy ?? {}, SCOPE_FIELDS), ...fields };
  await limit.set(input as unknown as GlobalRateLimitInput);
  if (enabled === false) await limit.disable();
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
        apply: (client, reason) => applyMaintenance(client, service, { ...now, ...fields }, reason),
      },
    ];
  });
}

async function applyMaintenance(
  client: WaygateClient,
  service: string | null,
  wanted: Partial<MaintenanceConfig>,
  given: string | undefined,
): Promise<void> {
  const maintenance = service === null ? client.maintenance : client.maintenance.forService(service);
  const { enabled = false, exempt_paths: exempt = [], include_force_active: includeForceActive = false } = wanted;
  const reason = wanted.reason === undefined || wanted.reason === '' ? given : wanted.reason;
  if (enabled) {
    await maintenance.enable({
      ...(reason === undefined ? {} : { reason }),
      exempt_paths: exempt,
      include_force_active: includeForceActive,
    });
    return;
  }
  await maintenance.disable(given === undefined ? {} : { reason: given });
  if (exempt.length > 0) await maintenance.setExempt(exempt);
}

function segmentSteps({ segments = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  return Object.entries(segments).flatMap(([key, fields]) => {
    const now = current.segments.get(key);
    const differences = deviations(fields, now ?? {});
    if (differences.length === 0) return [];
    const apply = (client: WaygateClient) => client.segments.put({ ...now, ...fields, key } as SegmentInput);
    return [{ kind: 'segment', key, action: now === undefined ? 'create' : 'update', differences, ownedByCode: false, apply }];
  });
}

function flagSteps({ flags = {} }: WaygateDocument, current: CurrentState): readonly Step[] {
  return prerequisitesFirst(flags).flatMap(([key, fields]) => {
    const now = current.flags.get(key);
    const differences = deviations(fields, now ?? {}, ['targets']);
    if (differences.length === 0) return [];
    const apply = (client: WaygateClient) => client.flags.put({ ...now, ...fields, key } as FlagInput);
    return [{ kind: 'flag', key, action: now === undefined ? 'create' : 'update', differences, ownedByCode: false, apply }];
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
  const step = (kind: string, key: string, apply: Step['apply']): Step => ({
    kind,
    key,
    action: 'delete',
    differences: [],
    ownedByCode: false,
    apply,
  });
  const missing = <T>(items: ReadonlyMap<string, T>, section: Readonly<Record<string, Fields>> | undefined) =>
    section === undefined ? [] : [...items].filter(([key]) => !Object.hasOwn(section, key));
  return [
    ...missing(current.routes, wanted.routes)
      .filter(([, route]) => route.source === 'override')
      .map(([key]) => step('override of route', key, (client) => client.routes.clear(key))),
    ...missing(current.limits, wanted.rate_limits)
      .filter(([, policy]) => !isDeclared(policy))
      .map(([key, policy]) => step('rate limit', key, (client) => removeLimit(client, policy, wanted, current))),
    ...missing(current.scopes.services, wanted.service_rate_limits)
      .filter(([, { policy }]) => policy !== null)
      .map(([key]) => step('service rate limit', key, (client) => client.rateLimits.forService(key).delete())),
    ...missing(current.flags, wanted.flags).map(([key]) => step('flag', key, (client) => client.flags.delete(key))),
    ...missing(current.segments, wanted.segments).map(([key]) => step('segment', key, (client) => client.segments.delete(key))),
  ];
}

/** The server removes all limits that were set on a route; those that the file names are set again. */
async function removeLimit(
  { rateLimits }: WaygateClient,
  { method, path }: RateLimitPolicy,
  { rate_limits: limits = {} }: WaygateDocument,
  current: CurrentState,
): Promise<void> {
  await rateLimits.delete(method, path);
  const { key: route } = splitLimitKey(limitKeyOf({ method, path }));
  for (const [key, fields] of Object.entries(limits))
    if (splitLimitKey(key).key === route) await rateLimits.set(limitInput(key, fields, current.limits.get(key)));
}
