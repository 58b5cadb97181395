import {
  formatRouteKey,
  parseRouteKey,
  rateLimitPolicy,
  toWire,
  type LimitScopeRecord,
  type RateLimitHit,
  type RateLimitPolicy,
  type RateLimitView,
  type WireOf,
} from '@waygate/core';
import { wireTime, wireTimeOrNull } from '../http/wire-time.js';

type PolicyWire = WireOf<RateLimitPolicy>;

/** RateLimitPolicy on the wire (wire contract, §3), and what it adds. */
export interface RateLimitPolicyWire extends PolicyWire {
  readonly path: string;
  readonly method: string;
  readonly source: string;
  /** When it expires; `null` = it does not. */
  readonly expires_at: string | null;
  readonly revision: number;
}

/** GlobalRateLimitPolicy on the wire, for everything or for one service. */
export interface GlobalRateLimitPolicyWire extends Omit<PolicyWire, 'name' | 'origin'> {
  readonly exempt_routes: readonly string[];
  readonly enabled: boolean;
  /** When it expires, and what was set before applies again; `null` = it does not. */
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
  const { source, until, revision } = view;
  return { path, method, ...toWire(rateLimitPolicy, policy), source, expires_at: wireTimeOrNull(until), revision };
}

export function scopePolicy({ policy, exemptRoutes, enabled, expiresAt }: LimitScopeRecord): GlobalRateLimitPolicyWire {
  const { name: _name, origin: _origin, ...fields } = toWire(rateLimitPolicy, policy);
  return { ...fields, exempt_routes: exemptRoutes, enabled, expires_at: wireTimeOrNull(expiresAt) };
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
