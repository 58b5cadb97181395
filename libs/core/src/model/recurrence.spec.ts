import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestOpenings, occurrenceAt, type Recurrence } from './recurrence.js';

const DAY = 86_400_000;
const CRONS = ['0 2 * * *', '0 2 * 2 *', '0 2 29 2 *', '0 2 1-7 * 1', '30 2 * * 0', '0 0 L * *', '59 23 31 12 *'];
const recurrence = fc.record({
  cron: fc.constantFrom(...CRONS),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'),
  durationMs: fc.constant(60_000),
});

function openingsOneByOne(each: Recurrence, from: number, upTo: number): number[] {
  const openings: number[] = [];
  for (let at = from; ;) {
    // The first whose end is behind `at`, so ask a duration later for the first that begins behind it.
    const next = occurrenceAt(each, at + each.durationMs);
    if (next === null || next.start > upTo) return openings;
    openings.push(next.start);
    at = next.start;
  }
}

describe('occurrenceAt', () => {
  it('depends on nothing that was asked before', () => {
    const days = fc.array(fc.integer({ min: 0, max: 4 * DAY }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(days, fc.constantFrom(60_000, 3 * 3_600_000), (offsets, durationMs) => {
        for (const offset of offsets) {
          const now = Date.UTC(2026, 2, 28) + offset;
          const found = occurrenceAt({ cron: '0 2 * * *', timeZone: 'UTC', durationMs }, now);
          const opened = Math.floor((now - 2 * 3_600_000) / DAY) * DAY + 2 * 3_600_000;
          const start = opened + durationMs > now ? opened : opened + DAY;
          expect(found).toEqual({ start, end: start + durationMs });
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('latestOpenings', () => {
  it('are the last of all that come one after the other', () => {
    const moment = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2029, 0, 1) });
    fc.assert(
      fc.property(
        recurrence,
        moment,
        fc.integer({ min: 0, max: 500 * DAY }),
        fc.integer({ min: 1, max: 60 }),
        (each, from, span, most) => {
          const expected = openingsOneByOne(each, from, from + span).slice(-most);
          expect(latestOpenings(each, from, from + span, most)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('hold an opening at the very end, and none at the very beginning', () => {
    const daily: Recurrence = { cron: '0 2 * * *', timeZone: 'UTC', durationMs: 60_000 };
    const two = (day: number) => Date.UTC(2026, 0, day, 2);
    expect(latestOpenings(daily, two(1), two(3), 9)).toEqual([two(2), two(3)]);
    expect(latestOpenings(daily, two(1), two(3) - 1, 9)).toEqual([two(2)]);
  });
});
