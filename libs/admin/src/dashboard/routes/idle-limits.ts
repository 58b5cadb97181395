import type { LimitScopeView, RouteView, WaygateEngine } from '@waygate/core';

/** Limits of a route that nobody is counted by now: paused, or off. */
export function idleLimits(engine: WaygateEngine, { key, service }: RouteView): readonly { title: string; limit: string }[] {
  const scopes: readonly (readonly [string, LimitScopeView | null])[] = [
    ['Limit over everything', engine.rateLimits.global.read()],
    ['Limit over the service', service === null ? null : engine.rateLimits.forService(service).read()],
  ];
  const policies = engine.sync.rateLimits.find(key)?.policies ?? [];
  return [
    ...scopes.flatMap(([title, view]) =>
      view === null || (view.enabled && view.policy.mode !== 'off') ? [] : [{ title, limit: view.policy.limit }],
    ),
    ...policies.filter(({ mode }) => mode === 'off').map(({ name, limit }) => ({ title: `Limit '${name}'`, limit })),
  ];
}
