import { isDeepStrictEqual } from 'node:util';
import type { AuditAction } from '../model/vocabulary.js';
import { RouteProtectedError, ValidationError } from '../model/errors.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import { parseRouteKey } from '../model/route-key.js';
import type { RouteOverride, RouteRecord } from '../schema/route.js';
import { toWindow, type TimeWindow, type TimeWindowInput } from '../model/time.js';
import { planFor, type ChangeOptions, type Plan, type PlanContext, type Planners } from '../planning/plan.js';
import { readEnvironments } from './route-declaration.js';
import type { KnownRoutes } from './known-routes.js';
import { depth, pruned, withoutSchedules } from './override-stack.js';
import { notOver, readSchedule, type ScheduleInput } from './schedule-input.js';

interface RouteTarget extends ChangeOptions {
  /** `METHOD:/path`, or `/path` when one method answers to it; behind `service:` for a route of another service. */
  readonly key: string;
}

/** Changes of routes, by kind. */
export interface RouteChanges {
  'route.enable': RouteTarget & Expiry;
  'route.disable': RouteTarget & Expiry;
  'route.maintenance': RouteTarget & Expiry & { readonly window?: TimeWindowInput | null };
  'route.schedule': RouteTarget & ScheduleInput;
  'route.cancel-schedule': RouteTarget;
  'route.set-environments': RouteTarget & Expiry & { readonly environments: readonly string[] };
  'route.clear': RouteTarget;
}

/** More than any operator stacks; a bound on what a record can grow to. */
const MAX_STACKED_OVERRIDES = 16;

export function routePlanners(routes: KnownRoutes): Planners<RouteChanges> {
  const edited = (
    { key }: RouteTarget,
    action: AuditAction,
    context: PlanContext,
    edit: (override: RouteOverride | null) => RouteOverride | null,
  ): Plan => {
    const recordKey = routes.resolve(key, context.snapshot);
    return planFor(
      {
        kind: 'route',
        key: recordKey,
        service: context.snapshot.get('route', recordKey)?.value.service ?? parseRouteKey(recordKey).service,
        edit: (stored) => {
          const before = routes.current(recordKey, stored);
          if (before.declared.forceActive) throw new RouteProtectedError(recordKey);
          const override = edit(before.override);
          return override === before.override ? null : { action, before, after: withOverride(before, override) };
        },
      },
      context,
    );
  };
  const overridden = (
    change: RouteTarget,
    action: AuditAction,
    context: PlanContext,
    draft: Pick<RouteOverride, 'state' | 'environments' | 'window'>,
  ): Plan =>
    edited(change, action, context, (current) => {
      const { actor, now, reason } = context;
      const beneath = pruned(current, now);
      const setting = { ...draft, reason };
      if (beneath !== null && isSameSetting(beneath, setting)) return current;
      const setAt = new Date(now).toISOString();
      return { ...setting, setAt, setBy: actor, beneath: draft.window === null ? null : beneath };
    });
  return {
    'route.enable': (change, context) =>
      overridden(change, 'enable', context, { state: 'active', environments: null, window: expiry(change, context) }),
    'route.disable': (change, context) =>
      overridden(change, 'disable', context, { state: 'disabled', environments: null, window: expiry(change, context) }),
    'route.maintenance': (change, context) => {
      const window = readWindow(change, context);
      return overridden(change, 'maintenance_on', context, { state: 'maintenance', environments: null, window });
    },
    'route.schedule': (change, context) => {
      const window = readSchedule(change, context.now);
      return overridden(change, 'maintenance_scheduled', context, { state: 'maintenance', environments: null, window });
    },
    'route.cancel-schedule': (change, context) => edited(change, 'schedule_cancelled', context, withoutSchedules),
    'route.set-environments': (change, context) => {
      const environments = readEnvironments(change.environments);
      return overridden(change, 'env_gate', context, { state: 'env_gated', environments, window: expiry(change, context) });
    },
    'route.clear': (change, context) => edited(change, 'clear', context, () => null),
  };
}

/** @throws {ValidationError} when overrides are stacked too high */
function withOverride(record: RouteRecord, override: RouteOverride | null): RouteRecord {
  if (depth(override) > MAX_STACKED_OVERRIDES) {
    throw new ValidationError(
      'window',
      `the route has ${MAX_STACKED_OVERRIDES} overrides on top of each other already; clear it first`,
    );
  }
  return { ...record, override };
}

/** Whether setting it again would change nothing but who set it when. */
function isSameSetting(
  { state, reason, environments, window }: RouteOverride,
  setting: Pick<RouteOverride, 'state' | 'reason' | 'environments' | 'window'>,
): boolean {
  return isDeepStrictEqual({ environments, reason, state, window }, setting);
}

function expiry(change: Expiry, { now }: PlanContext): TimeWindow | null {
  const end = readExpiry(change, now);
  return end === null ? null : { start: null, end };
}

/**
 * A window, or an expiry in its place.
 * @throws {ValidationError} for both at once, or one that is over
 */
export function readWindow(
  change: Expiry & { readonly window?: TimeWindowInput | null },
  context: Pick<PlanContext, 'now'>,
): TimeWindow | null {
  const window = toWindow(change.window);
  const end = readExpiry(change, context.now);
  if (window === null) return end === null ? null : { start: null, end };
  if (end !== null) throw new ValidationError('window', 'give either a window or an expiry, not both');
  return notOver(window, context.now, 'window.end');
}
