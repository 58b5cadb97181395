import { BlockList, isIP } from 'node:net';

/** Not for the public (IANA special-purpose registries): private, loopback, link-local, shared, documentation, multicast, …. */
const CLOSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** All that is global unicast; mapped, NAT64, unique local, link-local and multicast addresses lie outside of it. */
const OPEN_IPV6 = ['2000::/3'];
/** Within it: Teredo and other protocols, documentation, 6to4, whose last bits are IPv4 addresses of anything. */
const CLOSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const closedIpv4 = blockList(CLOSED_IPV4);
const openIpv6 = blockList(OPEN_IPV6);
const closedIpv6 = blockList(CLOSED_IPV6);

/** Whether an address is one of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  const ip = withoutZone(address);
  const family = isIP(ip);
  if (family === 4) return !closedIpv4.check(ip, 'ipv4');
  return family === 6 && openIpv6.check(ip, 'ipv6') && !closedIpv6.check(ip, 'ipv6');
}

/** Decides where webhooks may go: to the public internet, and to what the operator allows besides. */
export class AddressGuard {
  readonly #blocks: BlockList;
  readonly #hosts: ReadonlySet<string>;

  /**
   * @param allow CIDR blocks, addresses and host names that are fine although they are not public
   * @throws {RangeError} naming the entry that is none of these
   */
  constructor(allow: readonly string[] = []) {
    this.#blocks = blockList(allow.filter((entry) => isIP(entry.split('/')[0] ?? '') !== 0));
    const hosts = allow.filter((entry) => isIP(entry.split('/')[0] ?? '') === 0).map((entry) => entry.toLowerCase());
    for (const host of hosts) if (!/^[a-z0-9_]([a-z0-9._-]{0,252})$/.test(host)) throw new RangeError(host);
    this.#hosts = new Set(hosts);
  }

  /** @param host a name, or an address without brackets */
  allowsHost(host: string): boolean {
    return isIP(host) === 0 ? this.#hosts.has(host.toLowerCase().replace(/\.$/, '')) : this.#listed(host);
  }

  allowsAddress(address: string): boolean {
    return isPublicAddress(address) || this.#listed(address);
  }

  #listed(address: string): boolean {
    const ip = withoutZone(address);
    const family = isIP(ip);
    return family !== 0 && this.#blocks.check(ip, family === 6 ? 'ipv6' : 'ipv4');
  }
}

function blockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits, ...more] = block.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    if (more.length > 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > longest)))
      throw new RangeError(block);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function withoutZone(ip: string): string {
  const zone = ip.indexOf('%');
  return zone === -1 ? ip : ip.slice(0, zone);
}
