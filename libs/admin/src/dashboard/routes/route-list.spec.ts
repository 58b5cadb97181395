import { ACTIVE_ROUTE, type RouteView } from '@waygate/core';
import { describe, expect, it } from 'vitest';
import { listRoutes, PAGE_SIZE, readRouteFilter } from './route-list.js';

const route = (key: string, change: Partial<RouteView> = {}): RouteView => ({
  key,
  service: null,
  method: 'GET',
  path: key.slice(4),
  declared: ACTIVE_ROUTE,
  override: null,
  tags: [],
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
const filterOf = (query: Record<string, string>) => readRouteFilter((name) => query[name] ?? '');

describe('the list of routes', () => {
  const all = [
    route('GET:/orders'),
    route('GET:/payments', { status: 'maintenance', reason: 'Ledger' }),
    route('POST:/payments', { method: 'POST', service: 'shop', tags: ['billing', 'v2'] }),
  ];
  const keys = (query: Record<string, string>) => listRoutes(all, filterOf(query)).items.map(({ key }) => key);

  it.each([
    [{ q: 'PAY' }, ['GET:/payments', 'POST:/payments']],
    [{ q: 'pay ledger' }, ['GET:/payments']],
    [{ status: 'maintenance' }, ['GET:/payments']],
    [{ service: '-' }, ['GET:/orders', 'GET:/payments']],
    [{ service: 'shop' }, ['POST:/payments']],
    [{ method: 'post' }, ['POST:/payments']],
    [{ tag: 'v2' }, ['POST:/payments']],
    [{ tag: 'v' }, []],
    [{ q: 'billing' }, ['POST:/payments']],
    [{ status: 'nonsense' }, ['GET:/orders', 'GET:/payments', 'POST:/payments']],
  ])('is cut by %j', (query, expected) => {
    expect(keys(query)).toEqual(expected);
  });

  it('names every tag there is, whatever is asked for', () => {
    expect(listRoutes(all, filterOf({ method: 'GET' })).tags).toEqual(['billing', 'v2']);
  });

  it('counts statuses whatever status is asked for', () => {
    expect(listRoutes(all, filterOf({ status: 'maintenance' })).counts).toMatchObject({ active: 2, maintenance: 1 });
  });

  it('has pages, and gives the last one for those beyond', () => {
    const many = Array.from({ length: 2 * PAGE_SIZE + 1 }, (_, i) => route(`GET:/r${i}`));
    expect(listRoutes(many, filterOf({ page: '9' }))).toMatchObject({ page: 3, pages: 3, total: 2 * PAGE_SIZE + 1 });
    expect(listRoutes(many, filterOf({ page: '3' })).items).toHaveLength(1);
  });
});
