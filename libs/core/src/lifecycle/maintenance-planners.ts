import { isDeepStrictEqual } from 'node:util';
import type { AuditAction } from '../model/vocabulary.js';
import { ValidationError } from '../model/errors.js';
import type { Expiry } from '../model/expiry.js';
import { GLOBAL_SCOPE, NO_MAINTENANCE, type MaintenanceRecord } from '../schema/maintenance.js';
import { formatRouteKey, parseRouteKey, serviceName } from '../model/route-key.js';
import { instantMs, type TimeWindow, type TimeWindowInput } from '../model/time.js';
import { planFor, type ChangeOptions, type Plan, type PlanContext, type Planners } from '../planning/plan.js';
import { readWindow } from './route-planners.js';
import { isScheduled, readSchedule, type ScheduleInput } from './schedule-input.js';

interface MaintenanceTarget extends ChangeOptions {
  /** The service that is taken down. Default: `null`, everything. */
  readonly service?: string | null;
}

export interface MaintenanceOptions {
  /** Routes that stay up: `/path` or `METHOD:/path`. Default: the list prepared by `setExempt`, else none. */
  readonly exempt?: readonly string[];
  /** Takes `@ForceActive()` routes down too. Default `false`. */
  readonly includeForceActive?: boolean;
}

/** Changes of the maintenance switches, by kind. */
export interface MaintenanceChanges {
  'maintenance.enable': MaintenanceTarget & MaintenanceOptions & Expiry & { readonly window?: TimeWindowInput | null };
  'maintenance.schedule': MaintenanceTarget & MaintenanceOptions & ScheduleInput;
  'maintenance.cancel-schedule': MaintenanceTarget;
  'maintenance.disable': MaintenanceTarget;
  'maintenance.set-exempt': MaintenanceTarget & { readonly exempt: readonly string[] };
}

/** More than any operator stacks; a bound on what a record can grow to. */
const MAX_STACKED = 16;

export const maintenancePlanners: Planners<MaintenanceChanges> = {
  'maintenance.enable': (change, context) =>
    switchedOn(
      change,
      { global: 'global_maintenance_on', service: 'service_maintenance_on' },
      context,
      readWindow(change, context),
    ),
  'maintenance.schedule': (change, context) =>
    switchedOn(
      change,
      { global: 'global_maintenance_scheduled', service: 'service_maintenance_scheduled' },
      context,
      readSchedule(change, context.now),
    ),
  'maintenance.cancel-schedule': (change, context) =>
    edited(
      change,
      { global: 'global_schedule_cancelled', service: 'service_schedule_cancelled' },
      context,
      (before) => withoutSchedules(before) ?? NO_MAINTENANCE,
    ),
  'maintenance.disable': (change, context) =>
    edited(change, { global: 'global_maintenance_off', service: 'service_maintenance_off' }, context, () => NO_MAINTENANCE),
  'maintenance.set-exempt': (change, context) => {
    const exempt = readExempt(change.exempt);
    const actions = { global: 'global_maintenance_updated', service: 'service_maintenance_updated' } as const;
    return edited(change, actions, context, (before) => withExempt(before, exempt));
  },
};

/** What the change is called in the audit log, by the scope that it concerns. */
interface ScopedActions {
  readonly global: AuditAction;
  readonly service: AuditAction;
}

function switchedOn(
  change: MaintenanceTarget & MaintenanceOptions,
  actions: ScopedActions,
  context: PlanContext,
  window: TimeWindow | null,
): Plan {
  const { includeForceActive = false } = change;
  const exempt = change.exempt === undefined ? undefined : readExempt(change.exempt);
  const { actor, now, reason } = context;
  return edited(change, actions, context, (before) => {
    const current = unfinished(before, now);
    const next: MaintenanceRecord = {
      enabled: true,
      reason,
      exempt: exempt ?? before.exempt,
      includeForceActive,
      window,
      setAt: new Date(now).toISOString(),
      setBy: actor,
      beneath: window === null ? null : current,
    };
    return current !== null && isSameSetting(current, next) ? before : next;
  });
}

function edited(
  { service = null }: MaintenanceTarget,
  actions: ScopedActions,
  context: PlanContext,
  edit: (before: MaintenanceRecord) => MaintenanceRecord,
): Plan {
  const key = service === null ? GLOBAL_SCOPE : serviceName(service);
  return planFor(
    {
      kind: 'maintenance',
      key,
      service,
      edit: (stored) => {
        const before = stored ?? NO_MAINTENANCE;
        const after = edit(before);
        if (isDeepStrictEqual(after, before)) return null;
        if (depth(after) > MAX_STACKED)
          throw new ValidationError('window', `${MAX_STACKED} windows lie on top of each other already; disable it first`);
        return { action: service === null ? actions.global : actions.service, after };
      },
    },
    context,
  );
}

/** Whether switching it on again would change nothing but who did it when. */
function isSameSetting(current: MaintenanceRecord, next: MaintenanceRecord): boolean {
  return isDeepStrictEqual(settingOf(current), settingOf(next));
}

function settingOf({ setAt: _at, setBy: _by, beneath: _beneath, ...setting }: MaintenanceRecord): object {
  return setting;
}

/** What is beneath a new window: without what is off, or over. */
function unfinished(record: MaintenanceRecord | null, now: number): MaintenanceRecord | null {
  if (record === null || !record.enabled) return null;
  const beneath = unfinished(record.beneath, now);
  const end = record.window?.end ?? null;
  return end !== null && instantMs(end) <= now ? beneath : { ...record, beneath };
}

function withoutSchedules(record: MaintenanceRecord | null): MaintenanceRecord | null {
  if (record === null) return null;
  const beneath = withoutSchedules(record.beneath);
  if (isScheduled(record.window)) return beneath;
  return beneath === record.beneath ? record : { ...record, beneath };
}

function withExempt(record: MaintenanceRecord, exempt: readonly string[]): MaintenanceRecord {
  return { ...record, exempt, beneath: record.beneath === null ? null : withExempt(record.beneath, exempt) };
}

function depth(record: MaintenanceRecord | null): number {
  return record === null ? 0 : 1 + depth(record.beneath);
}

/** @throws {ValidationError} */
function readExempt(exempt: readonly string[]): readonly string[] {
  if (!Array.isArray(exempt)) throw new ValidationError('exempt', "must be a list of routes, e.g. ['/health']");
  if (exempt.length > 10_000) throw new ValidationError('exempt', 'must have at most 10 000 routes');
  const keys = exempt.map((key: unknown, index) => {
    if (typeof key !== 'string') throw new ValidationError(`exempt[${index}]`, "must be a route: '/path' or 'METHOD:/path'");
    return formatRouteKey({ ...parseRouteKey(key, `exempt[${index}]`), service: null });
  });
  return [...new Set(keys)];
}
