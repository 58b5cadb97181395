import { describe, expect, it } from 'vitest';
import { routeView } from '../../../../../test/support/route-view.js';
import { listRoutes, PAGE_SIZE, readRouteFilter } from './route-list.js';

const filterOf = (query: Record<string, string>) => readRouteFilter((name) => query[name] ?? '');

describe('the list of routes', () => {
  const all = [
    routeView('GET:/orders'),
    routeView('GET:/payments', { status: 'maintenance', reason: 'Ledger' }),
    routeView('POST:/payments', { service: 'shop', tags: ['billing', 'v2'] }),
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
    const many = Array.from({ length: 2 * PAGE_SIZE + 1 }, (_, i) => routeView(`GET:/r${i}`));
    expect(listRoutes(many, filterOf({ page: '9' }))).toMatchObject({ page: 3, pages: 3, total: 2 * PAGE_SIZE + 1 });
    expect(listRoutes(many, filterOf({ page: '3' })).items).toHaveLength(1);
  });
});
