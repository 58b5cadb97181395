import { describe, expect, it } from 'vitest';
import { ValidationError } from './errors.js';
import { toDuration, toInstant, toWindow, windowIsOpen } from './time.js';

describe('toInstant', () => {
  it.each([
    ['2027-01-01T02:00:00Z', '2027-01-01T02:00:00.000Z'],
    ['2027-01-01T02:00:00', '2027-01-01T02:00:00.000Z'],
    ['2027-01-01', '2027-01-01T00:00:00.000Z'],
    ['2027-01-01 02:00', '2027-01-01T02:00:00.000Z'],
    ['2027-01-01T02:00:00+02:00', '2027-01-01T00:00:00.000Z'],
    ['2027-01-01T02:00:00.123456-0530', '2027-01-01T07:30:00.123Z'],
    ['2024-02-29T23:59:59.9Z', '2024-02-29T23:59:59.900Z'],
  ])('reads %s as %s', (input, expected) => {
    expect(toInstant(input, 'start')).toBe(expected);
  });

  it('reads dates and epoch milliseconds', () => {
    expect(toInstant(new Date(0), 'start')).toBe('1970-01-01T00:00:00.000Z');
    expect(toInstant(1_000, 'start')).toBe('1970-01-01T00:00:01.000Z');
  });

  it.each([
    '',
    'tomorrow',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60Z',
    '01/02/2026',
    '2026-01-01T00:00:00+99:00',
  ])('refuses %j', (input) => {
    expect(() => toInstant(input, 'window.start')).toThrow(/^window\.start: /);
  });

  it.each([new Date(NaN), NaN, Infinity, 9e15, -1e14, new Date('-000001-12-31T23:59:59.999Z')])('refuses %s', (input) => {
    expect(() => toInstant(input, 'x')).toThrow(ValidationError);
  });
});

describe('toWindow', () => {
  it('is nothing without edges', () => {
    expect(toWindow({})).toBeNull();
    expect(toWindow(null)).toBeNull();
  });

  it('refuses an end that is not after the start', () => {
    expect(() => toWindow({ start: '2026-01-02', end: '2026-01-02' })).toThrow(/^window\.end: .*after the start/);
  });

  it('includes its start and excludes its end', () => {
    const window = toWindow({ start: 1_000, end: 2_000 });
    expect([999, 1_000, 1_999, 2_000].map((now) => windowIsOpen(window, now))).toEqual([false, true, true, false]);
  });
});

describe('toDuration', () => {
  it.each([
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    [1_500, 1_500],
  ])('reads %s as %d ms', (input, ms) => {
    expect(toDuration(input, 'expiresIn')).toBe(ms);
  });

  it.each(['', 'soon', '10', '-5m', '0s', '5 minutes', 0, -1, NaN, Infinity])('refuses %j', (input) => {
    expect(() => toDuration(input, 'expiresIn')).toThrow(/^expiresIn: /);
  });
});
