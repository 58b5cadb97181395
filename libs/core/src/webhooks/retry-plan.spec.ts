import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter, RETRY_DELAYS, retryDelay } from './retry-plan.js';

const NOW = Date.UTC(2026, 10, 21, 12);

describe('the retry plan', () => {
  it('spreads its attempts over a day at most, each wait longer than the one before', () => {
    expect(RETRY_DELAYS.reduce((sum, delay) => sum + delay)).toBeLessThanOrEqual(24 * 3_600_000);
    expect(RETRY_DELAYS.toSorted((a, b) => a - b)).toEqual(RETRY_DELAYS);
    expect(retryDelay(RETRY_DELAYS.length, RETRY_DELAYS, null, 0)).not.toBeNull();
    expect(retryDelay(RETRY_DELAYS.length + 1, RETRY_DELAYS, null, 0)).toBeNull();
  });

  it('waits a random part of the bound, and never shorter than the receiver asked for', () => {
    const attempts = fc.integer({ min: 1, max: RETRY_DELAYS.length });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const asked = fc.option(fc.integer({ min: 0, max: 24 * 3_600_000 }));
    fc.assert(
      fc.property(attempts, random, asked, (attempt, draw, retryAfter) => {
        const bound = RETRY_DELAYS[attempt - 1] ?? 0;
        const delay = retryDelay(attempt, RETRY_DELAYS, retryAfter, draw) ?? NaN;
        expect(delay).toBeGreaterThanOrEqual(Math.max(bound / 10, retryAfter ?? 0));
        expect(delay).toBeLessThanOrEqual(Math.max(bound, (retryAfter ?? 0) + 5_000));
      }),
    );
  });

  it('lets no receiver put off an attempt for longer than a day', () => {
    expect(retryDelay(1, RETRY_DELAYS, 400 * 86_400_000, 0)).toBeLessThanOrEqual(24 * 3_600_000 + 5_000);
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Sat, 21 Nov 2026 12:01:00 GMT', 60_000],
    ['Saturday, 21-Nov-26 12:01:00 GMT', 60_000],
    ['Sat Nov 21 12:01:00 2026', 60_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['', null],
    ['soon', null],
    ['-5', null],
    ['1.5', null],
    ['2026-11-21', null],
    ['Sat, 99 Nov 2026 99:99:99 GMT', null],
    [undefined, null],
  ])('reads %j as %j ms', (header, expected) => {
    expect(parseRetryAfter(header, NOW)).toBe(expected);
  });
});
