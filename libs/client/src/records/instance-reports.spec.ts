import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InstanceReports } from './instance-reports.js';

describe('Reports of the revision a process decides by', () => {
  let revision = 0;
  let sent: { readonly at: number; readonly revision: number }[] = [];
  let reports: InstanceReports;

  beforeEach(() => {
    vi.useFakeTimers();
    revision = 0;
    sent = [];
    const began = performance.now();
    reports = new InstanceReports(
      () => revision,
      async (told) => void sent.push({ at: performance.now() - began, revision: told }),
    );
  });
  afterEach(() => {
    reports.stop();
    vi.useRealTimers();
  });

  const change = () => {
    revision++;
    reports.changed();
  };
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('come within a second of each of a few changes, however soon after the first', async () => {
    for (const expected of [1, 2, 3]) {
      change();
      await pass(1_000);
      expect(sent.at(-1)?.revision).toBe(expected);
      await pass(2_000);
    }
  });

  it('are not all sent in the same moment by many processes', async () => {
    const moments: number[] = [];
    const many = Array.from({ length: 1_000 }, () => {
      const one = new InstanceReports(
        () => 1,
        async () => void moments.push(performance.now()),
      );
      one.changed();
      return one;
    });
    await pass(1_000);
    many.forEach((one) => one.stop());
    expect(moments).toHaveLength(1_000);
    const first = Math.min(...moments);
    for (const tenth of Array.from({ length: 10 }, (_none, index) => first + index * 100))
      expect(moments.filter((at) => at >= tenth && at < tenth + 100).length).toBeLessThan(200);
  });

  it('come at most every two seconds, and every ten while changes go on', async () => {
    for (let ms = 0; ms < 100_000; ms += 100) {
      change();
      await pass(100);
    }
    const gaps = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
    expect(sent.length).toBeLessThanOrEqual(13);
    expect(sent.length).toBeGreaterThanOrEqual(10);
    await pass(11_000);
    expect(sent.at(-1)?.revision).toBe(revision);
  });

  it('say nothing twice, and nothing after the end', async () => {
    change();
    await pass(3_000);
    reports.changed();
    await pass(20_000);
    expect(sent).toHaveLength(1);
    change();
    reports.stop();
    await pass(20_000);
    expect(sent).toHaveLength(1);
  });
});
