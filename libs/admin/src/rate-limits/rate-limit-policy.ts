import {
  formatRouteKey,
  parseRouteKey,
  type LimitScopeRecord,
  type RateLimitHit,
  type RateLimitPolicy,
  type RateLimitView,
} from '@waygate/core';
import { wireTime, wireTimeOrNull } from '../http/wire-time.js';

/** RateLimitPolicy on the wire (wire contract, §3), and what of ours it does not know. */
export interface RateLimitPolicyWire {
  readonly path: string;
  readonly method: string;
  readonly limit: string;
  readonly algorithm: string;
  readonly key_strategy: string;
  readonly on_missing_key: string | null;
  readonly burst: number;
  readonly tiers: readonly { readonly name: string; readonly limit: string }[];
  readonly tier_resolver: string;
  readonly exempt_ips: readonly string[];
  readonly exempt_roles: readonly string[];
  readonly name: string;
  readonly cost: number;
  readonly mode: string;
  readonly on_store_error: string;
  readonly origin: string;
  readonly source: string;
  /** When it goes away by itself; `null` = it does not. */
  readonly expires_at: string | null;
  readonly revision: number;
}

/** GlobalRateLimitPolicy on the wire, for everything or for one service. */
export interface GlobalRateLimitPolicyWire {
  readonly limit: string;
  readonly algorithm: string;
  readonly key_strategy: string;
  readonly on_missing_key: string | null;
  readonly burst: number;
  readonly exempt_routes: readonly string[];
  readonly enabled: boolean;
  /** From here on ours. */
  readonly mode: string;
  readonly tiers: readonly { readonly name: string; readonly limit: string }[];
  readonly tier_resolver: string;
  readonly exempt_ips: readonly string[];
  readonly exempt_roles: readonly string[];
  readonly cost: number;
  readonly on_store_error: string;
  /** When it goes away by itself, or goes on; `null` = it does not. */
  readonly expires_at: string | null;
}

/**
 * Limits of one route as they stand on the wire. The main one comes last: clients that know one limit a route keep that.
 * @param local for the service itself, whose paths do not name it
 */
export function policiesOf(view: RateLimitView, local: boolean): readonly RateLimitPolicyWire[] {
  const { method, path } = locate(view.key, local);
  return view.policies.toReversed().map((policy) => policyWire(policy, view, method, path));
}

/** `METHOD:path` of a route's limits on the wire. */
export function policyKey(routeKey: string, local: boolean): string {
  const { method, path } = locate(routeKey, local);
  return `${method}:${path}`;
}

function locate(routeKey: string, local: boolean): { method: string; path: string } {
  const { service, method, path } = parseRouteKey(routeKey);
  return { method: method ?? 'ALL', path: formatRouteKey({ service: local ? null : service, method: null, path }) };
}

function policyWire(policy: RateLimitPolicy, view: RateLimitView, method: string, path: string): RateLimitPolicyWire {
  return {
    path,
    method,
    limit: policy.limit,
    algorithm: policy.algorithm,
    key_strategy: policy.key,
    on_missing_key: policy.onMissingKey,
    burst: policy.burst,
    tiers: policy.tiers,
    tier_resolver: policy.tierResolver,
    exempt_ips: policy.exemptIps,
    exempt_roles: policy.exemptRoles,
    name: policy.name,
    cost: policy.cost,
    mode: policy.mode,
    on_store_error: policy.onStoreError,
    origin: policy.origin,
    source: view.source,
    expires_at: wireTimeOrNull(view.until),
    revision: view.revision,
  };
}

export function scopePolicy({ policy, exemptRoutes, enabled, expiresAt }: LimitScopeRecord): GlobalRateLimitPolicyWire {
  return {
    limit: policy.limit,
    algorithm: policy.algorithm,
    key_strategy: policy.key,
    on_missing_key: policy.onMissingKey,
    burst: policy.burst,
    exempt_routes: exemptRoutes,
    enabled,
    mode: policy.mode,
    tiers: policy.tiers,
    tier_resolver: policy.tierResolver,
    exempt_ips: policy.exemptIps,
    exempt_roles: policy.exemptRoles,
    cost: policy.cost,
    on_store_error: policy.onStoreError,
    expires_at: wireTimeOrNull(expiresAt),
  };
}

/** RateLimitHit on the wire; the last two fields are ours. */
export function hitWire(hit: RateLimitHit): object {
  return {
    id: hit.id,
    timestamp: wireTime(hit.at),
    path: hit.route === '' ? '' : locate(hit.route, false).path,
    method: hit.method,
    key: hit.caller,
    limit: hit.limit,
    tier: hit.tier,
    reset_at: wireTime(hit.resetAt),
    policy: hit.policy,
    shadow: hit.shadow,
  };
}
