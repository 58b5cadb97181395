import { createHash, randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { ConfigurationError } from '@waygate/core';

/** What it costs to try one password: 2^ln · r · 128 bytes of memory, p times. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** About 0.4 s and 128 MB for one attempt. */
const DEFAULT_COST: ScryptCost = { ln: 17, r: 8, p: 1 };
const HASH = /^\$?scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{22,88})$/;
const KEY_BYTES = 32;

/**
 * What may stand in a configuration in place of a password: `scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
 * @param cost what one attempt is to cost; default about 0.4 s
 */
export async function hashPassword(password: string, cost: ScryptCost = DEFAULT_COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost, KEY_BYTES);
  return `scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** A password as it is configured: a hash, or in plain. */
export class StoredPassword {
  /** `null` = kept in plain. */
  readonly cost: ScryptCost | null;
  readonly #salt: Buffer;
  readonly #key: Buffer;

  /** @throws {ConfigurationError} for what looks like a hash but is none */
  constructor(text: string) {
    const match = HASH.exec(text);
    if (match === null) {
      if (/^\$?scrypt\$/.test(text))
        throw new ConfigurationError('A password begins like a scrypt hash but cannot be read as one.');
      this.cost = null;
      this.#salt = Buffer.alloc(0);
      this.#key = digest(text);
      return;
    }
    const [, ln = '', r = '', p = '', salt = '', key = ''] = match;
    this.cost = { ln: Number(ln), r: Number(r), p: Number(p) };
    if (this.cost.ln < 10 || this.cost.ln > 20 || this.cost.r < 1 || this.cost.r > 16 || this.cost.p < 1 || this.cost.p > 4)
      throw new ConfigurationError('A password hash must have ln from 10 to 20, r from 1 to 16 and p from 1 to 4.');
    this.#salt = Buffer.from(salt, 'base64');
    this.#key = Buffer.from(key, 'base64');
  }

  /** Takes the same time whatever the password. */
  async matches(password: string): Promise<boolean> {
    const given = this.cost === null ? digest(password) : await derive(password, this.#salt, this.cost, this.#key.length);
    return timingSafeEqual(given, this.#key);
  }
}

/** Spends what an attempt of that cost takes. */
export async function spend(cost: ScryptCost): Promise<void> {
  await derive('', Buffer.alloc(16), cost, KEY_BYTES);
}

function derive(password: string, salt: Buffer, { ln, r, p }: ScryptCost, length: number): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r };
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error))),
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text.normalize('NFKC')).digest();
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
