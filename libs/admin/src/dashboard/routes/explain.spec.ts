import { ACTIVE_ROUTE, NO_MAINTENANCE, type MaintenanceView, type RouteView } from '@waygate/core';
import { describe, expect, it } from 'vitest';
import { explainRoute, type Circumstances } from './explain.js';

const OFF: MaintenanceView = { ...NO_MAINTENANCE, inForce: false, nextChange: null, until: null, revision: 0 };
const ON: MaintenanceView = { ...OFF, enabled: true, inForce: true, reason: 'moving' };
const ROUTE: RouteView = {
  key: 'GET:/a',
  service: null,
  method: 'GET',
  path: '/a',
  declared: ACTIVE_ROUTE,
  override: null,
  status: 'active',
  state: 'active',
  reason: '',
  environments: null,
  deprecation: null,
  forceActive: false,
  until: null,
  source: 'declared',
  nextChange: null,
  revision: 1,
};
const CALM: Circumstances = {
  route: ROUTE,
  environment: 'dev',
  global: OFF,
  service: null,
  globalLimit: null,
  serviceLimit: null,
  policies: [],
};
const verdicts = (change: Partial<Circumstances>) =>
  explainRoute({ ...CALM, ...change }).map(({ title, verdict }) => `${title}: ${verdict}`);

describe('what a request meets', () => {
  it('is every check, in their order', () => {
    expect(verdicts({})).toEqual([
      'Global maintenance: pass',
      'Environment: pass',
      'Route state: pass',
      'Global limit: skip',
      'Route limits: skip',
    ]);
  });

  it.each([
    ['global maintenance', { global: ON }, 'Global maintenance: block'],
    ['another environment', { route: { ...ROUTE, environments: ['prod'] } }, 'Environment: block'],
    ['a disabled route', { route: { ...ROUTE, state: 'disabled' } }, 'Route state: block'],
  ] as const)('ends with %s', (_name, change, last) => {
    expect(verdicts(change).at(-1)).toBe(last);
  });

  it.each([
    ['an exempt path', { global: { ...ON, exempt: ['/a'] } }],
    ['an exempt method and path', { global: { ...ON, exempt: ['GET:/a'] } }],
    ['a force-active route', { global: ON, route: { ...ROUTE, forceActive: true } }],
  ])('goes past maintenance for %s', (_name, change) => {
    expect(verdicts(change)[0]).toBe('Global maintenance: pass');
  });

  it('stops force-active routes where maintenance includes them', () => {
    const change = { global: { ...ON, includeForceActive: true }, route: { ...ROUTE, forceActive: true } };
    expect(verdicts(change)).toEqual(['Global maintenance: block']);
  });
});
