import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from './errors.js';
import { formatRouteKey, parseRouteKey, ROUTE_METHODS } from './route-key.js';

describe('parseRouteKey', () => {
  it.each([
    ['GET:/items', null, 'GET', '/items'],
    ['get:/items', null, 'GET', '/items'],
    ['/items', null, null, '/items'],
    ['/items/:id', null, null, '/items/:id'],
    ['GET:/items/:id', null, 'GET', '/items/:id'],
    ['GET:/a:b/:c(\\d+)', null, 'GET', '/a:b/:c(\\d+)'],
    ['ALL:/files/*path', null, 'ALL', '/files/*path'],
    ['GET:/multi@3', null, 'GET', '/multi@3'],
    ['payments:GET:/items/:id', 'payments', 'GET', '/items/:id'],
    ['payments:/items/:id', 'payments', null, '/items/:id'],
    ['my.svc-1_x:post:/', 'my.svc-1_x', 'POST', '/'],
    ['/', null, null, '/'],
    ['/GET:/x', null, null, '/GET:/x'],
  ])('takes %s apart', (key, service, method, path) => {
    expect(parseRouteKey(key)).toEqual({ service, method, path });
  });

  it.each([
    '',
    'GET',
    'items',
    'GET/items',
    'a:b:GET:/x',
    'svc:NOPE:/x',
    ':/x',
    'GET:GET:/x',
    'sp ace:/x',
    `/${'x'.repeat(1100)}`,
  ])('refuses %j and names the field', (key) => {
    expect(() => parseRouteKey(key, 'exempt[3]')).toThrow(ValidationError);
    expect(() => parseRouteKey(key, 'exempt[3]')).toThrow(/^exempt\[3\]/);
  });

  it('is the inverse of formatRouteKey', () => {
    const service = fc.option(
      fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/).filter((name) => !ROUTE_METHODS.includes(name.toUpperCase() as never)),
    );
    const method = fc.option(fc.constantFrom(...ROUTE_METHODS));
    const path = fc.string({ maxLength: 60 }).map((text) => `/${text}`);
    fc.assert(
      fc.property(service, method, path, (s, m, p) => {
        const parts = { service: s, method: m, path: p };
        expect(parseRouteKey(formatRouteKey(parts))).toEqual(parts);
      }),
    );
  });
});
