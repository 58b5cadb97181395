import { describe, expect, it } from 'vitest';
import { AddressSet } from './address-set.js';

describe('AddressSet', () => {
  const set = new AddressSet(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']);

  it.each(['10.1.2.3', '192.0.2.7', '::ffff:10.0.0.1', '2001:db8:ffff::1', '::1'])('has %s', (ip) => {
    expect(set.has(ip)).toBe(true);
  });

  it.each(['11.0.0.1', '192.0.2.8', '2001:db9::1', '', 'unknown'])('has not %j', (ip) => {
    expect(set.has(ip)).toBe(false);
  });
});
