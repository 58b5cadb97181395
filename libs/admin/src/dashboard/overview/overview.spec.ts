import { ACTIVE_ROUTE, NO_MAINTENANCE, type RouteView } from '@waygate/core';
import { describe, expect, it } from 'vitest';
import { Links } from '../page/links.js';
import { unusualIn, upcomingIn, type Situation } from './overview.js';

const links = new Links('/waygate');
const route = (change: Partial<RouteView>): RouteView => ({
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
  ...change,
});
const CALM: Situation = {
  health: { status: 'ready', reason: '', since: 0, revision: 1 },
  global: { ...NO_MAINTENANCE, inForce: false, nextChange: null, until: null, revision: 0 },
  services: [],
  routes: [route({})],
  limits: [],
  globalLimit: null,
  flags: [],
  stale: [],
  webhooks: [],
  refused: new Map(),
};

describe('the overview', () => {
  it('is empty while all is calm', () => {
    expect(unusualIn(CALM, links)).toEqual([]);
    expect(upcomingIn(CALM, links, 0)).toEqual([]);
  });

  it('names what is down, the worst first', () => {
    const routes = [
      route({ key: 'GET:/m', status: 'maintenance', state: 'maintenance' }),
      route({ key: 'GET:/d', status: 'disabled', state: 'disabled' }),
    ];
    expect(unusualIn({ ...CALM, routes }, links).map(({ what }) => what)).toEqual(['GET:/d', 'GET:/m']);
  });

  it('says a stale store before anything else', () => {
    const health = { status: 'stale', reason: 'connection refused', since: 0, revision: 1 } as const;
    expect(unusualIn({ ...CALM, health }, links)).toMatchObject([{ tone: 'bad', why: 'connection refused' }]);
  });

  it('tells what comes in the order in which it comes, and nothing that is over', () => {
    const at = (hours: number) => new Date(hours * 3_600_000).toISOString();
    const routes = [
      route({ key: 'GET:/late', nextChange: at(3) }),
      route({ key: 'GET:/over', nextChange: at(0) }),
      route({ key: 'GET:/soon', nextChange: at(2) }),
    ];
    expect(upcomingIn({ ...CALM, routes }, links, 3_600_000).map(({ what }) => what)).toEqual(['GET:/soon', 'GET:/late']);
  });
});
