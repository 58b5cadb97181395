import { ConflictError, type RouteView, type WaygateEngine } from '@waygate/core';
import type { Visit } from '../page/visit.js';
import { listOf } from '../ui/form.js';

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

/** Until when something holds: a length of time, a moment, or neither. */
export function expiry(visit: Visit): { readonly expiresIn?: string; readonly expiresAt?: string } {
  const length = visit.field('expires_in');
  const moment = visit.field('expires_at');
  if (length === 'at') return moment === '' ? {} : { expiresAt: moment };
  return length === '' ? {} : { expiresIn: length };
}

/** When planned maintenance takes place. */
export function schedule(visit: Visit): {
  readonly start?: string;
  readonly end?: string;
  readonly recurrence?: { readonly cron: string; readonly duration: string; readonly timeZone?: string };
} {
  const [start, end, cron] = [visit.field('start'), visit.field('end'), visit.field('cron')];
  const zone = visit.field('time_zone');
  const recurrence = { cron, duration: visit.field('duration') || '1h', ...(zone === '' ? {} : { timeZone: zone }) };
  return {
    ...(start === '' ? {} : { start }),
    ...(end === '' ? {} : { end }),
    ...(cron === '' ? {} : { recurrence }),
  };
}

export function isConflict(error: unknown): error is ConflictError {
  return error instanceof ConflictError;
}
