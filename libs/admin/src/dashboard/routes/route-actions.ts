import type { RouteView, WaygateEngine } from '@waygate/core';
import type { Visit } from '../page/visit.js';
import { listOf } from '../ui/form.js';
import { expiry, schedule } from '../when/read-when.js';

/** What can be done with routes. */
export const ROUTE_ACTIONS = ['enable', 'maintenance', 'disable', 'environments', 'schedule', 'unschedule', 'clear'] as const;
export type RouteAction = (typeof ROUTE_ACTIONS)[number];

/** A route that was to be changed, and the revision the form was made from. */
export interface Chosen {
  readonly key: string;
  /** `null` = whatever there is. */
  readonly revision: number | null;
}

/** Routes named by a form, each followed by its revision. */
export function chosenIn(fields: URLSearchParams): readonly Chosen[] {
  const chosen: { key: string; revision: number | null }[] = [];
  for (const [name, value] of fields) {
    const last = chosen.at(-1);
    if (name === 'key' && !chosen.some(({ key }) => key === value)) chosen.push({ key: value, revision: null });
    else if (name === 'seen' && /^\d{1,15}$/.test(value) && last !== undefined) last.revision = Number(value);
  }
  return chosen;
}

/** Changes one route by what a form says. */
export async function changeRoute(
  engine: WaygateEngine,
  action: RouteAction,
  visit: Visit,
  { key, revision }: Chosen,
): Promise<RouteView> {
  const change = { ...visit.author(), ...(revision === null ? {} : { expectedRevision: revision }) };
  const { routes } = engine;
  switch (action) {
    case 'enable':
      return routes.enable(key, { ...change, ...expiry(visit) });
    case 'disable':
      return routes.disable(key, { ...change, ...expiry(visit) });
    case 'maintenance':
      return routes.setMaintenance(key, { ...change, ...expiry(visit) });
    case 'environments':
      return routes.setEnvironments(key, listOf(visit.field('environments')), { ...change, ...expiry(visit) });
    case 'schedule':
      return routes.schedule(key, { ...change, ...schedule(visit) });
    case 'unschedule':
      return routes.cancelSchedule(key, change);
    case 'clear':
      return routes.clear(key, change);
  }
}
