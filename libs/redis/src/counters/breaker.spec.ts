import { beforeEach, describe, expect, it } from 'vitest';
import { Breaker } from './breaker.js';

describe('Breaker', () => {
  let now: number;
  let breaker: Breaker;
  beforeEach(() => {
    now = 0;
    breaker = new Breaker({ pauseMs: 100, clock: () => now });
  });
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) {
      breaker.admits();
      breaker.failed();
    }
  };

  it('forgives one failure, and opens with the second in a row', () => {
    fail(1);
    expect(breaker.admits()).toBe(true);
    breaker.succeeded();
    fail(1);
    expect(breaker.isOpen).toBe(false);
    fail(1);
    expect([breaker.isOpen, breaker.admits()]).toEqual([true, false]);
  });

  it('lets one probe at a time through after a pause, and closes when it succeeds', () => {
    fail(2);
    now = 99;
    expect(breaker.admits()).toBe(false);
    now = 100;
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.admits(), breaker.admits()]).toEqual([true, true]);
  });

  it('waits longer after each failed probe, but not for ever', () => {
    fail(2);
    const pauses: number[] = [];
    for (let probe = 0; probe < 8; probe++) {
      const from = now;
      while (!breaker.admits()) now += 100;
      pauses.push(now - from);
      breaker.failed();
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 1_600, 1_600, 1_600]);
  });
});
