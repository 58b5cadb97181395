import { describe, expect, it } from 'vitest';
import { lengthOfTime } from './time.js';

describe('a length of time', () => {
  it.each([
    [45, '45 s'],
    [90, '90 s'],
    [600, '10 min'],
    [5_400, '90 min'],
    [21_600, '6 h'],
    [129_600, '36 h'],
    [86_400, '1 d'],
    [0.5, '0.5 s'],
  ])('of %d s is told as it was asked for', (seconds, text) => {
    expect(lengthOfTime(seconds)).toBe(text);
  });
});
