import type { LimitScopeView, MaintenanceView, RateLimitPolicy, RouteView, WaygateEngine } from '@waygate/core';

/** One thing that is looked at before a request is let through. */
export interface Step {
  readonly title: string;
  readonly verdict: 'pass' | 'block' | 'skip' | 'count';
  readonly detail: string;
}

/** What a request meets, in the order of the checks. */
export interface Circumstances {
  readonly route: RouteView;
  readonly environment: string;
  readonly global: MaintenanceView;
  readonly service: MaintenanceView | null;
  readonly globalLimit: LimitScopeView | null;
  readonly serviceLimit: LimitScopeView | null;
  readonly policies: readonly RateLimitPolicy[];
}

export function circumstancesOf(engine: WaygateEngine, route: RouteView): Circumstances {
  const { service } = route;
  return {
    route,
    environment: engine.environment,
    global: engine.sync.maintenance.get(),
    service: service === null ? null : engine.sync.maintenance.forService(service),
    globalLimit: engine.rateLimits.global.read(),
    serviceLimit: service === null ? null : engine.rateLimits.forService(service).read(),
    policies: engine.sync.rateLimits.find(route.key)?.policies ?? [],
  };
}

/** Every step of the decision about a request for a route, up to the one that stops it. */
export function explainRoute(given: Circumstances): readonly Step[] {
  const steps: Step[] = [];
  for (const step of stepsOf(given)) {
    steps.push(step);
    if (step.verdict === 'block') break;
  }
  return steps;
}

function* stepsOf({ route, environment, global, service, globalLimit, serviceLimit, policies }: Circumstances): Iterable<Step> {
  yield maintenance('Global maintenance', global, route);
  if (service !== null) yield maintenance(`Maintenance of ${route.service}`, service, route);
  if (route.forceActive) {
    yield { title: 'Force-active', verdict: 'pass', detail: 'Declared @ForceActive(): state and limits are not looked at.' };
    return;
  }
  yield environmentGate(route, environment);
  yield stateOf(route);
  yield scopeLimit('Global limit', globalLimit, route);
  if (route.service !== null) yield scopeLimit(`Limit of ${route.service}`, serviceLimit, route);
  if (policies.length === 0) yield { title: 'Route limits', verdict: 'skip', detail: 'The route has none.' };
  for (const policy of policies) yield routeLimit(policy);
}

function maintenance(title: string, view: MaintenanceView, route: RouteView): Step {
  if (!view.inForce) return { title, verdict: 'pass', detail: view.enabled ? 'Planned, not in force now.' : 'Off.' };
  if (isExempt(view.exempt, route)) return { title, verdict: 'pass', detail: 'On, but this route is exempt.' };
  if (route.forceActive && !view.includeForceActive)
    return { title, verdict: 'pass', detail: 'On, but the route is declared @ForceActive().' };
  const until = view.until === null ? '' : ` Until ${view.until}.`;
  return { title, verdict: 'block', detail: `503 MAINTENANCE_MODE: ${view.reason || 'no reason given'}.${until}` };
}

function environmentGate({ environments }: RouteView, environment: string): Step {
  const title = 'Environment';
  if (environments === null) return { title, verdict: 'pass', detail: 'No gate.' };
  const list = environments.join(', ');
  if (environments.includes(environment)) return { title, verdict: 'pass', detail: `'${environment}' is among ${list}.` };
  return { title, verdict: 'block', detail: `404, as if there were no such route: '${environment}' is not among ${list}.` };
}

function stateOf({ state, source, reason }: RouteView): Step {
  const title = 'Route state';
  const from = source === 'override' ? 'set by an operator' : 'as the code declares';
  if (state === 'maintenance')
    return { title, verdict: 'block', detail: `503 MAINTENANCE_MODE (${from}): ${reason || 'no reason given'}.` };
  if (state === 'disabled')
    return { title, verdict: 'block', detail: `503 ROUTE_DISABLED (${from}): ${reason || 'no reason given'}.` };
  return { title, verdict: 'pass', detail: `Active, ${from}.` };
}

function scopeLimit(title: string, view: LimitScopeView | null, route: RouteView): Step {
  if (view === null) return { title, verdict: 'skip', detail: 'None is set.' };
  if (!view.enabled) return { title, verdict: 'skip', detail: `${view.policy.limit}, paused.` };
  if (isExempt(view.exemptRoutes, route))
    return { title, verdict: 'skip', detail: `${view.policy.limit}, this route is exempt.` };
  return { ...routeLimit(view.policy), title };
}

function routeLimit({ name, limit, key, algorithm, mode }: RateLimitPolicy): Step {
  const title = `Route limit '${name}'`;
  if (mode === 'off') return { title, verdict: 'skip', detail: `${limit}, off.` };
  const over = mode === 'shadow' ? 'recorded, not refused (shadow)' : '429 RATE_LIMIT_EXCEEDED';
  return {
    title,
    verdict: 'count',
    detail: `${limit} for each ${key.replace('_', ' ')}, ${algorithm.replace('_', ' ')}; over it: ${over}.`,
  };
}

function isExempt(exempt: readonly string[], { method, path }: RouteView): boolean {
  return exempt.includes(path) || exempt.includes(`${method ?? ''}:${path}`);
}
