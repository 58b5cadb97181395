import { BlockList, isIP } from 'node:net';

/** An IPv4 address inside an IPv6 one; the first group is the IPv4 address. */
export const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

const WITH_PORT = /^(?:\[([^\]]*)\](?::\d*)?|(\d{1,3}(?:\.\d{1,3}){3}):\d*)$/;

/** Tells whether an address lies in any of some blocks. */
export class AddressSet {
  readonly #blocks = new BlockList();

  /** @param blocks checked CIDR blocks and addresses */
  constructor(blocks: readonly string[]) {
    for (const block of blocks) {
      const [address = '', bits] = block.split('/');
      const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#blocks.addAddress(address, type);
      else this.#blocks.addSubnet(address, Number(bits), type);
    }
  }

  has(ip: string): boolean {
    const address = withoutPort(ip);
    const plain = MAPPED_IPV4.exec(address)?.[1] ?? withoutZone(address);
    const family = isIP(plain);
    return family !== 0 && this.#blocks.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** An IPv6 address without the name of a network interface behind `%`. */
export function withoutZone(ip: string): string {
  const zone = ip.indexOf('%');
  return zone === -1 ? ip : ip.slice(0, zone);
}

/** An address without what some proxies write around it: `192.0.2.1:5555`, `[2001:db8::1]`, `[2001:db8::1]:5555`. */
export function withoutPort(ip: string): string {
  return ip.includes(':')
    ? (WITH_PORT.exec(ip)
        ?.slice(1)
        .find((part) => part !== undefined) ?? ip)
    : ip;
}

/** Whether a text is an address or a CIDR block, e.g. `10.0.0.0/8` or `2001:db8::/32`. */
export function isAddressBlock(block: unknown): block is string {
  if (typeof block !== 'string') return false;
  const [address = '', bits, more] = block.split('/');
  const family = isIP(address);
  const widest = family === 6 ? 128 : 32;
  return family !== 0 && more === undefined && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest));
}
