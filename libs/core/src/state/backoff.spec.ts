import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

describe('Backoff', () => {
  it('doubles the upper bound of the delay up to its maximum, and starts over after a reset', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 1_500 }, () => 1);
    expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1_500, 1_500, 1_500]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it('keeps every delay between a tenth of its bound and the bound', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const delay = new Backoff({ firstMs: 4_000, maxMs: 4_500 }, () => random).next();
        expect(delay).toBeGreaterThanOrEqual(400);
        expect(delay).toBeLessThanOrEqual(4_000);
      }),
    );
  });

  it('spreads 200 clients that lose the same server: at most a tenth of them come back in any 100 ms', () => {
    // Evenly spread random numbers, so that what is checked is the formula and not luck.
    const delays = Array.from({ length: 200 }, (_, i) => new Backoff({ firstMs: 4_000, maxMs: 4_500 }, () => i / 200).next());
    const busiest = Math.max(...delays.map((from) => delays.filter((at) => at >= from && at < from + 100).length));
    expect(busiest).toBeLessThanOrEqual(20);
  });
});
