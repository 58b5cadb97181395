import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../schema/audit.js';
import type { AuditAction } from '../model/vocabulary.js';
import { NO_MAINTENANCE } from '../schema/maintenance.js';
import { ACTIVE_ROUTE, type RouteOverride, type RouteRecord } from '../schema/route.js';
import { changeEvent } from './change-event.js';

const NOW = Date.UTC(2026, 10, 21, 12);
const OPEN = { start: '2026-11-21T11:00:00.000Z', end: '2026-11-21T13:00:00.000Z' };
const OVER = { start: '2026-11-21T11:00:00.000Z', end: '2026-11-21T12:00:00.000Z' };

const SET = { setAt: '2026-11-21T10:00:00.000Z', setBy: 'alice' };

function route(state?: RouteOverride['state'], window: RouteOverride['window'] = null): RouteRecord {
  const override = state === undefined ? null : { state, reason: 'r', environments: null, ...SET, window, beneath: null };
  return { service: null, declared: ACTIVE_ROUTE, override };
}
function entry(action: AuditAction, fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: '8d1e…',
    at: '2026-11-21T12:00:00.250Z',
    action,
    kind: 'route',
    key: 'GET:/a',
    service: null,
    actor: 'alice',
    platform: 'cli',
    reason: 'hotfix',
    before: null,
    after: null,
    ...fields,
  };
}

describe('changeEvent', () => {
  it('tells who changed what, when and why, with the route as it is', () => {
    const before = route();
    const after = route('disabled');
    const { event } = changeEvent(entry('disable', { before, after }), after, NOW);
    expect(event).toEqual({
      id: '8d1e…',
      event: 'disable',
      path: 'GET:/a',
      reason: 'hotfix',
      timestamp: '2026-11-21T12:00:00.250+00:00',
      state: expect.objectContaining({ path: 'GET:/a', status: 'disabled', reason: 'r' }),
      actor: 'alice',
      platform: 'cli',
      service: null,
      before: expect.objectContaining({ status: 'active' }),
      after: expect.objectContaining({ status: 'disabled' }),
    });
  });

  it('has no state where no route is concerned', () => {
    const on = { ...NO_MAINTENANCE, enabled: true };
    expect(changeEvent(entry('global_maintenance_on', { kind: 'maintenance', key: '*', after: on }), null, NOW)).toMatchObject({
      event: { path: '__global__', state: null, before: null, after: { enabled: true, exempt_paths: [] } },
      alias: null,
    });
    const flag = entry('flag_updated', { kind: 'flag', key: 'dark-mode', before: { a: 1 }, after: { a: 2 } });
    expect(changeEvent(flag, null, NOW).event).toMatchObject({ path: 'flag:dark-mode', state: null, before: null, after: null });
  });

  it.each([
    ['enable', route('maintenance'), route('active'), 'maintenance_off'],
    ['clear', route('maintenance'), route(), 'maintenance_off'],
    ['disable', route('maintenance'), route('disabled'), 'maintenance_off'],
    ['maintenance_on', route(), route('maintenance'), 'maintenance_on'],
    ['enable', route('disabled'), route('active'), null],
    ['maintenance_on', route(), route('maintenance', { start: '2026-12-01T00:00:00.000Z', end: null }), null],
    [
      'window_opened',
      route('maintenance', { ...OPEN, start: OVER.end }),
      route('maintenance', { ...OPEN, start: OVER.end }),
      'maintenance_on',
    ],
    ['window_closed', route('maintenance', OVER), route('maintenance', OVER), 'maintenance_off'],
    ['window_closed', route('maintenance', OVER), route(), 'maintenance_off'],
    ['override_expired', route('disabled', OVER), route(), null],
  ] as const)('also calls a %s that leads in or out of maintenance so (%#)', (action, before, after, alias) => {
    expect(changeEvent(entry(action, { before, after }), after, NOW).alias).toBe(alias);
  });
});
