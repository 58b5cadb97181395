import { isDeepStrictEqual } from 'node:util';
import { maintenanceAt } from '../lifecycle/compiled-maintenance.js';
import { effectiveRoute } from '../lifecycle/effective.js';
import { pruned as prunedRoute } from '../lifecycle/override-stack.js';
import { NO_MAINTENANCE, type MaintenanceRecord } from '../schema/maintenance.js';
import type { LimitScopeRecord, RateLimitOverride, RateLimitRecord } from '../schema/rate-limit.js';
import type { RecordValues, StoredRecord } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { RouteRecord } from '../schema/route.js';
import { instantMs, type Instant, type TimeWindow } from '../model/time.js';
import { overrideInForce } from '../rate-limit/limit-table.js';
import { unexpiredScope as scopeInForce } from '../rate-limit/unexpired-scope.js';

/** A window in a record, and when it was put there: what lies before that is no edge of it. */
export interface TimedWindow {
  readonly window: TimeWindow;
  /** Epoch ms; `null` = nobody knows. */
  readonly since: number | null;
}

/** Kinds whose records change by themselves with time. */
export type TimedKind = 'route' | 'maintenance' | 'rate-limit' | 'limit-scope';
export type TimedRecord = StoredRecord<TimedKind>;

export function isTimed(record: { readonly kind: RecordKind }): record is TimedRecord {
  return (
    record.kind === 'route' || record.kind === 'maintenance' || record.kind === 'rate-limit' || record.kind === 'limit-scope'
  );
}

/** Every window of a record, wherever in it. */
export function windowsOf(record: TimedRecord): readonly TimedWindow[] {
  switch (record.kind) {
    case 'route':
      return routeWindows(record.value);
    case 'maintenance':
      return maintenanceWindows(record.value);
    case 'rate-limit':
      return expiries(record.value.override);
    case 'limit-scope':
      return expiries(record.value);
  }
}

/** Whether what holds at two moments (epoch ms) is the same. */
export function holdsTheSame(record: TimedRecord, one: number, other: number): boolean {
  return isDeepStrictEqual(inForce(record, one), inForce(record, other));
}

/** Why what holds at a moment does; empty = nobody said. */
export function reasonAt(record: TimedRecord, now: number): string {
  if (record.kind === 'route') return effectiveRoute(record.value, now).reason;
  return record.kind === 'maintenance' ? (maintenanceAt(record.value, now).record?.reason ?? '') : '';
}

/** The record's value without what is over for good; the value itself when nothing is. */
export function withoutFinished<K extends TimedKind>(record: StoredRecord<K>, now: number): RecordValues[K];
export function withoutFinished(record: TimedRecord, now: number): RecordValues[TimedKind] {
  switch (record.kind) {
    case 'route':
      return finishedRoute(record.value, now);
    case 'maintenance':
      return unfinishedMaintenance(record.value, now) ?? { ...NO_MAINTENANCE, exempt: record.value.exempt };
    case 'rate-limit':
      return finishedLimit(record.value, now);
    case 'limit-scope':
      return finishedScope(record.value, now);
  }
}

function inForce(record: TimedRecord, now: number): unknown {
  switch (record.kind) {
    case 'route': {
      const { state, reason, environments } = effectiveRoute(record.value, now);
      return { state, reason, environments };
    }
    case 'maintenance':
      return maintenanceAt(record.value, now).record;
    case 'rate-limit':
      return overrideInForce(record.value.override, now)?.policies ?? null;
    case 'limit-scope':
      return scopeInForce(record.value, now);
  }
}

function routeWindows({ declared, declaredAt, override }: RouteRecord): readonly TimedWindow[] {
  if (declared.forceActive) return [];
  const windows: TimedWindow[] =
    declared.window === null ? [] : [{ window: declared.window, since: declaredAt === undefined ? null : instantMs(declaredAt) }];
  for (let layer = override; layer !== null; layer = layer.beneath)
    if (layer.window !== null) windows.push({ window: layer.window, since: instantMs(layer.setAt) });
  return windows;
}

function maintenanceWindows(record: MaintenanceRecord): readonly TimedWindow[] {
  const windows: TimedWindow[] = [];
  for (let layer: MaintenanceRecord | null = record; layer !== null; layer = layer.beneath)
    if (layer.window !== null)
      windows.push({ window: layer.window, since: layer.setAt === null ? null : instantMs(layer.setAt) });
  return windows;
}

interface Expiring {
  readonly expiresAt: Instant | null;
  readonly setAt: Instant;
  readonly beneath: Expiring | null;
}

function expiries(stack: Expiring | null): readonly TimedWindow[] {
  const windows: TimedWindow[] = [];
  for (let layer = stack; layer !== null; layer = layer.beneath)
    if (layer.expiresAt !== null) windows.push({ window: { start: null, end: layer.expiresAt }, since: instantMs(layer.setAt) });
  return windows;
}

function finishedRoute(record: RouteRecord, now: number): RouteRecord {
  const override = prunedRoute(record.override, now);
  return override === record.override ? record : { ...record, override };
}

function unfinishedMaintenance(record: MaintenanceRecord | null, now: number): MaintenanceRecord | null {
  if (record === null) return null;
  const beneath = unfinishedMaintenance(record.beneath, now);
  const end = record.window?.end ?? null;
  if (end !== null && instantMs(end) <= now) return beneath;
  return beneath === record.beneath ? record : { ...record, beneath };
}

function finishedLimit(record: RateLimitRecord, now: number): RateLimitRecord {
  const override = unexpiredStack(record.override, now);
  return override === record.override ? record : { ...record, override };
}

function unexpiredStack(override: RateLimitOverride | null, now: number): RateLimitOverride | null {
  if (override === null) return null;
  const beneath = unexpiredStack(override.beneath, now);
  if (override.expiresAt !== null && instantMs(override.expiresAt) <= now) return beneath;
  return beneath === override.beneath ? override : { ...override, beneath };
}

/** A limit that is over with nothing beneath it stays as an empty shell: its counters' generation must not begin anew. */
function finishedScope(record: LimitScopeRecord, now: number): LimitScopeRecord {
  const current = scopeInForce(record, now);
  return current === null || current === record ? record : { ...current, resets: record.resets };
}
