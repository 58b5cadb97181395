import assert from 'node:assert/strict';
import type { RateLimitAlgorithm } from '../schema/rate-limit.js';
import type { CounterCheck, CounterRule, CounterStore, CounterVerdict } from '../rate-limit/counter-store.js';
import type { ContractCase } from './backend-contract.js';

/** A store under test, over empty counters. */
interface CounterStoreUnderTest {
  readonly store: CounterStore;
  /** Lets time pass for the store: moves its clock, or waits. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

export type CounterStoreFactory = () => Promise<CounterStoreUnderTest>;

const ALGORITHMS: readonly RateLimitAlgorithm[] = ['fixed_window', 'sliding_window', 'moving_window', 'token_bucket'];
let rules = 0;

function ruleOf(algorithm: RateLimitAlgorithm, limit: number, options: Partial<CounterRule> = {}): CounterRule {
  return { id: `contract-${++rules}|${algorithm}`, algorithm, limit, burst: 0, periodMs: 3_600_000, ...options };
}

const check = (rule: CounterRule, caller = 'caller', cost = 1): CounterCheck => ({ rule, caller, cost });

/**
 * Everything `CounterStore` promises, for every algorithm. Some cases let a period of two seconds pass: a store that lives by a real
 * clock has as long to answer.
 */
export const counterStoreContract: readonly ContractCase<CounterStoreFactory>[] = [
  ...ALGORITHMS.flatMap((algorithm) => [
    testCase(`${algorithm}: lets exactly limit + burst through at once, then says when to come back`, async ({ store }) => {
      const rule = ruleOf(algorithm, 5, { burst: 2 });
      const verdicts = [];
      for (let i = 0; i < 9; i++) verdicts.push(await one(store, check(rule)));
      assert.deepEqual(
        verdicts.map(({ allowed }) => allowed),
        [true, true, true, true, true, true, true, false, false],
      );
      assert.deepEqual(
        verdicts.slice(0, 7).map(({ remaining }) => remaining),
        [6, 5, 4, 3, 2, 1, 0],
      );
      for (const { retryAfterMs, remaining } of verdicts.slice(7)) {
        assert.ok(retryAfterMs >= 1 && retryAfterMs <= rule.periodMs * 2, `retryAfterMs was ${retryAfterMs}`);
        assert.equal(remaining, 0);
      }
    }),

    testCase(`${algorithm}: counts callers and rules apart`, async ({ store }) => {
      const [first, second] = [ruleOf(algorithm, 1), ruleOf(algorithm, 1)];
      assert.deepEqual(await allowed(store, check(first, 'a'), check(first, 'b'), check(second, 'a'), check(first, 'a')), [
        true,
        true,
        true,
        false,
      ]);
    }),

    testCase(`${algorithm}: lets the caller in again after the time it named`, async (underTest) => {
      const { store } = underTest;
      const rule = ruleOf(algorithm, 2, { periodMs: 2_000 });
      await allowed(store, check(rule), check(rule));
      const refused = await one(store, check(rule));
      assert.equal(refused.allowed, false);
      await underTest.advance(refused.retryAfterMs + 20);
      assert.equal((await one(store, check(rule))).allowed, true);
    }),

    testCase(`${algorithm}: weighs requests by their cost, and only looks at cost 0`, async ({ store }) => {
      const rule = ruleOf(algorithm, 10);
      assert.deepEqual((await one(store, check(rule, 'c', 7))).remaining, 3);
      assert.deepEqual((await one(store, check(rule, 'c', 0))).remaining, 3);
      assert.deepEqual((await one(store, check(rule, 'c', 0))).allowed, true);
      assert.equal((await one(store, check(rule, 'c', 11))).allowed, false);
    }),

    testCase(`${algorithm}: a limit of 0 refuses everything, for ever`, async ({ store }) => {
      const verdict = await one(store, check(ruleOf(algorithm, 0)));
      assert.deepEqual([verdict.allowed, verdict.remaining, verdict.retryAfterMs], [false, 0, Infinity]);
    }),

    testCase(`${algorithm}: blocks who goes over for as long as the rule says, and counts them anew then`, async (underTest) => {
      const { store } = underTest;
      const rule = ruleOf(algorithm, 2, { blockMs: 2_000 });
      assert.deepEqual(await allowed(store, check(rule), check(rule), check(rule)), [true, true, false]);
      await underTest.advance(500);
      const during = await one(store, check(rule));
      assert.equal(during.allowed, false);
      assert.ok(during.retryAfterMs >= 1 && during.retryAfterMs <= 1_600, `retryAfterMs was ${during.retryAfterMs}`);
      assert.equal((await one(store, check(rule, 'caller', 0))).allowed, false);
      await underTest.advance(during.retryAfterMs + 20);
      assert.deepEqual(await allowed(store, check(rule), check(rule), check(rule)), [true, true, false]);
      const longer = ruleOf(algorithm, 1, { periodMs: 10_000, blockMs: 60_000 });
      await allowed(store, check(longer), check(longer));
      assert.ok((await one(store, check(longer))).retryAfterMs > 50_000);
      await store.reset(longer, 'caller');
      assert.equal((await one(store, check(longer))).allowed, true);
    }),

    testCase(`${algorithm}: forgets one caller of one rule when told to`, async ({ store }) => {
      const rule = ruleOf(algorithm, 1);
      await allowed(store, check(rule, 'a'), check(rule, 'ab'), check(rule, 'a'));
      await store.reset(rule, 'a');
      assert.deepEqual(await allowed(store, check(rule, 'a'), check(rule, 'ab')), [true, false]);
    }),
  ]),

  testCase('shares what was counted between rules of one id, each with its own limit', async ({ store }) => {
    for (const algorithm of ['fixed_window', 'sliding_window', 'moving_window'] as const) {
      const rule = ruleOf(algorithm, 2, { periodMs: 3_600_000 });
      const wider = { ...rule, limit: 4 };
      assert.deepEqual(await allowed(store, check(rule), check(wider), check(rule, 'caller', 0)), [true, true, true], algorithm);
      assert.deepEqual(
        await allowed(store, check(wider), check(rule), check(wider, 'caller', 0)),
        [true, false, true],
        algorithm,
      );
    }
  }),

  testCase('stops at the first check that refuses, and counts nothing behind it', async ({ store }) => {
    const [outer, inner] = [ruleOf('fixed_window', 1), ruleOf('fixed_window', 5)];
    await store.consume([check(outer), check(inner)]);
    const verdicts = await store.consume([check(outer), check(inner)]);
    assert.deepEqual(
      verdicts.map((verdict) => verdict.allowed),
      [false],
    );
    assert.equal((await one(store, check(inner, 'caller', 0))).remaining, 4);
  }),

  testCase('charges no sliding, moving or token-bucket rule for a request that a later rule refuses', async ({ store }) => {
    const outer = (['sliding_window', 'moving_window', 'token_bucket'] as const).map((algorithm) => ruleOf(algorithm, 10));
    const inner = ruleOf('moving_window', 1);
    const checks = [...outer, inner].map((rule) => check(rule));
    await store.consume(checks);
    const refused = await store.consume(checks);
    assert.deepEqual(
      refused.map((verdict) => verdict.allowed),
      [true, true, true, false],
    );
    for (const rule of outer) assert.equal((await one(store, check(rule, 'caller', 0))).remaining, 9, rule.algorithm);
  }),

  testCase('charges fixed-window rules before the one that refuses: that law counts every attempt', async ({ store }) => {
    const [outer, inner] = [ruleOf('fixed_window', 10), ruleOf('token_bucket', 1)];
    await store.consume([check(outer), check(inner)]);
    await store.consume([check(outer), check(inner)]);
    assert.equal((await one(store, check(outer, 'caller', 0))).remaining, 8);
  }),

  testCase('is exact under 500 concurrent requests', async ({ store }) => {
    for (const algorithm of ALGORITHMS) {
      const rule = ruleOf(algorithm, 100, { periodMs: 3_600_000 });
      const verdicts = await Promise.all(Array.from({ length: 500 }, async () => one(store, check(rule))));
      assert.equal(verdicts.filter((verdict) => verdict.allowed).length, 100, algorithm);
    }
  }),

  testCase('takes any text for a caller', async ({ store }) => {
    const rule = ruleOf('fixed_window', 1);
    const callers = ['__proto__', 'ünïcødé 💥', ' ', 'a:b|c{d}', 'x'.repeat(512), 'line\nbreak'];
    assert.deepEqual(
      await allowed(store, ...callers.map((caller) => check(rule, caller))),
      callers.map(() => true),
    );
    assert.deepEqual(
      await allowed(store, ...callers.map((caller) => check(rule, caller))),
      callers.map(() => false),
    );
  }),
];

function testCase(name: string, run: (underTest: CounterStoreUnderTest) => Promise<void>): ContractCase<CounterStoreFactory> {
  return {
    name,
    async run(make) {
      const underTest = await make();
      try {
        await run(underTest);
      } finally {
        await underTest.close();
      }
    },
  };
}

async function one(store: CounterStore, only: CounterCheck): Promise<CounterVerdict> {
  const [verdict] = await store.consume([only]);
  assert.ok(verdict !== undefined, 'a check got no verdict');
  return verdict;
}

async function allowed(store: CounterStore, ...checks: readonly CounterCheck[]): Promise<boolean[]> {
  const results: boolean[] = [];
  for (const each of checks) results.push((await one(store, each)).allowed);
  return results;
}
