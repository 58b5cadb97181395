import { describe, expect, it } from 'vitest';
import { addressKey } from './address-key.js';

describe('addressKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['::1:ffff:c000:201', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
    ['not:an:address', 'not:an:address'],
  ])('makes %s the caller %s', (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });

  it('groups by another prefix, and leaves mapped addresses alone when told to', () => {
    expect(addressKey('2001:db8:1:2:3::', { ipv6Prefix: 56 })).toBe('2001:db8:1:0::/56');
    expect(addressKey('2001:db8:1:ff02:3::', { ipv6Prefix: 56 })).toBe('2001:db8:1:ff00::/56');
    expect(addressKey('::ffff:192.0.2.1', { unmapIpv4: false, ipv6Prefix: 128 })).toBe('0:0:0:0:0:ffff:c000:201::/128');
  });
});
