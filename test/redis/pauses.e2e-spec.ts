import type { CounterRule } from '@waygate/core';
import { RedisCounterStore } from '@waygate/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';

/** Keeps the event loop busy, as a request that computes does. */
function pause(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('a pause of our own process', () => {
  let server: RedisServer;
  let store: RedisCounterStore;

  beforeAll(async () => {
    server = await RedisServer.start();
    store = new RedisCounterStore(server.url);
    await store.open();
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  const ruleOf = (id: string, limit: number): CounterRule => {
    return { id, algorithm: 'fixed_window', limit, burst: 0, periodMs: 60_000 };
  };

  for (const ms of [20, 60, 150, 500])
    for (const inFlight of [1, 50, 400])
      it(`of ${ms} ms with ${inFlight} requests in flight changes no decision`, async () => {
        const limit = Math.ceil(inFlight / 2);
        const rule = ruleOf(`pause-${ms}-${inFlight}`, limit);
        for (let round = 0; round < 3; round++) {
          const caller = `caller-${round}`;
          const asked = Array.from({ length: inFlight }, () => store.consume([{ rule, caller, cost: 1 }]));
          pause(ms);
          const verdicts = (await Promise.all(asked)).flat();
          expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(limit);
          expect(verdicts).toHaveLength(inFlight);
        }
      });

  it('again and again changes no decision either', async () => {
    const rule = ruleOf('pauses', 200);
    const asked: Promise<unknown>[] = [];
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 15; j++) asked.push(Promise.resolve(store.consume([{ rule, caller: 'caller', cost: 1 }])));
      pause(80);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const verdicts = (await Promise.all(asked)) as { allowed: boolean }[][];
    expect(verdicts.flat().filter(({ allowed }) => allowed)).toHaveLength(200);
  });
});
