import { describe, expect, it } from 'vitest';
import { ValidationError } from '../model/errors.js';
import { AddressGuard, isPublicAddress } from './address-guard.js';
import { readWebhookUrl } from './read-webhook-url.js';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1', '192.167.0.1', '223.255.255.255'])(
    'lets %s through',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each(['2606:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888', '2600::'])('lets %s through', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local, where clouds keep their metadata', '169.254.169.254'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT', '100.127.255.255'],
    ['protocol assignments', '192.0.0.8'],
    ['6to4 relays', '192.88.99.1'],
    ['benchmarks', '198.19.255.255'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.7'],
    ['documentation', '203.0.113.7'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback in hexadecimal', '::ffff:7f00:1'],
    ['mapped public', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64 with a public address', '64:ff9b::808:808'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['discard', '100::1'],
    ['unique local', 'fc00::1'],
    ['unique local, with the metadata of a cloud', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['Teredo', '2001::1'],
    ['ORCHID', '2001:20::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['6to4', '2002:7f00:1::'],
    ['segment routing', '5f00::1'],
    ['not an address', 'example.com'],
    ['not an address', ''],
  ])('refuses %s: %s', (_what, address) => expect(isPublicAddress(address)).toBe(false));
});

describe('AddressGuard', () => {
  it('allows what the operator lists, and nothing beside it', () => {
    const guard = new AddressGuard(['10.1.0.0/16', '192.168.7.7', 'fd00::/8', 'Internal.example']);
    expect(['10.1.2.3', '192.168.7.7', 'fd12::1', '8.8.8.8'].every((address) => guard.allowsAddress(address))).toBe(true);
    expect(['10.2.0.1', '192.168.7.8', 'fe80::1', '::ffff:10.2.0.1'].some((address) => guard.allowsAddress(address))).toBe(false);
    expect(guard.allowsHost('internal.example')).toBe(true);
    expect(guard.allowsHost('INTERNAL.EXAMPLE.')).toBe(true);
    expect(guard.allowsHost('sub.internal.example')).toBe(false);
    expect(guard.allowsHost('8.8.8.8')).toBe(false);
  });

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/8/8', '10.0.0.0/x', 'http://x', '', 'a b', '*'])(
    'refuses the entry %j',
    (entry) => expect(() => new AddressGuard([entry])).toThrow(RangeError),
  );
});

describe('readWebhookUrl', () => {
  const guard = new AddressGuard();
  const read = (url: unknown) => readWebhookUrl(url, guard, false);

  it.each([
    ['https://example.com/hooks?x=1', 'https://example.com/hooks?x=1'],
    ['https://example.com:8443/', 'https://example.com:8443/'],
    ['HTTPS://EXAMPLE.com#part', 'https://example.com/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/'],
  ])('takes %s', (url, expected) => expect(read(url)).toBe(expected));

  it.each([
    ['http', 'http://example.com/'],
    ['another scheme', 'ftp://example.com/'],
    ['another scheme', 'file:///etc/passwd'],
    ['another scheme', 'gopher://example.com/'],
    ['no URL', 'example.com/hooks'],
    ['no URL', ''],
    ['no text', 7],
    ['a very long one', `https://example.com/${'x'.repeat(2_048)}`],
    ['user and password', 'https://user:pw@example.com/'],
    ['a user that looks like a host', 'https://example.com@127.0.0.1/'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback as one number', 'https://2130706433/'],
    ['loopback in octal', 'https://0177.0.0.1/'],
    ['loopback in hexadecimal', 'https://0x7f000001/'],
    ['loopback cut short', 'https://127.1/'],
    ['loopback in full-width digits', 'https://１２７.0.0.1/'],
    ['unspecified', 'https://0/'],
    ['loopback', 'https://[::1]/'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['mapped loopback', 'https://[0:0:0:0:0:ffff:7f00:0001]/'],
    ['metadata of a cloud', 'https://169.254.169.254/latest/meta-data/'],
    ['NAT64', 'https://[64:ff9b::7f00:1]/'],
    ['localhost', 'https://localhost/'],
    ['localhost', 'https://LOCALHOST.:8080/'],
    ['under localhost', 'https://app.localhost/'],
  ])('refuses %s: %s', (_what, url) => expect(() => read(url)).toThrow(ValidationError));

  it('does not repeat a refused URL, which may hold a secret', () => {
    expect(() => read('https://user:hunter2@example.com/')).toThrow(/^url: (?!.*hunter2)/);
  });

  it('takes http where the host is listed, or everywhere when told so', () => {
    expect(readWebhookUrl('http://127.0.0.1:9/', new AddressGuard(['127.0.0.1']), false)).toBe('http://127.0.0.1:9/');
    expect(readWebhookUrl('http://localhost:9/', new AddressGuard(['localhost']), false)).toBe('http://localhost:9/');
    expect(readWebhookUrl('http://example.com/', guard, true)).toBe('http://example.com/');
    expect(() => readWebhookUrl('http://127.0.0.1/', guard, true)).toThrow(ValidationError);
  });
});
