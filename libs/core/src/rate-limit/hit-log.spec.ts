import { describe, expect, it } from 'vitest';
import type { RateLimitHit } from '../schema/rate-limit.js';
import { HitLog } from './hit-log.js';

const hitOf = (caller: string): Omit<RateLimitHit, 'id'> => ({
  at: `2026-01-01T00:00:00.${caller.padStart(3, '0').slice(-3)}Z`,
  route: 'GET:/x',
  method: 'GET',
  caller,
  policy: 'default',
  limit: '1/minute',
  tier: null,
  resetAt: '2026-01-01T00:01:00.000Z',
  shadow: false,
});

describe('HitLog', () => {
  it('writes what was added in one go, in the order of time, off the path that adds', async () => {
    const written: string[][] = [];
    const log = new HitLog({
      append: async (hits) => void written.push(hits.map(({ caller }) => caller)),
      onError: () => undefined,
      intervalMs: 5,
    });
    for (const caller of ['3', '1', '2']) log.add(hitOf(caller));
    expect(written).toEqual([]);
    await expect.poll(() => written, { interval: 2 }).toEqual([['1', '2', '3']]);
  });

  it('keeps a fair sample of a flood, bounded, and tells how many it dropped', async () => {
    let written: readonly RateLimitHit[] = [];
    const log = new HitLog({
      append: async (hits) => void (written = hits),
      onError: () => undefined,
      capacity: 100,
      intervalMs: 60_000,
    });
    for (let i = 0; i < 10_000; i++) log.add(hitOf(String(i)));
    expect(log.dropped).toBe(9_900);
    await log.flush();
    expect(written).toHaveLength(100);
    // A sample that kept only the first or the last would have its middle at one end.
    const middle = written.map(({ caller }) => Number(caller)).toSorted((a, b) => a - b)[50] ?? 0;
    expect(middle).toBeGreaterThan(2_000);
    expect(middle).toBeLessThan(8_000);
  });

  it('goes on when the backend fails, telling of it and counting what was lost', async () => {
    const errors: unknown[] = [];
    let down = true;
    const written: number[] = [];
    const log = new HitLog({
      append: async (hits) => {
        if (down) throw new Error('backend is down');
        written.push(hits.length);
      },
      onError: (error) => errors.push(error),
      intervalMs: 60_000,
    });
    log.add(hitOf('1'));
    await log.flush();
    down = false;
    log.add(hitOf('2'));
    await log.flush();
    expect([errors.length, log.dropped, written]).toEqual([1, 1, [1]]);
  });
});
