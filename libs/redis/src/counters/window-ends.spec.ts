import { describe, expect, it } from 'vitest';
import { WindowEnds } from './window-ends.js';

describe('WindowEnds', () => {
  it('knows a window that was told, until its end is near', () => {
    const ends = new WindowEnds(10);
    expect(ends.find('l', 'a', 0)).toBeUndefined();
    ends.learn('l', 'a', 5_000, 1);
    expect(ends.find('l', 'a', 4_000)?.end).toBe(5_000);
    expect(ends.find('l', 'a', 4_001)).toBeUndefined();
  });

  it('does not rely on a window of which fewer are counted than before: it is another one', () => {
    const ends = new WindowEnds(10);
    ends.learn('l', 'a', 60_000, 7);
    const known = ends.find('l', 'a', 0);
    if (known === undefined) throw new Error('it was told');
    ends.saw('l', 'a', known, 8);
    expect(ends.find('l', 'a', 0)).toBe(known);
    ends.saw('l', 'a', known, 2);
    expect(ends.find('l', 'a', 0)).toBeUndefined();
  });

  it('keeps callers who come again, and forgets the others, within its capacity', () => {
    const ends = new WindowEnds(100);
    ends.learn('l', 'regular', 1e9, 1);
    for (let i = 0; i < 10_000; i++) {
      ends.learn('l', `passer-by-${i}`, 1e9, 1);
      ends.find('l', 'regular', 0);
    }
    expect(ends.find('l', 'regular', 0)).toBeDefined();
    expect(ends.find('l', 'passer-by-0', 0)).toBeUndefined();
    const remembered = Array.from({ length: 10_000 }, (_, i) => ends.find('l', `passer-by-${i}`, 0)).filter(Boolean);
    expect(remembered.length).toBeLessThanOrEqual(100);
  });

  it('forgets a caller who is reset, under that limit', () => {
    const ends = new WindowEnds(10);
    ends.learn('l', 'a', 60_000, 1);
    ends.learn('m', 'a', 60_000, 1);
    ends.forget('l', 'a');
    expect(ends.find('l', 'a', 0)).toBeUndefined();
    expect(ends.find('m', 'a', 0)).toBeDefined();
  });
});
