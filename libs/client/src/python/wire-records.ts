import {
  ACTIVE_ROUTE,
  GLOBAL_SCOPE,
  NO_MAINTENANCE,
  NO_RESETS,
  type DeclaredRoute,
  type LimitScopeRecord,
  type MaintenanceRecord,
  type RateLimitPolicy as Policy,
  type RouteOverride,
  type RouteRecord,
} from '@waygate/core';
import type { MaintenanceConfig } from '../wire/maintenance.js';
import type { GlobalRateLimitPolicy, RateLimitPolicy } from '../wire/rate-limits.js';
import type { RouteState } from '../wire/routes.js';
import { instant } from './wire-flags.js';

/** Who did it is not told on the wire. */
const SERVER = 'server';

/** A route by what the server says of it: that wins over what the code declares, and needs no override where both agree. */
export function routeRecord(state: RouteState, service: string, declared: DeclaredRoute, now: number): RouteRecord {
  return { service, declared, override: overrideOf(state, declared, now) };
}

function overrideOf(state: RouteState, declared: DeclaredRoute, now: number): RouteOverride | null {
  const isActive = state.status === 'active' || state.status === 'deprecated';
  const status = isActive ? 'active' : (state.status as Exclude<RouteState['status'], 'deprecated'>);
  if (status === 'active' && declared.state === 'active' && declared.environments === null) return null;
  return {
    state: status,
    reason: state.reason,
    environments: status === 'env_gated' ? state.allowed_envs : null,
    setAt: new Date(now).toISOString(),
    setBy: SERVER,
    window:
      status === 'active' || state.window === null
        ? null
        : { start: instant(state.window.start), end: instant(state.window.end) },
    beneath: null,
  };
}

/** What is registered for a route that the code declares. */
export function stateOf(key: string, { service, declared }: RouteRecord): object {
  const { state, environments, deprecation, reason, window, forceActive, tags = [] } = declared;
  const status =
    state !== 'active' ? state : environments !== null ? 'env_gated' : deprecation !== null ? 'deprecated' : 'active';
  return {
    path: key,
    service,
    status,
    reason,
    allowed_envs: environments ?? [],
    window: window?.start != null && window.end !== null ? { start: window.start, end: window.end, reason } : null,
    sunset_date: deprecation?.sunset ?? null,
    successor_path: deprecation?.successor ?? null,
    force_active: forceActive,
    tags,
  };
}

export function maintenanceRecord(config: MaintenanceConfig): MaintenanceRecord {
  const { enabled, reason, exempt_paths: exempt, include_force_active: includeForceActive } = config;
  return { ...NO_MAINTENANCE, enabled, reason, exempt, includeForceActive };
}

export function policyOf(wire: RateLimitPolicy | GlobalRateLimitPolicy): Policy {
  const more: Partial<RateLimitPolicy> = 'path' in wire ? wire : {};
  return {
    name: more.name ?? 'default',
    limit: wire.limit,
    algorithm: wire.algorithm,
    key: wire.key_strategy,
    onMissingKey: wire.on_missing_key,
    burst: wire.burst,
    tiers: more.tiers ?? [],
    tierResolver: more.tier_resolver ?? 'plan',
    exemptIps: more.exempt_ips ?? [],
    exemptRoles: more.exempt_roles ?? [],
    cost: more.cost ?? 1,
    mode: wire.mode ?? 'enforce',
    onStoreError: more.on_store_error ?? 'local',
    origin: 'override',
  };
}

export function limitScopeRecord(policy: GlobalRateLimitPolicy, now: number): LimitScopeRecord {
  return {
    policy: policyOf(policy),
    exemptRoutes: policy.exempt_routes,
    enabled: policy.enabled,
    resets: NO_RESETS,
    setAt: new Date(now).toISOString(),
    setBy: SERVER,
    expiresAt: null,
    beneath: null,
  };
}

/** A route that stands for something else (wire contract, §2); `null` = it is an ordinary one. */
export function sentinelOf(path: string): { readonly kind: 'maintenance' | 'limit-scope'; readonly scope: string } | null {
  if (path === '__waygate:global__') return { kind: 'maintenance', scope: GLOBAL_SCOPE };
  if (path === '__waygate:global_rl__') return { kind: 'limit-scope', scope: GLOBAL_SCOPE };
  const match = /^__waygate:svc_(global|rl):(.+)__$/.exec(path);
  return match === null ? null : { kind: match[1] === 'rl' ? 'limit-scope' : 'maintenance', scope: match[2] ?? '' };
}

/** What is known to be declared of a route, as far as it was ever told; the server tells its tags. */
export function declaredOf(record: RouteRecord | undefined, { tags = [] }: RouteState): DeclaredRoute {
  return record?.declared ?? (tags.length === 0 ? ACTIVE_ROUTE : { ...ACTIVE_ROUTE, tags });
}
