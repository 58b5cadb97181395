import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Controller, Get } from '@nestjs/common';
import {
  CounterStoreError,
  MemoryCounterStore,
  type CounterRule,
  type CounterVerdict,
  type RateLimitAlgorithm,
} from '@waygate/core';
import { counterStoreContract } from '@waygate/core/testing';
import { RateLimit } from '@waygate/nestjs';
import { RedisCounterStore, type RedisCounterStoreOptions } from '@waygate/redis';
import fc from 'fast-check';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectWithin, OwnTime } from '../support/measure.js';
import { startApp } from '../support/nest-app.js';
import { PATIENCE } from '../support/patience.mjs';
import { RedisServer } from '../support/redis-server.js';
import { startCluster, startSentinel } from '../support/redis-topologies.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const PATIENT: RedisCounterStoreOptions = { budgetMs: 30_000 };
const ALGORITHMS: readonly RateLimitAlgorithm[] = ['fixed_window', 'sliding_window', 'moving_window', 'token_bucket'];
const check = (rule: CounterRule, caller = 'caller', cost = 1) => ({ rule, caller, cost });
const ruleOf = (id: string, limit: number, algorithm: RateLimitAlgorithm = 'fixed_window', periodMs = 60_000): CounterRule => ({
  id,
  algorithm,
  limit,
  burst: 0,
  periodMs,
});

async function storeOn(server: RedisServer, options: RedisCounterStoreOptions = PATIENT): Promise<RedisCounterStore> {
  const store = new RedisCounterStore(server.url, options);
  await store.open();
  return store;
}

/** Whether a request is counted in Redis, and let in. */
function isUsed(store: RedisCounterStore, rule: CounterRule): Promise<boolean> {
  return store.consume([check(rule)]).then(
    ([verdict]) => verdict?.allowed === true,
    () => false,
  );
}

