import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RateLimitAlgorithm } from '../schema/rate-limit.js';
import { counterStoreContract } from '../testing/counter-store-contract.js';
import type { CounterRule, CounterVerdict } from './counter-store.js';
import { MemoryCounterStore } from './memory-counter-store.js';

const START = Date.UTC(2026, 0, 1, 12, 0, 0, 123);

describe('MemoryCounterStore', () => {
  it.each(counterStoreContract)('$name', ({ run }) =>
    run(async () => {
      let now = START;
      return {
        store: new MemoryCounterStore({ clock: () => now }),
        advance: async (ms) => void (now += ms),
        close: async () => undefined,
      };
    }),
  );
});

/** The laws once more, written the slow way: everything that ever happened is kept and counted anew for each request. */
class Reference {
  readonly #attempts: { readonly at: number; readonly cost: number; readonly accepted: boolean }[] = [];

  constructor(private readonly rule: CounterRule) {}

  request(at: number, cost: number): boolean {
    const accepted = this.wouldAllow(at, cost);
    this.#attempts.push({ at, cost, accepted });
    return accepted;
  }

  wouldAllow(at: number, cost: number): boolean {
    const most = this.rule.limit + this.rule.burst;
    const T = this.rule.periodMs;
    const accepted = this.#attempts.filter((attempt) => attempt.accepted);
    const sum = (list: readonly { readonly cost: number }[]) => list.reduce((total, each) => total + each.cost, 0);
    switch (this.rule.algorithm) {
      case 'fixed_window': {
        let opened = -Infinity;
        let count = 0;
        for (const attempt of this.#attempts) {
          if (attempt.at >= opened + T) [opened, count] = [attempt.at, 0];
          count += attempt.cost;
        }
        return (at >= opened + T ? 0 : count) + cost <= most;
      }
      case 'sliding_window': {
        const period = Math.floor(at / T);
        const current = sum(accepted.filter((each) => Math.floor(each.at / T) === period));
        const last = sum(accepted.filter((each) => Math.floor(each.at / T) === period - 1));
        return Math.floor((last * (T - (at % T))) / T + current) + cost <= most;
      }
      case 'moving_window':
        return sum(accepted.filter((each) => each.at > at - T)) + cost <= most;
      case 'token_bucket': {
        if (this.rule.limit === 0) return false;
        let level = most;
        let since = -Infinity;
        for (const each of accepted) {
          level = Math.min(most, level + ((each.at - since) * this.rule.limit) / T) - each.cost;
          since = each.at;
        }
        return Math.min(most, level + ((at - since) * this.rule.limit) / T) - cost >= -1e-7;
      }
    }
  }
}

const algorithm = fc.constantFrom<RateLimitAlgorithm>('fixed_window', 'sliding_window', 'moving_window', 'token_bucket');
const ruleArb = fc
  .record({
    algorithm,
    limit: fc.integer({ min: 0, max: 6 }),
    burst: fc.integer({ min: 0, max: 3 }),
    periodMs: fc.constantFrom(1_000, 7_000),
  })
  .map((rule): CounterRule => ({ ...rule, id: JSON.stringify(rule) }));
const trafficArb = fc.array(
  fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 9_000 })),
    cost: fc.integer({ min: 0, max: 3 }),
  }),
  {
    minLength: 1,
    maxLength: 40,
  },
);

