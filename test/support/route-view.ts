import { ACTIVE_ROUTE, type RouteView } from '@waygate/core';

/** A route as the engine tells it: active as declared, unless something else is said. */
export function routeView(key: string, change: Partial<RouteView> = {}): RouteView {
  const { status = 'active', reason = '', until = null, source = 'declared' } = change;
  const blockedBy = status === 'maintenance' || status === 'disabled' ? 'route' : null;
  const [method = '', path = ''] = key.split(':', 2);
  return {
    key,
    service: null,
    method,
    path,
    declared: ACTIVE_ROUTE,
    override: null,
    effective: { key, status, blockedBy, reason, since: null, until, source, setBy: null, next: null },
    tags: [],
    status,
    state: 'active',
    reason,
    environments: null,
    deprecation: null,
    forceActive: false,
    until,
    source,
    nextChange: null,
    revision: 1,
    ...change,
  };
}
