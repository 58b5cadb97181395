import { ACTIVE_ROUTE, type RouteView } from '@waygate/core';

/** A route as the engine tells it: active as declared, unless something else is said. */
export function routeView(key: string, change: Partial<RouteView> = {}): RouteView {
  const [method = '', path = ''] = key.split(':', 2);
  return {
    key,
    service: null,
    method,
    path,
    declared: ACTIVE_ROUTE,
    override: null,
    tags: [],
    status: 'active',
    state: 'active',
    reason: '',
    environments: null,
    deprecation: null,
    forceActive: false,
    until: null,
    source: 'declared',
    nextChange: null,
    revision: 1,
    ...change,
  };
}
