import { isIP } from 'node:net';
import { MAPPED_IPV4, withoutPort, withoutZone } from '../model/address-set.js';

/** How addresses are grouped before they are counted. */
export interface AddressGrouping {
  /** Leading bits of an IPv6 address that make one caller, 1 to 128. Default 64: what one subscriber usually holds. */
  readonly ipv6Prefix?: number;
  /** Counts `::ffff:192.0.2.1` as `192.0.2.1`. Default `true`. */
  readonly unmapIpv4?: boolean;
}

/** The caller an address stands for; ports and brackets do not count. What is no address comes back as it is. */
export function addressKey(given: string, { ipv6Prefix = 64, unmapIpv4 = true }: AddressGrouping = {}): string {
  if (!given.includes(':')) return given;
  const ip = withoutPort(given);
  if (unmapIpv4) {
    const mapped = MAPPED_IPV4.exec(ip);
    if (mapped?.[1] !== undefined) return mapped[1];
  }
  const groups = ipv6Groups(ip);
  if (groups === null) return ip;
  if (unmapIpv4 && groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return dotted(groups[6] ?? 0, groups[7] ?? 0);
  const kept = groups.map((group, index) => group & maskOf(ipv6Prefix - index * 16));
  return `${kept
    .slice(0, Math.ceil(ipv6Prefix / 16))
    .map((group) => group.toString(16))
    .join(':')}::/${ipv6Prefix}`;
}

/** The eight groups of an IPv6 address, or `null` for anything else. */
function ipv6Groups(ip: string): number[] | null {
  const plain = withoutZone(ip);
  if (isIP(plain) !== 6) return null;
  const [head = '', tail] = unembedded(plain).split('::');
  const front = hexGroups(head);
  if (tail === undefined) return front;
  const back = hexGroups(tail);
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}

/** `::ffff:1.2.3.4` with its last part as two hexadecimal groups. */
function unembedded(ip: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip);
  if (match === null) return ip;
  const [, before = '', a, b, c, d] = match;
  const group = (high: string | undefined, low: string | undefined) => (Number(high) * 256 + Number(low)).toString(16);
  return `${before}${group(a, b)}:${group(c, d)}`;
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 16 ? 0xffff : (0xffff << (16 - bits)) & 0xffff;
}
