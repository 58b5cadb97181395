import type { FeatureFlag } from '@waygate/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planOf, progressiveOf } from './rollout.js';
import { flagTemplate } from './flag-template.js';

const NOW = Date.UTC(2027, 0, 1);
const flag = (fallthrough: FeatureFlag['fallthrough']) =>
  ({ ...flagTemplate('f', 'F', 'boolean', ''), scheduled_changes: [], fallthrough }) as unknown as FeatureFlag;
const shares = (fallthrough: FeatureFlag['fallthrough'], to: number, steps: number, duration: number) =>
  planOf(flag(fallthrough), undefined, to, steps, duration, NOW).map(({ share, at }) => [share, (at - NOW) / 60_000]);

describe('A rollout', () => {
  it('is one step, now, when no time is given', () => {
    expect(planOf(flag('off'), undefined, 25_000, 1, 0, NOW)).toEqual([
      {
        share: 25_000,
        at: NOW,
        weights: [
          { variation: 'on', weight: 25_000 },
          { variation: 'off', weight: 75_000 },
        ],
      },
    ]);
  });

  it('begins now and ends with the time, in equal steps', () => {
    expect(shares('off', 100_000, 5, 120 * 60_000)).toEqual([
      [20_000, 0],
      [40_000, 30],
      [60_000, 60],
      [80_000, 90],
      [100_000, 120],
    ]);
  });

  it('goes on from the share there is, also downwards', () => {
    const half = [
      { variation: 'on', weight: 50_000 },
      { variation: 'off', weight: 50_000 },
    ];
    expect(shares(half, 100_000, 2, 60_000).map(([share]) => share)).toEqual([75_000, 100_000]);
    expect(shares(half, 0, 2, 60_000).map(([share]) => share)).toEqual([25_000, 0]);
    expect(shares('on', 0, 1, 0).map(([share]) => share)).toEqual([0]);
  });

  it('is one the server can pause where it grows between two variations, and planned changes elsewhere', () => {
    expect(progressiveOf(planOf(flag('off'), undefined, 100_000, 3, 120_000, NOW))).toEqual({
      variation: 'on',
      otherwise: 'off',
      steps: [{ weight: 33_333 }, { weight: 66_667, after: '60000ms' }, { weight: 100_000, after: '60000ms' }],
    });
    expect(progressiveOf(planOf(flag('on'), 'on', 0, 2, 60_000, NOW))).toBe(null);
    const three = ['a', 'b', 'c'].map((variation, index) => ({ variation, weight: [50_000, 30_000, 20_000][index] ?? 0 }));
    expect(
      progressiveOf(
        planOf(
          { ...flag(three), variations: three.map(({ variation }) => ({ name: variation, value: 1 })) },
          'a',
          60_000,
          2,
          60_000,
          NOW,
        ),
      ),
    ).toBe(null);
  });

  it('names a variation that does not exist', () => {
    expect(() => planOf(flag('off'), 'blue', 1, 1, 0, NOW)).toThrow("Flag 'f' has no variation 'blue'; it has on, off");
  });

  it('always gives away exactly everything, the variation first', () => {
    const weight = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(weight, weight, fc.integer({ min: 1, max: 9 }), (now, to, steps) => {
        const start = [
          { variation: 'off', weight: 100_000 - now },
          { variation: 'on', weight: now },
        ];
        for (const { weights, share } of planOf(flag(start), 'on', to, steps, 1000, NOW)) {
          expect(weights[0]).toEqual({ variation: 'on', weight: share });
          expect(weights.reduce((sum, entry) => sum + entry.weight, 0)).toBe(100_000);
        }
      }),
    );
  });
});
