import { describe, expect, it } from 'vitest';
import { routeView } from '../../../../../test/support/route-view.js';
import { Links } from '../ui/links.js';
import { namedOf, unusualIn, upcomingIn, type Situation } from './overview.js';

const links = new Links('/waygate');
const CALM: Situation = {
  health: { status: 'ready', reason: '', since: 0, revision: 1 },
  switches: [],
  routes: [routeView('GET:/a')],
  scopeLimits: [],
  flags: [],
  stale: [],
  webhooks: [],
  instances: [],
  expectedRevision: 7,
  upcoming: [],
  refused: new Map(),
  firing: new Map(),
};

describe('the overview', () => {
  it('is empty while all is calm', () => {
    expect(unusualIn(CALM, links)).toEqual([]);
    expect(upcomingIn(CALM, links, 0)).toEqual([]);
  });

  it('names what is down, the worst first', () => {
    const routes = [
      routeView('GET:/m', { status: 'maintenance', state: 'maintenance' }),
      routeView('GET:/d', { status: 'disabled', state: 'disabled' }),
    ];
    expect(unusualIn({ ...CALM, routes }, links).map(({ what }) => what)).toEqual(['GET:/d', 'GET:/m']);
  });

  it('names a few of each kind, so that many of one hide no other, and where all of them are', () => {
    const routes = Array.from({ length: 40 }, (_, i) => routeView(`GET:/${i}`, { status: 'disabled', state: 'disabled' }));
    routes.push(routeView('GET:/m', { status: 'maintenance', state: 'maintenance' }));
    const named = namedOf(unusualIn({ ...CALM, routes }, links), links);
    expect(named).toMatchObject([
      { kind: 'Disabled', more: 35, href: '/waygate/routes?status=disabled' },
      { kind: 'Maintenance', named: [{ what: 'GET:/m' }], more: 0 },
    ]);
    expect(named[0]?.named).toHaveLength(5);
  });

  it('says a stale store before anything else', () => {
    const health = { status: 'stale', reason: 'connection refused', since: 0, revision: 1 } as const;
    expect(unusualIn({ ...CALM, health }, links)).toMatchObject([{ tone: 'bad', why: 'connection refused' }]);
  });

  it('names limits that fire on routes that are seen, the busiest first', () => {
    const routes = [routeView('GET:/a'), routeView('GET:/b')];
    const firing = new Map([
      ['GET:/a', 3],
      ['GET:/hidden', 9],
      ['GET:/b', 40],
    ]);
    expect(unusualIn({ ...CALM, routes, firing }, links)).toMatchObject([
      { kind: 'Limit fires', what: 'GET:/b', why: '40 requests refused in the last 10 minutes' },
      { what: 'GET:/a' },
    ]);
  });

  it('names instances that are gone, and those that are behind once they had time', () => {
    const instance = { service: 'shop', version: null, lastSeen: 0 };
    const instances = [
      { ...instance, id: 'a', revision: 7, isConnected: true },
      { ...instance, id: 'b', revision: 6, isConnected: true },
      { ...instance, id: 'c', revision: 7, isConnected: false },
    ];
    expect(unusualIn({ ...CALM, instances }, links)).toMatchObject([
      { kind: 'Instance stale', what: 'shop b', why: 'at r6 instead of r7' },
      { kind: 'Instance gone', what: 'shop c' },
    ]);
    expect(unusualIn({ ...CALM, instances, expectedRevision: null }, links)).toHaveLength(1);
  });

  it('tells what comes in the order in which it comes, and nothing that is over', () => {
    const at = (hours: number) => new Date(hours * 3_600_000).toISOString();
    const change = { kind: 'route', service: null, change: 'window_opened', reason: '' } as const;
    const upcoming = [
      { ...change, key: 'GET:/soon', at: at(2) },
      { ...change, key: 'GET:/over', at: at(0) },
      { ...change, key: 'checkout', kind: 'flag', change: 'scheduled_change', reason: 'switch off', at: at(4) } as const,
    ];
    const routes = [routeView('GET:/late', { deprecation: { since: at(0), sunset: at(3), successor: null, link: null } })];
    expect(upcomingIn({ ...CALM, routes, upcoming }, links, 3_600_000)).toMatchObject([
      { what: 'GET:/soon', change: 'a window opens' },
      { what: 'GET:/late', change: 'sunset' },
      { what: 'checkout', change: 'planned change: switch off' },
    ]);
  });
});
