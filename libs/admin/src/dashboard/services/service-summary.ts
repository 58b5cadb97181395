import type { LimitScopeView, MaintenanceView, RouteStatus, RouteView } from '@waygate/core';

/** A service as its routes tell. */
export interface ServiceSummary {
  /** `null` = routes that belong to none. */
  readonly service: string | null;
  readonly routes: number;
  readonly counts: Readonly<Record<RouteStatus, number>>;
  readonly maintenance: MaintenanceView | null;
  readonly limit: LimitScopeView | null;
  /** Revision that changed one of its routes last. */
  readonly revision: number;
}

/** One summary a service, by name; those that belong to none last. */
export function summariesOf(
  routes: readonly RouteView[],
  maintenanceOf: (service: string) => MaintenanceView,
  limitOf: (service: string) => LimitScopeView | null,
): readonly ServiceSummary[] {
  const groups = new Map<string | null, RouteView[]>();
  for (const route of routes) {
    const group = groups.get(route.service);
    if (group === undefined) groups.set(route.service, [route]);
    else group.push(route);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1))
    .map(([service, own]) => {
      const counts: Record<RouteStatus, number> = { active: 0, maintenance: 0, disabled: 0, env_gated: 0, deprecated: 0 };
      for (const { effective } of own) counts[effective.status]++;
      return {
        service,
        routes: own.length,
        counts,
        maintenance: service === null ? null : maintenanceOf(service),
        limit: service === null ? null : limitOf(service),
        revision: Math.max(...own.map(({ revision }) => revision)),
      };
    });
}
