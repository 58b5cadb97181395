import { BlockList, isIP } from 'node:net';

/** An IPv4 address inside an IPv6 one; the first group is the IPv4 address. */
export const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

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
    const plain = MAPPED_IPV4.exec(ip)?.[1] ?? withoutZone(ip);
    const family = isIP(plain);
    return family !== 0 && this.#blocks.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** An IPv6 address without the name of a network interface behind `%`. */
export function withoutZone(ip: string): string {
  const zone = ip.indexOf('%');
  return zone === -1 ? ip : ip.slice(0, zone);
}

/** Whether a text is an address or a CIDR block, e.g. `10.0.0.0/8` or `2001:db8::/32`. */
export function isAddressBlock(block: unknown): block is string {
  if (typeof block !== 'string') return false;
  const [address = '', bits, more] = block.split('/');
  const family = isIP(address);
  const widest = family === 6 ? 128 : 32;
  return family !== 0 && more === undefined && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest));
}
