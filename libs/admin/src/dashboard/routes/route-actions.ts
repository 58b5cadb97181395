import type { AppliedChanges, Change, WaygateEngine } from '@waygate/core';
import { withoutPosition } from '../admin/surface.js';
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

/**
 * Changes routes by what a form says, all of them or none, in one commit.
 * @throws {ChangesConflictError} listing every route that someone else changed since the form was opened
 */
export async function changeRoutes(
  engine: WaygateEngine,
  action: RouteAction,
  visit: Visit,
  chosen: readonly Chosen[],
): Promise<AppliedChanges> {
  try {
    return await engine.apply(
      chosen.map((each) => routeChange(action, visit, each)),
      visit.author(),
    );
  } catch (error) {
    throw withoutPosition(error);
  }
}

function routeChange(action: RouteAction, visit: Visit, { key, revision }: Chosen): Change {
  const target = { key, ...(revision === null ? {} : { expectedRevision: revision }) };
  switch (action) {
    case 'enable':
      return { kind: 'route.enable', ...target, ...expiry(visit) };
    case 'disable':
      return { kind: 'route.disable', ...target, ...expiry(visit) };
    case 'maintenance':
      return { kind: 'route.maintenance', ...target, ...expiry(visit) };
    case 'environments':
      return { kind: 'route.set-environments', ...target, environments: listOf(visit.field('environments')), ...expiry(visit) };
    case 'schedule':
      return { kind: 'route.schedule', ...target, ...schedule(visit) };
    case 'unschedule':
      return { kind: 'route.cancel-schedule', ...target };
    case 'clear':
      return { kind: 'route.clear', ...target };
  }
}
