import { randomBytes } from 'node:crypto';

/** Makes short names of secrets that nobody can turn back or compare outside this process. */
export class Fingerprint {
  readonly #seeds: readonly [number, number];

  constructor() {
    const seeds = randomBytes(8);
    this.#seeds = [seeds.readUInt32LE(0), seeds.readUInt32LE(4)];
  }

  /** 64 bits as text. */
  of(text: string): string {
    let [a, b] = this.#seeds;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 0x9e3779b1);
      b = Math.imul(b ^ code, 0x5f356495);
      a ^= a >>> 15;
    }
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
    b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
    return `${(a >>> 0).toString(36)}-${(b >>> 0).toString(36)}`;
  }
}
