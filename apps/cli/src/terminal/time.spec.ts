import { describe, expect, it } from 'vitest';
import { durationMs, minuteOf, momentOf, relativeTo, spell } from './time.js';

const NOW = Date.UTC(2027, 0, 1);

describe('moments', () => {
  it.each([
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['2D', 172_800_000],
    ['1w', 604_800_000],
    ['', null],
    ['5', null],
    ['1.5h', null],
    ['h', null],
  ])('%s lasts %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each([
    ['2027-05-06T07:08Z', '2027-05-06T07:08:00Z'],
    ['2027-05-06 07:08', '2027-05-06T07:08:00Z'],
    ['2027-05-06', '2027-05-06T00:00:00Z'],
    ['2027-05-06T07:08:09.5+02:00', '2027-05-06T05:08:09.500Z'],
    ['2027-05-06 07:08 UTC', '2027-05-06T07:08:00Z'],
    ['2h', '2027-01-01T02:00:00Z'],
    ['+90s', '2027-01-01T00:01:30Z'],
  ])('%s means %s', (text, instant) => {
    expect(momentOf(text, '--end', NOW)).toBe(instant);
  });

  it.each(['tomorrow', '2027-02-30', '2027-13-01', '07:08', '2027-05-06T25:00Z'])('%s is refused, naming the option', (text) => {
    expect(() => momentOf(text, '--end', NOW)).toThrow(/^--end: /);
  });

  it.each([
    [-1, 'just now'],
    [-90, '2 min ago'],
    [7200, 'in 2 h'],
    [-259_200, '3 d ago'],
  ])('%i s away reads "%s"', (seconds, text) => {
    expect(relativeTo(new Date(NOW + seconds * 1000).toISOString(), NOW)).toBe(text);
  });

  it('leaves what is no moment as it is', () => {
    expect(minuteOf('soon')).toBe('soon');
    expect(relativeTo('soon')).toBe('soon');
    expect(spell(59)).toBe('59 s');
  });
});
