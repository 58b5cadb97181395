import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf } from './bucket-of.js';

const referenceBucket = (text: string) => Number(BigInt(`0x${createHash('sha1').update(text, 'utf8').digest('hex')}`) % 100_000n);

describe('bucketOf', () => {
  it.each([
    ['new_checkout', 'user', 'user_1', 89045],
    ['new_checkout', 'user', 'user_2', 55698],
    ['new_checkout', 'organization', 'user_1', 46854],
    ['dark-mode', 'user', 'anonymous', 13767],
    ['dark-mode', 'user', '', 70576],
    ['flag', 'user', 'ünïcødé', 39099],
    ['a', 'user', 'b', 8377],
    ['rollout.v2', 'device', 'ios-15', 439],
    ['beta', 'user', '00000000-0000-0000-0000-000000000000', 65823],
    ['x', 'org', 'acme:eu', 33879],
  ])('puts %s:%s:%s where every other implementation puts it', (flag, kind, key, bucket) => {
    expect(bucketOf(`${flag}:${kind}:${key}`)).toBe(bucket);
  });

  it('is SHA-1 modulo 100 000 for any text, of any length', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.string({ maxLength: 200 })), (text) => {
        expect(bucketOf(text)).toBe(referenceBucket(text));
      }),
    );
    for (let length = 0; length < 140; length++) expect(bucketOf('x'.repeat(length))).toBe(referenceBucket('x'.repeat(length)));
    expect(bucketOf('ü'.repeat(40_000))).toBe(referenceBucket('ü'.repeat(40_000)));
  });

  it('spreads callers evenly', () => {
    const cells = Array.from({ length: 50 }, () => 0);
    const callers = 100_000;
    for (let i = 0; i < callers; i++) cells[Math.floor(bucketOf(`flag:user:user-${i}`) / 2_000)]!++;
    const expected = callers / cells.length;
    const chiSquared = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
    // 49 degrees of freedom: 99.9 % of even distributions stay below.
    expect(chiSquared).toBeLessThan(85.4);
  });
});
