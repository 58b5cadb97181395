import { WaygateServerBackend } from '@waygate/client/backend';
import { MemoryBackend, WaygateEngine, type WaygateEngineOptions } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin } from '../support/admin-app.js';
import { RedisServer } from '../support/redis-server.js';

const HOUR = 3_600_000;
/** A leap is noticed within a second. */
const SOON = { interval: 10, timeout: 5_000 };

let redis: RedisServer;
let client: Redis;
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  redis = await RedisServer.start();
  client = new Redis(redis.url);
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  await client.flushall();
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
});

async function engineOf(options: WaygateEngineOptions): Promise<WaygateEngine> {
  const engine = new WaygateEngine(options);
  endings.push(() => engine.close());
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
  return engine;
}

const onRedis = (more: WaygateEngineOptions = {}) => engineOf({ backend: new RedisBackend(redis.url), ...more });
const edges = async (engine: WaygateEngine) => (await engine.audit.list({ actor: 'scheduler' })).items;

describe('a node whose clock is two hours ahead of Redis', () => {
  it('records no edge for the others, decides by the time of Redis, and reports trouble', async () => {
    const right = await onRedis();
    const wrong = await onRedis({ clock: () => Date.now() + 2 * HOUR });
    await right.routes.disable('GET:/a', { reason: 'incident', expiresIn: '1h' });
    await expect.poll(() => wrong.decide('GET:/a').outcome, SOON).toBe('block');
    expect(wrong.troubles).toEqual(["the clock is 7200.0 s ahead of the store's time; no edges of windows are recorded here"]);
    expect(wrong.clockAhead).toBeGreaterThan(2 * HOUR - 500);
    expect(Math.abs(right.clockAhead ?? HOUR)).toBeLessThan(500);
    // Each change waits for what time changed: this one would have found the override expired.
    await wrong.maintenance.forService('shop').enable({ reason: 'moving' });
    expect(right.decide('GET:/a')).toMatchObject({ outcome: 'block', reason: 'incident' });
    expect(await edges(right)).toEqual([]);
    expect((await right.audit.list()).items.every(({ at }) => Date.parse(at) < Date.now() + 60_000)).toBe(true);
  });

  it('does not act by a clock that leaps while it runs, and is corrected', async () => {
    let leap = 0;
    const node = await onRedis({ clock: () => Date.now() + leap });
    await node.routes.disable('GET:/a', { reason: 'incident', expiresIn: '1h' });
    leap = 2 * HOUR;
    await node.maintenance.forService('shop').enable({ reason: 'moving' });
    expect(await edges(node)).toEqual([]);
    await expect.poll(() => node.troubles.join(), SOON).toContain('7200.0 s ahead');
    expect(node.decide('GET:/a').outcome).toBe('block');
    leap = 0;
    await expect.poll(() => node.troubles, SOON).toEqual([]);
    expect(node.decide('GET:/a').outcome).toBe('block');
  });
});

it('corrects a clock within the tolerance, and still records edges by it', async () => {
  const node = await onRedis({ clock: () => Date.now() - 1_500 });
  expect(node.troubles).toEqual([]);
  expect(Math.abs(node.now() - Date.now())).toBeLessThan(500);
  await node.routes.disable('GET:/a', { expiresIn: '1s' });
  await expect.poll(() => edges(node), SOON).toMatchObject([{ action: 'override_expired', key: 'GET:/a' }]);
  expect(node.decide('GET:/a').outcome).toBe('allow');
});

it('decides by the time of its server where the clock of a service is wrong', async () => {
  const server = await startAdmin('express', { controllers: [], admin: { path: '' }, waygate: { backend: new MemoryBackend() } });
  endings.push(() => server.app.close());
  const backend = new WaygateServerBackend({ url: server.url, appId: 'shop', ...ADMIN });
  const service = await engineOf({ backend, service: 'shop', clock: () => Date.now() + 2 * HOUR });
  await server.engine.routes.disable('shop:GET:/a', { reason: 'incident', expiresIn: '1h' });
  await expect.poll(() => service.decide('GET:/a').outcome, SOON).toBe('block');
  expect(service.troubles.join()).toContain('7200.0 s ahead');
  const token = await server.signIn();
  const { text } = await server.call('GET', '/api/metrics', undefined, token);
  expect(text).toContain('waygate_clock_ahead_seconds 0');
});
