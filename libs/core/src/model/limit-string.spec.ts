import { describe, expect, it } from 'vitest';
import { InvalidLimitError } from './errors.js';
import { formatLimit, parseLimit } from './limit-string.js';

describe('parseLimit', () => {
  it.each([
    ['10/minute', 10, 60_000, '10/minute'],
    ['5 per second', 5, 1_000, '5/second'],
    ['10perday', 10, 86_400_000, '10/day'],
    ['100/2minutes', 100, 120_000, '100/2minutes'],
    ['20 per 2 minutes', 20, 120_000, '20/2minutes'],
    [' 10 / hour ', 10, 3_600_000, '10/hour'],
    ['10/HOURS', 10, 3_600_000, '10/hour'],
    ['0/second', 0, 1_000, '0/second'],
    ['7/0minutes', 7, 60_000, '7/minute'],
    ['1/month', 1, 2_592_000_000, '1/month'],
    ['1/year', 1, 31_104_000_000, '1/year'],
  ])('reads %j', (text, amount, periodMs, canonical) => {
    expect(parseLimit(text)).toEqual({ amount, periodMs, text: canonical });
    expect(parseLimit(canonical)).toEqual({ amount, periodMs, text: canonical });
  });

  it.each([
    '10',
    '10/min',
    '10/s',
    '10/m',
    '10/h',
    '10/d',
    '10/week',
    '1.5/second',
    '-1/second',
    '',
    '10/minute;',
    '1/second;2/hour',
    '1/second,2/hour',
    '1/second|2/hour',
    'unlimited',
    '/minute',
    'x'.repeat(10_000),
    null,
    7,
  ])('refuses %j, saying how to write it', (text) => {
    expect(() => parseLimit(text as string)).toThrow(InvalidLimitError);
    expect(() => parseLimit(text as string)).toThrow("Use the format '<count>/<granularity>', e.g. '100/minute'.");
  });
});

describe('formatLimit', () => {
  it.each([
    [10, 60_000, '10/minute'],
    [10, 90_000, '10/90seconds'],
    [3, 1_500, '3/2seconds'],
    [3, 1, '3/second'],
    [7, 7_200_000, '7/2hours'],
    [0, 86_400_000, '0/day'],
  ])('writes %d in %d ms as %s', (amount, periodMs, text) => {
    expect(formatLimit(amount, periodMs)).toBe(text);
    expect(parseLimit(text).amount).toBe(amount);
  });
});