describe('RedisCounterStore', () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await RedisServer.start();
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });

  it.each(counterStoreContract)('$name', async ({ run }) => {
    await run(async () => {
      const store = await storeOn(server);
      return { store, advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), close: () => store.close() };
    });
  });

  it('decides as the counters in memory do', async () => {
    const store = await storeOn(server);
    const rule = fc.record({
      algorithm: fc.constantFrom(...ALGORITHMS),
      limit: fc.integer({ min: 0, max: 6 }),
      burst: fc.integer({ min: 0, max: 3 }),
    });
    const requests = fc.array(fc.record({ caller: fc.constantFrom('a', 'b'), cost: fc.integer({ min: 0, max: 4 }) }), {
      minLength: 1,
      maxLength: 25,
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 3 }), requests, async (rules, traffic) => {
        run++;
        // An hour long, so that nothing flows back while the test runs; away from the hour's edge, where sliding periods change.
        const limits = rules.map((each, index): CounterRule => ({ ...each, id: `diff-${run}-${index}`, periodMs: 86_400_000 }));
        const memory = new MemoryCounterStore();
        for (const { caller, cost } of traffic) {
          const checks = limits.map((limit) => check(limit, caller, cost));
          const ours = await store.consume(checks);
          const expected = memory.consume(checks);
          expect(ours.map(({ allowed, remaining }) => ({ allowed, remaining }))).toEqual(
            expected.map(({ allowed, remaining }) => ({ allowed, remaining })),
          );
        }
      }),
      { numRuns: 60 },
    );
    await store.close();
  });

  it('decides fixed windows alike whatever it knows of them: up to ten limits, two processes, and resets between', async () => {
    const stores = [
      await storeOn(server, { ...PATIENT, blockedCapacity: 1 }),
      await storeOn(server, { ...PATIENT, blockedCapacity: 1 }),
    ];
    const step = fc.record({
      by: fc.constantFrom(0, 1),
      cost: fc.constantFrom(1, 1, 1, 1, 2),
      resets: fc.option(fc.nat(9), { freq: 8 }),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 10 }),
        fc.array(step, { minLength: 5, maxLength: 20 }),
        async (limits, steps) => {
          run++;
          const rules = limits.map((limit, index) => ruleOf(`steady-${run}-${index}`, limit, 'fixed_window', 86_400_000));
          const memory = new MemoryCounterStore();
          for (const { by, cost, resets } of steps) {
            const gone = resets === null ? undefined : rules[resets];
            if (gone !== undefined) {
              memory.reset(gone, 'caller');
              // Both: a process that did not do it keeps refusing whom it knows to be blocked, as it does not ask.
              for (const store of stores) await store.reset(gone, 'caller');
            }
            const checks = rules.map((rule) => check(rule, 'caller', cost));
            const ours = (await stores[by]?.consume(checks)) ?? [];
            const expected = memory.consume(checks);
            const decided = ({ allowed, remaining }: CounterVerdict) => ({ allowed, remaining });
            expect(ours.map(decided)).toEqual(expected.map(decided));
            for (const [index, { resetAt, retryAfterMs }] of ours.entries()) {
              const { resetAt: reset = NaN, retryAfterMs: retry = NaN } = expected[index] ?? {};
              // Within a minute: the clocks are read one after the other.
              expect(Math.abs(resetAt - reset)).toBeLessThan(60_000);
              expect(retryAfterMs === retry ? 0 : Math.abs(retryAfterMs - retry)).toBeLessThan(60_000);
            }
          }
          for (const key of await client.keys(`waygate:rl:{steady-${run}-*`))
            expect([key, (await client.pttl(key)) > 0]).toEqual([key, true]);
        },
      ),
      { numRuns: 60 },
    );
    for (const store of stores) await store.close();
  });

  it('gives a window an end that another process began again behind its back', async () => {
    const store = await storeOn(server);
    const rules = [ruleOf('again-global', 100), ruleOf('again-route', 100)];
    const hit = () => store.consume(rules.map((rule) => check(rule)));
    for (let i = 0; i < 3; i++) await hit();
    const key = 'waygate:rl:{again-route:caller}';
    await client.del(key);
    const verdicts = await hit();
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([96, 99]);
    expect(await client.pttl(key)).toBeGreaterThan(30_000);
    await store.close();
  });

  it.each(['fixed_window', 'moving_window', 'token_bucket', 'sliding_window'] as const)(
    'is exact over four processes and 10 000 concurrent requests: %s',
    async (algorithm) => {
      const run = promisify(execFile);
      const workers = Array.from({ length: 4 }, () =>
        run(process.execPath, ['test/support/redis-counter-worker.mjs', server.url, algorithm, '2500', '1000']),
      );
      const passed = (await Promise.all(workers)).map(({ stdout }) => Number(stdout));
      expect(passed.reduce((sum, each) => sum + each, 0)).toBe(1_000);
    },
  );

  it('gives every key a time to live', async () => {
    await client.flushall();
    const store = await storeOn(server);
    for (const algorithm of ALGORITHMS)
      for (let i = 0; i < 3; i++) await store.consume([check(ruleOf(`ttl-${algorithm}`, 2, algorithm))]);
    const keys = await client.keys('*');
    expect(keys.length).toBeGreaterThanOrEqual(5);
    for (const key of keys) expect([key, (await client.pttl(key)) > 0]).toEqual([key, true]);
    await store.close();
  });

  it('asks Redis once a request, and not at all about a caller it knows to be blocked', async () => {
    const store = await storeOn(server);
    const rules = [ruleOf('trip-global', 9), ruleOf('trip-service', 9), ruleOf('trip-route', 9)];
    const scripts = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    await store.consume(rules.map((rule) => check(rule)));
    const before = await scripts();
    await store.consume(rules.map((rule) => check(rule)));
    expect((await scripts()) - before).toBe(1);

    const small = ruleOf('trip-small', 1);
    await store.consume([check(small)]);
    await store.consume([check(small)]);
    const blocked = await scripts();
    for (let i = 0; i < 50; i++) expect((await store.consume([check(small)]))[0]?.allowed).toBe(false);
    expect(await scripts()).toBe(blocked);
    await store.reset(small, 'caller');
    expect((await store.consume([check(small)]))[0]?.allowed).toBe(true);
    await store.close();
  });

  it('goes on when Redis forgets the script', async () => {
    const store = await storeOn(server);
    const rule = ruleOf('flush', 1_000);
    for (let i = 0; i < 20; i++) {
      if (i % 5 === 0) await client.script('FLUSH');
      expect((await store.consume([check(rule)]))[0]?.remaining).toBe(999 - i);
    }
    await store.close();
  });

  it.each(ALGORITHMS)('locks nobody out for longer than a period when the clock of Redis leaps back: %s', async (algorithm) => {
    // So long that nothing of what was counted is over before the clock leaps.
    const periodMs = 5_000;
    const rule = ruleOf(`leap-${algorithm}`, 2, algorithm, periodMs);
    const key = `waygate:rl:{${rule.id}:caller}`;
    const store = await storeOn(server);
    for (let i = 0; i < 2; i++) await store.consume([check(rule)]);
    // What an hour ahead had written lies in the future now.
    const ahead = 3_600_000;
    const value = (await client.get(key)) ?? '';
    if (algorithm === 'token_bucket')
      await client.set(
        key,
        value.replace(/\|(\d+)$/, (_, at) => `|${Number(at) + ahead}`),
      );
    if (algorithm === 'sliding_window')
      await client.set(
        key,
        value.replace(/^\d+/, (index) => `${Number(index) + ahead / periodMs}`),
      );
    if (algorithm === 'moving_window') {
      const log = await client.lrange(`${key}:log`, 0, -1);
      const shifted = log.map((entry) => entry.replace(/^\d+/, (at) => `${Number(at) + ahead}`));
      await client
        .multi()
        .del(`${key}:log`)
        .rpush(`${key}:log`, ...shifted)
        .exec();
    }
    for (const name of [key, `${key}:log`]) await client.pexpire(name, ahead);
    const after = await store.consume([check(rule)]);
    expect(after).toMatchObject([{ allowed: false }]);
    expect(after[0]?.retryAfterMs).toBeLessThanOrEqual(periodMs);
    await expect.poll(async () => (await store.consume([check(rule)]))[0]?.allowed, { interval: 50 }).toBe(true);
    await store.close();
  });

  it('is opened by its first requests where nobody opened it', async () => {
    const rule = ruleOf('unopened', 2, 'fixed_window', 60_000);
    const store = new RedisCounterStore(client, PATIENT);
    const verdicts = await Promise.all([1, 2, 3].map(() => store.consume([check(rule)])));
    expect(verdicts.map(([verdict]) => verdict?.allowed)).toEqual([true, true, false]);
    await store.close();
    const nowhere = new RedisCounterStore('redis://127.0.0.1:1', { budgetMs: 100 });
    await expect(nowhere.consume([check(rule)])).rejects.toThrow(/Redis/);
    await nowhere.close();
  });

  it('keeps nobody blocked when the clock of the process leaps back', async () => {
    const rule = ruleOf('leap-process', 1, 'fixed_window', 500);
    const store = await storeOn(server);
    for (let i = 0; i < 2; i++) await store.consume([check(rule)]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    try {
      const isAllowed = async () => (await store.consume([check(rule)]))[0]?.allowed === true;
      expect(await vi.waitUntil(isAllowed, PATIENCE)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
    await store.close();
  });

  it.each(ALGORITHMS)('counts requests of any weight: %s', async (algorithm) => {
    const { engine, app } = await startApp('fastify', {
      controllers: [],
      waygate: { counterStore: new RedisCounterStore(server.url, PATIENT) },
    });
    const told: unknown[] = [];
    engine.events.on('counters', ({ error }) => told.push(error));
    await engine.routes.register([{ key: 'POST:/weighed', declaration: {} }]);
    const route = engine.rateLimits.declare('POST:/weighed', [
      { limit: '10/hour', algorithm, name: algorithm, functions: { cost: (request) => request as number } },
    ]);
    const send = async (request: unknown) => {
      const caller = { ip: '192.0.2.1', apiKey: null, user: null, roles: [], attribute: () => null, request };
      return (await engine.limit(route, 'origin', caller, 'POST')).outcome;
    };
    expect([await send(0), await send(4), await send(6), await send(0)]).toEqual(['allow', 'allow', 'allow', 'allow']);
    for (const weight of [1, 11, 1e20, Number.MAX_VALUE]) expect([weight, await send(weight)]).toEqual([weight, 'block']);
    expect(told).toEqual([]);
    await app.close();
  });

  it('blocks for times that apps work out, which are no whole numbers', async () => {
    const { engine, app } = await startApp('fastify', {
      controllers: [],
      waygate: { counterStore: new RedisCounterStore(server.url, PATIENT) },
    });
    const told: unknown[] = [];
    engine.events.on('counters', ({ error }) => told.push(error));
    await engine.routes.register([{ key: 'GET:/blocked', declaration: {} }]);
    const blockMs = 1.1 * 3_600_000;
    const route = engine.rateLimits.declare('GET:/blocked', [
      { limit: '1/hour', name: 'set', blockMs },
      { limit: '1/hour', name: 'asked', functions: { limit: () => ({ limit: 1, periodMs: 60_000, blockMs }) }, phase: 'origin' },
    ]);
    const send = async (ip: string) => {
      const caller = { ip, apiKey: null, user: null, roles: [], attribute: () => null, request: null };
      return engine.limit(route, 'origin', caller, 'GET');
    };
    expect([(await send('192.0.2.1')).outcome, (await send('192.0.2.1')).outcome]).toEqual(['allow', 'block']);
    await engine.rateLimits.set('GET:/blocked', { limit: '1/hour', name: 'set', mode: 'off' });
    expect([(await send('192.0.2.2')).outcome, (await send('192.0.2.2')).outcome]).toEqual(['allow', 'block']);
    expect(told).toEqual([]);
    await app.close();
  });

  it('keeps apps with another prefix apart', async () => {
    const [first, second] = [
      await storeOn(server, { ...PATIENT, prefix: 'one' }),
      await storeOn(server, { ...PATIENT, prefix: 'two' }),
    ];
    const rule = ruleOf('prefix', 1);
    expect([(await first.consume([check(rule)]))[0]?.allowed, (await second.consume([check(rule)]))[0]?.allowed]).toEqual([
      true,
      true,
    ]);
    await Promise.all([first.close(), second.close()]);
    expect(() => new RedisCounterStore(server.url, { prefix: 'no spaces' })).toThrow(/^prefix: /);
  });
});

// A budget is a timer of this process: how long a request waits for it is measured by the time the process had.
const time = new OwnTime();
afterAll(() => time.stop());

/** Requests that wait for an answer while none comes: two before nobody asks any more, then one each time this long after the last. */
const PROBE_MS = 250;
const mostThatWait = (ms: number) => 2 + Math.floor(ms / PROBE_MS);

describe('a Redis in trouble', () => {
  it('that is killed costs no request more than its budget, and is used again when it is back', async () => {
    const server = await RedisServer.start();
    const store = await storeOn(server, { budgetMs: 50 });
    const rule = ruleOf('kill', 1_000_000);
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    await server.kill9();
    const waits: number[] = [];
    for (let i = 0; i < 200; i++) {
      waits.push(await time.of(() => expect(store.consume([check(rule)])).rejects.toThrow(CounterStoreError)));
    }
    expect(Math.max(...waits)).toBeLessThan(100);
    await server.restart();
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    await store.close();
    await server.stop();
  });

  it('that is frozen is waited for once a probe, not once a request', async () => {
    const server = await RedisServer.start();
    const store = await storeOn(server, { budgetMs: 50 });
    const rule = ruleOf('freeze', 1_000_000);
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    server.freeze();
    const waits: number[] = [];
    const began = performance.now();
    for (let i = 0; i < 500; i++) {
      waits.push(await time.of(() => store.consume([check(rule)]).catch(() => undefined)));
    }
    const lasted = performance.now() - began;
    // A probe waits for the budget; everybody else is told at once.
    const slow = waits.filter((wait) => wait >= 40);
    expect(Math.max(...waits)).toBeLessThan(110);
    expect(slow.length).toBeLessThanOrEqual(mostThatWait(lasted));
    expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)]).toBeLessThan(5);
    server.thaw();
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    await store.close();
    await server.stop();
  });

  it.each(['frozen', 'killed'])(
    'that is %s makes nobody wait who gave a client of their own, as ioredis makes it',
    async (how) => {
      const server = await RedisServer.start();
      const own = new Redis(server.url);
      own.on('error', () => undefined);
      const store = new RedisCounterStore(own, { budgetMs: 100 });
      await store.open();
      const rule = ruleOf('own-client', 1_000_000);
      await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
      if (how === 'frozen') server.freeze();
      else await server.kill9();
      for (let i = 0; i < 3; i++) {
        const waited = await time.of(() => expect(store.consume([check(rule)])).rejects.toThrow(CounterStoreError));
        expect(waited).toBeLessThan(300);
      }
      await store.close();
      expect(own.status).not.toBe('end');
      own.disconnect();
      await server.stop();
    },
  );

  it.each([
    ['out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['a read-only replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])('that is %s says so, and is used again afterwards', async (_what, [command = '', ...args], [mend = '', ...mendArgs]) => {
    const server = await RedisServer.start();
    const admin = new Redis(server.url);
    const store = await storeOn(server);
    const rule = ruleOf('trouble', 1_000_000);
    await store.consume([check(rule)]);
    await admin.call(command, ...args);
    await expect(store.consume([check(rule)])).rejects.toThrow(CounterStoreError);
    await admin.call(mend, ...mendArgs);
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    admin.disconnect();
    await store.close();
    await server.stop();
  });

  it('that answers later than the budget when it is first reached is connected to, and used as soon as it is quick', async () => {
    const server = await RedisServer.start();
    const proxy = await TcpProxy.start(server.port);
    proxy.delayMs = 150;
    const store = new RedisCounterStore(proxy.url, { budgetMs: 50 });
    await store.open();
    const rule = ruleOf('far', 1_000_000);
    await expect(store.consume([check(rule)])).rejects.toThrow(CounterStoreError);
    proxy.delayMs = 0;
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    expect(proxy.connections).toHaveLength(1);
    // So it is when the connection was lost.
    proxy.delayMs = 150;
    proxy.cut();
    await expect.poll(() => proxy.connections.length).toBe(2);
    await expect(store.consume([check(rule)])).rejects.toThrow(CounterStoreError);
    proxy.delayMs = 0;
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    expect(proxy.connections).toHaveLength(2);
    await store.close();
    await proxy.stop();
    await server.stop();
  });

  it('that is slow is given up within its budget', async () => {
    const server = await RedisServer.start();
    const proxy = await TcpProxy.start(server.port);
    const store = new RedisCounterStore(`redis://127.0.0.1:${proxy.port}`, { budgetMs: 50 });
    await store.open();
    const rule = ruleOf('slow', 1_000_000);
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    proxy.delayMs = 400;
    const waits: number[] = [];
    const began = performance.now();
    for (let i = 0; i < 300; i++) {
      waits.push(await time.of(() => store.consume([check(rule)]).catch(() => undefined)));
    }
    // Two wait for their budget and open the breaker; after its pause a probe may. All others are answered at once.
    expect(waits.filter((wait) => wait >= 40).length).toBeLessThanOrEqual(mostThatWait(performance.now() - began));
    expect(Math.max(...waits)).toBeLessThan(250);
    proxy.delayMs = 0;
    await expect.poll(() => isUsed(store, rule), { interval: 20 }).toBe(true);
    await store.close();
    await proxy.stop();
    await server.stop();
  });

  it('lets each limit say what holds meanwhile, fails no request, and is told by an event', async () => {
    @Controller()
    class Limits {
      @Get('shared') @RateLimit('2/minute') shared() {
        return 'ok';
      }
      @Get('local') @RateLimit('2/minute') local() {
        return 'ok';
      }
      @Get('allow') @RateLimit('2/minute', { onStoreError: 'allow' }) allow() {
        return 'ok';
      }
      @Get('deny') @RateLimit('2/minute', { onStoreError: 'deny' }) deny() {
        return 'ok';
      }
    }
    const server = await RedisServer.start();
    const counterStore = new RedisCounterStore(server.url, { budgetMs: 5_000 });
    const { engine, request, app } = await startApp('fastify', { controllers: [Limits], waygate: { counterStore } });
    const other = await startApp('fastify', {
      controllers: [Limits],
      waygate: { counterStore: new RedisCounterStore(server.url, { budgetMs: 5_000 }) },
    });
    const told: boolean[] = [];
    engine.events.on('counters', ({ error }) => told.push(error !== null));
    const statuses = async (path: string, times = 4) => {
      const seen = [];
      for (let i = 0; i < times; i++) seen.push((await request(path)).status);
      return seen;
    };
    expect([
      (await request('/shared')).status,
      (await other.request('/shared')).status,
      (await request('/shared')).status,
    ]).toEqual([200, 200, 429]);
    await server.kill9();
    // Who was blocked stays so, without asking.
    expect(await statuses('/shared', 1)).toEqual([429]);
    expect(await statuses('/local')).toEqual([200, 200, 429, 429]);
    expect(await statuses('/allow')).toEqual([200, 200, 200, 200]);
    expect(await statuses('/deny')).toEqual([429, 429, 429, 429]);
    expect(told).toEqual([true]);
    await server.restart();
    await expect.poll(async () => (await statuses('/deny', 1))[0], { interval: 50 }).toBe(200);
    expect(told).toEqual([true, false]);
    await Promise.all([app.close(), other.app.close()]);
    await server.stop();
  });

  it('at the start keeps no app from starting', async () => {
    @Controller()
    class Limited {
      @Get('limited') @RateLimit('1/minute') limited() {
        return 'ok';
      }
    }
    const server = await RedisServer.start();
    await server.kill9();
    await expectWithin(3_000, async () => {
      const started = performance.now();
      const { request, app } = await startApp('express', {
        controllers: [Limited],
        waygate: { counterStore: new RedisCounterStore(server.url) },
      });
      const took = performance.now() - started;
      expect([(await request('/limited')).status, (await request('/limited')).status]).toEqual([200, 429]);
      await app.close();
      return took;
    });
    await server.stop();
  });
});