describe('every law', () => {
  it('decides as the reference model does', () => {
    fc.assert(
      fc.property(ruleArb, trafficArb, (rule, traffic) => {
        let now = START;
        const store = new MemoryCounterStore({ clock: () => now });
        const reference = new Reference(rule);
        for (const { after, cost } of traffic) {
          now += after;
          const verdict = consume(store, rule, cost);
          if (cost > 0 || rule.algorithm !== 'token_bucket' || rule.limit > 0)
            expect(verdict.allowed).toBe(reference.request(now, cost));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is honest about when to come back: not a millisecond too early, and then it lets in', () => {
    fc.assert(
      fc.property(ruleArb, trafficArb, (rule, traffic) => {
        let now = START;
        const store = new MemoryCounterStore({ clock: () => now });
        const reference = new Reference(rule);
        for (const { after, cost } of traffic) {
          now += after;
          const verdict = consume(store, rule, cost);
          reference.request(now, cost);
          if (verdict.allowed || verdict.retryAfterMs === Infinity) continue;
          expect(verdict.retryAfterMs).toBeGreaterThanOrEqual(1);
          expect(reference.wouldAllow(now + verdict.retryAfterMs, cost)).toBe(true);
          if (verdict.retryAfterMs > 1) expect(reference.wouldAllow(now + verdict.retryAfterMs - 1, cost)).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('never lets more through in one period than it says it does at worst', () => {
    fc.assert(
      fc.property(ruleArb, trafficArb, (rule, traffic) => {
        let now = START;
        const store = new MemoryCounterStore({ clock: () => now });
        const accepted: { at: number; cost: number }[] = [];
        const most = rule.limit + rule.burst;
        const worst = {
          fixed_window: 2 * most,
          sliding_window: 2 * most,
          moving_window: most,
          token_bucket: 2 * rule.limit + rule.burst,
        }[rule.algorithm];
        for (const { after, cost } of traffic) {
          now += after;
          if (consume(store, rule, cost).allowed) accepted.push({ at: now, cost });
          const inPeriod = accepted.filter(({ at }) => at > now - rule.periodMs).reduce((sum, each) => sum + each.cost, 0);
          expect(inPeriod).toBeLessThanOrEqual(worst);
        }
      }),
    );
  });

  it('says what is left: that much passes at once, and not one more', () => {
    fc.assert(
      fc.property(ruleArb, trafficArb, (rule, traffic) => {
        let now = START;
        const store = new MemoryCounterStore({ clock: () => now });
        let verdict: CounterVerdict | undefined;
        for (const { after, cost } of traffic) {
          now += after;
          verdict = consume(store, rule, cost);
        }
        const left = verdict?.remaining ?? 0;
        if (verdict?.allowed !== true) return;
        for (let i = 0; i < left; i++) expect(consume(store, rule, 1).allowed).toBe(true);
        expect(consume(store, rule, 1).allowed).toBe(false);
      }),
    );
  });

  it('stays sane under any clock, and locks nobody out for longer than a period after a leap back', () => {
    const clocks = fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(ruleArb, clocks, (rule, times) => {
        let now = START;
        const store = new MemoryCounterStore({ clock: () => now });
        for (const time of times) {
          now = START + time;
          const { remaining, resetAt, retryAfterMs } = consume(store, rule, 1);
          expect(remaining).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(resetAt)).toBe(true);
          expect(Number.isNaN(retryAfterMs)).toBe(false);
        }
        if (rule.limit === 0) return;
        const span = (rule.algorithm === 'token_bucket' ? (rule.limit + rule.burst) / rule.limit : 2) * rule.periodMs;
        now += Math.ceil(span) + 1;
        expect(consume(store, rule, 1).allowed).toBe(true);
      }),
    );
  });
});

describe('a full store', () => {
  const rule: CounterRule = { id: 'flood', algorithm: 'fixed_window', limit: 1, burst: 0, periodMs: 600_000 };

  it('keeps an offender blocked under five million invented callers, in bounded memory', () => {
    const store = new MemoryCounterStore({ clock: () => START });
    consume(store, rule, 1, 'offender');
    expect(consume(store, rule, 1, 'offender').allowed).toBe(false);
    globalThis.gc?.();
    const before = process.memoryUsage();
    for (let i = 0; i < 5_000_000; i++) consume(store, rule, 1, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    globalThis.gc?.();
    const after = process.memoryUsage();
    expect(consume(store, rule, 1, 'offender').allowed).toBe(false);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(10 * 2 ** 20);
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(50 * 2 ** 20);
  });

  it('keeps 20,000 offenders blocked with room for 1,024, and serves callers it never saw', () => {
    const store = new MemoryCounterStore({ capacity: 1_024, clock: () => START });
    const offenders = Array.from({ length: 20_000 }, (_, i) => `offender-${i}`);
    const blocked = offenders.filter((caller) => {
      consume(store, rule, 1, caller);
      return !consume(store, rule, 1, caller).allowed;
    });
    expect(blocked.length).toBe(offenders.length);
    for (const caller of offenders) expect(consume(store, rule, 1, caller).allowed).toBe(false);
    const innocents = Array.from({ length: 1_000 }, (_, i) => consume(store, rule, 1, `innocent-${i}`));
    expect(innocents.filter(({ allowed }) => allowed).length).toBeGreaterThan(980);
  });

  it('filled with blocked callers that were invented serves innocent ones, and a known offender stays blocked', () => {
    const store = new MemoryCounterStore({ clock: () => START });
    const flood = (from: number, to: number) => {
      for (let i = from; i < to; i++) for (let j = 0; j < 2; j++) consume(store, rule, 1, `invented-${i}`);
    };
    flood(0, 100_000);
    for (let i = 0; i < 10; i++) consume(store, rule, 1, 'offender');
    flood(100_000, 200_000);
    expect(consume(store, rule, 1, 'offender').allowed).toBe(false);
    const innocents = Array.from({ length: 1_000 }, (_, i) => consume(store, rule, 1, `innocent-${i}`));
    expect(innocents.filter(({ allowed }) => allowed).length).toBeGreaterThan(980);
  });

  it.each(['fixed_window', 'sliding_window', 'moving_window', 'token_bucket'] as const)(
    'gives a caller who used up a limit by %s no second budget for a flood of invented callers',
    (algorithm) => {
      const five: CounterRule = { ...rule, algorithm, limit: 5 };
      const store = new MemoryCounterStore({ capacity: 1_024, clock: () => START });
      let passed = 0;
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 5; i++) if (consume(store, five, 1, 'patient').allowed) passed++;
        for (let i = 0; i < 20_000; i++) consume(store, five, 1, `invented-${round}-${i}`);
      }
      expect(passed).toBe(5);
    },
  );

  it('under a flood of one limit remembers the callers of another', () => {
    const other: CounterRule = { ...rule, id: 'other', limit: 100 };
    const store = new MemoryCounterStore({ capacity: 1_024, clock: () => START });
    const callers = Array.from({ length: 100 }, (_, i) => `caller-${i}`);
    for (const caller of callers) consume(store, other, 10, caller);
    for (let i = 0; i < 50_000; i++) consume(store, rule, 1, `invented-${i}`);
    expect(callers.map((caller) => consume(store, other, 1, caller).remaining)).toEqual(callers.map(() => 89));
  });

  it('gives places of callers whose time is over to newcomers', () => {
    let now = START;
    const store = new MemoryCounterStore({ capacity: 1_024, clock: () => now });
    for (let i = 0; i < 5_000; i++) {
      consume(store, rule, 1, `a-${i}`);
      consume(store, rule, 1, `a-${i}`);
    }
    now += rule.periodMs + 1;
    for (let i = 0; i < 900; i++) expect(consume(store, rule, 1, `b-${i}`).allowed).toBe(true);
  });

  it('remembers every caller while it has room', () => {
    const store = new MemoryCounterStore({ capacity: 100_000, clock: () => START });
    for (let i = 0; i < 60_000; i++) consume(store, rule, 1, `caller-${i}`);
    let forgotten = 0;
    for (let i = 0; i < 60_000; i++) if (consume(store, rule, 1, `caller-${i}`).allowed) forgotten++;
    expect(forgotten).toBe(0);
  });
});

function consume(store: MemoryCounterStore, rule: CounterRule, cost: number, caller = 'caller'): CounterVerdict {
  const [verdict] = store.consume([{ rule, caller, cost }]);
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}
