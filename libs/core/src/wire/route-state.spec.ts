import { describe, expect, it } from 'vitest';
import { NO_MAINTENANCE } from '../schema/maintenance.js';
import { ACTIVE_ROUTE, type DeclaredRoute, type RouteOverride } from '../schema/route.js';
import { auditPath } from './audit-path.js';
import { maintenanceOnWire, routeStateOnWire } from './route-state.js';
import { instantOnWire } from './time.js';

const NOW = Date.UTC(2026, 10, 21, 12);
const ACTIVE = {
  path: 'GET:/a',
  service: null,
  status: 'active',
  reason: '',
  allowed_envs: [],
  allowed_roles: [],
  allowed_ips: [],
  window: null,
  sunset_date: null,
  successor_path: null,
  rollout_percentage: 100,
  force_active: false,
};
const early = { start: '2026-11-21T10:00:00.000Z', end: '2026-11-21T11:00:00.000Z' };
const current = { start: '2026-11-21T11:00:00.000Z', end: '2026-11-21T13:00:00.000Z' };
const late = { start: '2026-11-22T00:00:00.000Z', end: '2026-11-22T02:00:00.500Z' };

const SET = { setAt: '2026-11-21T09:00:00.000Z', setBy: 'alice' };

function override(fields: Partial<RouteOverride>): RouteOverride {
  return { state: 'maintenance', reason: 'why', environments: null, ...SET, window: null, beneath: null, ...fields };
}
function stateOf(declared: Partial<DeclaredRoute>, over: RouteOverride | null = null) {
  return routeStateOnWire('GET:/a', { service: null, declared: { ...ACTIVE_ROUTE, ...declared }, override: over }, NOW);
}

describe('routeStateOnWire', () => {
  it('always has the twelve fields of the contract', () => {
    expect(stateOf({})).toEqual(ACTIVE);
    expect(Object.keys(stateOf({}))).toEqual(Object.keys(ACTIVE));
  });

  it.each([
    ['disabled', override({ state: 'disabled' }), { status: 'disabled', reason: 'why' }],
    [
      'gated',
      override({ state: 'env_gated', environments: ['dev'] }),
      { status: 'env_gated', reason: 'why', allowed_envs: ['dev'] },
    ],
    [
      'in an open window',
      override({ window: current }),
      {
        status: 'maintenance',
        reason: 'why',
        window: { start: '2026-11-21T11:00:00Z', end: '2026-11-21T13:00:00Z', reason: 'why' },
      },
    ],
    [
      'before its window: active, with the window to come',
      override({ window: late }),
      { window: { start: '2026-11-22T00:00:00Z', end: '2026-11-22T02:00:00.500000Z', reason: 'why' } },
    ],
    ['after its window', override({ window: early }), {}],
    [
      'until further notice, from a moment on',
      override({ window: { start: late.start, end: null } }),
      { window: { start: '2026-11-22T00:00:00Z', end: '9999-12-31T23:59:59Z', reason: 'why' } },
    ],
    [
      'disabled for a time',
      override({ state: 'disabled', window: { start: null, end: current.end } }),
      {
        status: 'disabled',
        reason: 'why',
        window: { start: '1970-01-01T00:00:00Z', end: '2026-11-21T13:00:00Z', reason: 'why' },
      },
    ],
    [
      'over one that is over',
      override({ window: early, beneath: override({ window: late, reason: 'later' }) }),
      { window: { start: '2026-11-22T00:00:00Z', end: '2026-11-22T02:00:00.500000Z', reason: 'later' } },
    ],
    ['enabled for a time', override({ state: 'active', reason: '', window: { start: null, end: current.end } }), {}],
  ])('shows a route %s', (_what, over, expected) => {
    expect(stateOf({}, over)).toEqual({ ...ACTIVE, ...expected });
  });

  it('shows what is declared', () => {
    const deprecation = { since: early.start, sunset: '2027-01-01T00:00:00.000Z', successor: '/v2/a', link: null };
    expect(stateOf({ deprecation })).toEqual({
      ...ACTIVE,
      status: 'deprecated',
      sunset_date: 'Fri, 01 Jan 2027 00:00:00 GMT',
      successor_path: '/v2/a',
    });
    expect(stateOf({ environments: ['dev', 'qa'] })).toMatchObject({ status: 'env_gated', allowed_envs: ['dev', 'qa'] });
    expect(stateOf({ state: 'maintenance', reason: 'r', window: late })).toMatchObject({
      status: 'active',
      window: { reason: 'r' },
    });
    expect(stateOf({ forceActive: true }, override({}))).toEqual({ ...ACTIVE, force_active: true });
  });
});

describe('the wire', () => {
  it('has a maintenance switch without its window', () => {
    expect(maintenanceOnWire({ ...NO_MAINTENANCE, enabled: true, exempt: ['/health'], window: current }, NOW)).toEqual({
      enabled: true,
      reason: '',
      exempt_paths: ['/health'],
      include_force_active: false,
    });
  });

  it('is off while a planned maintenance has not begun, and keeps the routes that stay up', () => {
    const planned = { ...NO_MAINTENANCE, enabled: true, reason: 'later', exempt: ['/health'], window: late };
    expect(maintenanceOnWire(planned, NOW)).toEqual({
      enabled: false,
      reason: '',
      exempt_paths: ['/health'],
      include_force_active: false,
    });
  });

  it('gives of a recurring window the opening that lasts, or the next one', () => {
    const recurrence = { cron: '0 11 * * *', durationMs: 7_200_000, timeZone: 'UTC' };
    const lasting = override({ window: { start: null, end: null, recurrence } });
    expect(stateOf({}, lasting)).toMatchObject({
      status: 'maintenance',
      window: { start: '2026-11-21T11:00:00Z', end: '2026-11-21T13:00:00Z' },
    });
    const next = override({ window: { start: null, end: null, recurrence: { ...recurrence, cron: '0 3 * * *' } } });
    expect(stateOf({}, next)).toMatchObject({
      status: 'active',
      window: { start: '2026-11-22T03:00:00Z', end: '2026-11-22T05:00:00Z' },
    });
  });

  it.each([
    ['route', 'shop:GET:/a', 'shop:GET:/a'],
    ['rate-limit', 'GET:/a', 'GET:/a'],
    ['maintenance', '*', '__global__'],
    ['maintenance', 'shop', '__waygate:svc_global:shop__'],
    ['limit-scope', '*', '__global_rl__'],
    ['limit-scope', 'shop', '__waygate:svc_rl:shop__'],
    ['flag', 'dark-mode', 'flag:dark-mode'],
    ['segment', 'beta', 'segment:beta'],
    ['webhook', 'ops', 'webhook:ops'],
  ] as const)('calls the %s %s %s', (kind, key, path) => expect(auditPath(kind, key)).toBe(path));

  it.each([
    ['2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00Z'],
    ['2027-01-01T00:00:00.120Z', '2027-01-01T00:00:00.120000Z'],
  ])('writes %s as %s', (instant, text) => expect(instantOnWire(instant)).toBe(text));
});