describe('a Redis Cluster of three', () => {
  let nodes: RedisServer[];
  beforeAll(async () => {
    nodes = await startCluster();
  });
  afterAll(async () => {
    await Promise.all((nodes ?? []).map((node) => node.stop()));
  });

  it.each(['waygate', '{waygate}'])('counts exactly, and several limits at once, with the prefix %s', async (prefix) => {
    const cluster = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    const store = new RedisCounterStore(cluster, { ...PATIENT, prefix });
    await expect.poll(() => isUsed(store, ruleOf('warm', 9))).toBe(true);
    for (const algorithm of ALGORITHMS) {
      const rule = ruleOf(`cluster-${algorithm}`, 50, algorithm, 3_600_000);
      const verdicts = await Promise.all(
        Array.from({ length: 300 }, async () => (await store.consume([check(rule)]))[0]?.allowed),
      );
      expect([algorithm, verdicts.filter(Boolean).length]).toEqual([algorithm, 50]);
    }
    const checks = [ruleOf('outer', 3), ruleOf('middle', 2, 'token_bucket'), ruleOf('inner', 5, 'moving_window')].map((rule) =>
      check(rule),
    );
    const seen = [];
    for (let i = 0; i < 3; i++) seen.push((await store.consume(checks)).map(({ allowed }) => allowed));
    expect(seen).toEqual([
      [true, true, true],
      [true, true, true],
      [true, false],
    ]);
    await store.close();
    expect(cluster.status).toBe('ready');
    cluster.disconnect();
  });

  it('that is frozen makes nobody wait', async () => {
    const cluster = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    const store = new RedisCounterStore(cluster, { budgetMs: 100 });
    const answers = () => isUsed(store, ruleOf('frozen-cluster', 1_000_000));
    await expect.poll(answers, { interval: 50 }).toBe(true);
    for (const node of nodes) node.freeze();
    for (let i = 0; i < 3; i++) {
      expect(await time.of(async () => expect(await answers()).toBe(false))).toBeLessThan(300);
    }
    for (const node of nodes) node.thaw();
    await expect.poll(answers, { interval: 50 }).toBe(true);
    await store.close();
    cluster.disconnect();
  });
});

it('follows a failover of Sentinel, and fails no request meanwhile', async () => {
  const { master, replica, sentinel } = await startSentinel();

  @Controller()
  class Limited {
    @Get('limited') @RateLimit('1000000/hour') limited() {
      return 'ok';
    }
  }
  const counterStore = new RedisCounterStore(
    { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main' },
    { budgetMs: 100 },
  );
  const { engine, request, app } = await startApp('fastify', { controllers: [Limited], waygate: { counterStore } });
  const told: boolean[] = [];
  engine.events.on('counters', ({ error }) => told.push(error !== null));
  expect((await request('/limited')).status).toBe(200);
  // What was told before is no end of what comes now.
  told.length = 0;
  await master.kill9();
  const statuses = new Set<number>();
  await expect
    .poll(
      async () => {
        statuses.add((await request('/limited')).status);
        return told.at(-1) === false;
      },
      { timeout: 25_000, interval: 20 },
    )
    .toBe(true);
  expect([...statuses]).toEqual([200]);
  const promoted = new Redis(replica.url);
  expect((await promoted.keys('waygate:rl:*')).length).toBeGreaterThan(0);
  promoted.disconnect();
  await app.close();
  await Promise.all([sentinel.stop(), replica.stop(), master.stop()]);
});
