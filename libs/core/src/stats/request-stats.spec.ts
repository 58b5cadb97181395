import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockedEvent } from '../events/waygate-events.js';
import { bucketOf, BUCKETS, quantile } from './latency-histogram.js';
import { RequestStats } from './request-stats.js';

const MINUTE = 60_000;
const BLOCK = { outcome: 'block', kind: 'disabled', reason: '' } as const;

function statsAt(start: number) {
  const listeners: ((event: BlockedEvent) => void)[] = [];
  const clock = { now: start };
  const stats = new RequestStats(
    () => clock.now,
    (listener) => {
      listeners.push(listener);
      return () => undefined;
    },
  );
  const block = (route: string | null, shadow = false) => {
    for (const listener of listeners) listener({ route, block: BLOCK, shadow });
  };
  return { stats, clock, block };
}

describe('figures of requests', () => {
  it('are kept for each route and minute', () => {
    const { stats, clock, block } = statsAt(100 * MINUTE);
    stats.start();
    stats.of('GET:/a').answered(200, 3);
    stats.of('GET:/a').answered(404, 3);
    clock.now += MINUTE;
    stats.of('GET:/a').answered(500, 3);
    stats.of('GET:/b').answered(503, 3, 'waygate');
    stats.of('GET:/b').answered(200, 3);
    block('GET:/b');
    block('GET:/b', true);
    block(null);
    expect(stats.byRoute()).toMatchObject([
      { route: 'GET:/a', requests: 3, clientErrors: 1, serverErrors: 1, appErrors: 1, blocked: 0 },
      { route: 'GET:/b', requests: 2, serverErrors: 1, appErrors: 0, blocked: 1, shadowed: 1 },
      { route: null, requests: 0, blocked: 1, p50: null },
    ]);
    expect(stats.byMinute(['GET:/a', 'GET:/b'], 2)).toMatchObject([
      { minute: 100 * MINUTE, requests: 2 },
      { minute: 101 * MINUTE, requests: 3, blocked: 1 },
    ]);
    expect(stats.byRoute(1)).toMatchObject([{ route: 'GET:/a', requests: 1 }, { route: 'GET:/b' }, { route: null }]);
  });

  it('are forgotten after an hour, and a minute of another hour is not taken for this one', () => {
    const { stats, clock } = statsAt(100 * MINUTE);
    stats.of('GET:/a').answered(200, 1);
    clock.now += 60 * MINUTE;
    expect(stats.byRoute()).toEqual([]);
    stats.of('GET:/a').answered(200, 1);
    expect(stats.byRoute()).toMatchObject([{ requests: 1 }]);
  });

  it('of more routes than are told apart are summed up', () => {
    const { stats } = statsAt(0);
    for (let i = 0; i < 600; i++) stats.of(`GET:/${i}`).answered(200, 1);
    const figures = stats.byRoute();
    expect(figures).toHaveLength(501);
    expect(figures.at(-1)).toMatchObject({ route: null, requests: 100 });
  });

  it('count no blocks before they are asked for', () => {
    const { stats, block } = statsAt(0);
    block('GET:/a');
    expect([stats.isOn, stats.byRoute()]).toEqual([false, []]);
  });

  it('give quantiles that are right within a half of a doubling, and never one greater for a smaller share', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.3, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 300 }), (times) => {
        const counts = new Uint32Array(BUCKETS);
        for (const ms of times) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
        const sorted = times.toSorted((a, b) => a - b);
        const [p50, p95] = [quantile(counts, 0.5) ?? 0, quantile(counts, 0.95) ?? 0];
        expect(p50).toBeLessThanOrEqual(p95);
        const exact = sorted[Math.ceil(times.length * 0.95) - 1] ?? 0;
        expect(p95 / exact).toBeGreaterThan(0.7);
        expect(p95 / exact).toBeLessThan(1.42);
      }),
    );
  });
});
