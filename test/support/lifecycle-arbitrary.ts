import fc from 'fast-check';
import { ACTIVE_ROUTE, type DeclaredRoute, type MaintenanceRecord, type RouteOverride, type TimeWindow } from '@waygate/core';

const HORIZON = 10_000;
/** An instant within the horizon, epoch ms. */
export const time = fc.integer({ min: 0, max: HORIZON });
const instant = time.map((ms) => new Date(ms).toISOString());
const window: fc.Arbitrary<TimeWindow> = fc.oneof(
  fc.record({ start: instant, end: fc.constant(null) }),
  fc.record({ start: fc.constant(null), end: instant }),
  fc.tuple(time, fc.integer({ min: 1, max: 3_000 })).map(([start, length]) => ({
    start: new Date(start).toISOString(),
    end: new Date(start + length).toISOString(),
  })),
);
const environments = fc.option(fc.subarray(['dev', 'staging', 'prod'], { minLength: 1 }));
/** What code may declare. */
export const declared: fc.Arbitrary<DeclaredRoute> = fc
  .record({
    state: fc.constantFrom('active' as const, 'maintenance' as const, 'disabled' as const),
    reason: fc.string({ maxLength: 5 }),
    window: fc.option(window),
    environments,
    forceActive: fc.boolean(),
  })
  .map((part) => ({ ...ACTIVE_ROUTE, ...part }));

function overrideOf(depth: number): fc.Arbitrary<RouteOverride | null> {
  if (depth === 0) return fc.constant(null);
  const state = fc.constantFrom('active' as const, 'maintenance' as const, 'disabled' as const, 'env_gated' as const);
  return fc.option(
    fc
      .record({ state, reason: fc.string({ maxLength: 3 }), window: fc.option(window), beneath: overrideOf(depth - 1) })
      .map((part) => ({
        ...part,
        setAt: '2026-01-01T00:00:00.000Z',
        setBy: 'alice',
        environments: part.state === 'env_gated' ? ['dev'] : null,
      })),
  );
}
/** Up to four overrides, one above the other. */
export const override = overrideOf(4);

/** A maintenance switch that is on, with up to two others beneath it. */
export const maintenance = maintenanceOf(2);

function maintenanceOf(depth: number): fc.Arbitrary<MaintenanceRecord> {
  const beneath = depth === 0 ? fc.constant(null) : fc.option(maintenanceOf(depth - 1));
  return fc
    .record({
      enabled: fc.constant(true),
      reason: fc.string({ maxLength: 3 }),
      exempt: fc.subarray(['/a', 'GET:/a', '/b']),
      includeForceActive: fc.boolean(),
      window: fc.option(window),
      setAt: fc.option(instant),
      setBy: fc.constant('bob'),
      beneath,
    })
    .map((record) => (record.window === null ? { ...record, beneath: null } : record));
}
