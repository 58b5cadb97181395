import { describe, expect, it } from 'vitest';
import { AmbiguousRouteError, RouteNotFoundError } from '../model/errors.js';
import { resolveRoute } from './resolve-route.js';

const KEYS = ['GET:/a', 'POST:/a', 'shop:GET:/cart', 'other:GET:/cart', 'payments:GET:/refunds'];

const resolve = (key: string, service: string | null = null) =>
  resolveRoute(key, { service, has: (recordKey) => KEYS.includes(recordKey), keys: () => KEYS });

describe('resolveRoute', () => {
  it('finds a key as it is, and the only method of a bare path', () => {
    expect(resolve('GET:/a')).toBe('GET:/a');
    expect(resolve('payments:/refunds')).toBe('payments:GET:/refunds');
    expect(() => resolve('/a')).toThrow(AmbiguousRouteError);
  });

  it('finds the only service that has a key without one, where the process has no service', () => {
    expect(resolve('GET:/refunds')).toBe('payments:GET:/refunds');
    expect(resolve('/refunds')).toBe('payments:GET:/refunds');
  });

  it('lists every service that has it', () => {
    expect(() => resolve('GET:/cart')).toThrow(
      expect.objectContaining({ matches: ['other:GET:/cart', 'shop:GET:/cart'] }) as AmbiguousRouteError,
    );
  });

  it('stays within the service of the process, so that a typo changes nothing elsewhere', () => {
    expect(resolve('GET:/cart', 'shop')).toBe('shop:GET:/cart');
    expect(() => resolve('GET:/refunds', 'shop')).toThrow(RouteNotFoundError);
  });
});
