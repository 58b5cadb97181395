import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WaygateServerBackend } from '@waygate/client/backend';
import { FileBackend, WaygateEngine } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin } from '../support/admin-app.js';
import { ON_OFF } from '../support/flag.js';
import { LONG_PATIENCE } from '../support/patience.mjs';
import { RedisServer } from '../support/redis-server.js';
import * as previous from './release-0.1.0.mjs';

/** The code of a release: its engine, and its backends. */
const current = { FileBackend, RedisBackend, WaygateEngine, WaygateServerBackend };
type Release = typeof current;
const BOTH_WAYS: readonly (readonly [string, Release, string, Release])[] = [
  ['this version', current, 'version 0.1.0', previous],
  ['version 0.1.0', previous, 'this version', current],
];

let redis: RedisServer;
let client: Redis;
let folder: string;
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  redis = await RedisServer.start();
  client = new Redis(redis.url);
  folder = mkdtempSync(join(tmpdir(), 'waygate-compat-'));
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  await client.flushall();
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
  rmSync(folder, { recursive: true });
});

async function engineOf(
  { WaygateEngine: Engine }: Release,
  backend: ConstructorParameters<typeof WaygateEngine>[0],
): Promise<WaygateEngine> {
  const engine = new Engine(backend);
  endings.push(() => engine.close());
  await engine.open();
  await engine.routes.register(['a', 'b', 'c'].map((name) => ({ key: `GET:/${name}`, declaration: {} })));
  return engine;
}

/** Sets one of everything that decides. */
async function set(engine: WaygateEngine): Promise<void> {
  await engine.routes.disable('GET:/a', { reason: 'closed' });
  await engine.routes.setEnvironments('GET:/b', ['staging']);
  await engine.rateLimits.set('GET:/c', { limit: '5/minute' });
  await engine.flags.create({ ...ON_OFF, key: 'beta', name: 'Beta', fallthrough: 'on' });
  await engine.maintenance.forService('shop').enable({ reason: 'moving', expiresIn: '2h' });
}

async function what(engine: WaygateEngine): Promise<object> {
  const { enabled, reason } = await engine.maintenance.forService('shop').get();
  return {
    a: engine.decide('GET:/a'),
    b: engine.decide('GET:/b').outcome,
    limits: engine.sync.rateLimits.list().map(({ key, policies }) => [key, policies.map(({ limit }) => limit)]),
    flag: engine.sync.flags.list().map(({ key }) => key),
    shop: [enabled, reason],
  };
}

describe.each(BOTH_WAYS)('what %s stored', (_writerName, writer, readerName, reader) => {
  it.each(['json', 'yaml', 'toml'])(`decides alike in ${readerName}, which can change it, in a %s file`, async (extension) => {
    const path = join(folder, `${readerName}.${extension}`);
    const first = await engineOf(writer, { backend: new writer.FileBackend(path) });
    await set(first);
    const expected = await what(first);
    await first.close();
    const second = await engineOf(reader, { backend: new reader.FileBackend(path) });
    expect(await what(second)).toEqual(expected);
    await second.routes.enable('GET:/a');
    await second.close();
    const third = await engineOf(writer, { backend: new writer.FileBackend(path) });
    expect(third.decide('GET:/a').outcome).toBe('allow');
    expect(third.decide('GET:/b').outcome).toBe('block');
  });

  it(`decides alike in ${readerName}, which can change it, in Redis, while both run`, async () => {
    const [first, second] = [
      await engineOf(writer, { backend: new writer.RedisBackend(redis.url) }),
      await engineOf(reader, { backend: new reader.RedisBackend(redis.url) }),
    ];
    await set(first);
    const expected = await what(first);
    await expect.poll(() => what(second)).toEqual(expected);
    await second.routes.enable('GET:/a');
    await expect.poll(() => first.decide('GET:/a').outcome).toBe('allow');
    expect([first.health.status, second.health.status]).toEqual(['ready', 'ready']);
  });
});

it('restores a Redis that was flushed for processes of version 0.1.0 as well', async () => {
  const [first, second] = [
    await engineOf(current, { backend: new RedisBackend(redis.url) }),
    await engineOf(previous, { backend: new previous.RedisBackend(redis.url) }),
  ];
  await set(first);
  await expect.poll(() => second.decide('GET:/a').outcome).toBe('block');
  await client.flushall();
  await expect.poll(() => first.health.status, LONG_PATIENCE).toBe('state-lost');
  await expect.poll(() => first.health.status, LONG_PATIENCE).toBe('ready');
  const expected = await what(first);
  await expect.poll(() => what(second), LONG_PATIENCE).toEqual(expected);
  await second.routes.enable('GET:/a');
  await expect.poll(() => first.decide('GET:/a').outcome).toBe('allow');
});

it('serves services of version 0.1.0, and takes their changes', async () => {
  const server = await startAdmin('express', { controllers: [], admin: { path: '' } });
  endings.push(() => server.app.close());
  const service = await engineOf(previous, {
    backend: new previous.WaygateServerBackend({ url: server.url, appId: 'shop', ...ADMIN, reconnectDelay: 50 }),
    service: 'shop',
  });
  await server.engine.routes.disable('shop:GET:/a', { reason: 'closed' });
  await expect.poll(() => service.decide('GET:/a')).toMatchObject({ outcome: 'block', reason: 'closed' });
  await service.routes.enable('GET:/a');
  await expect.poll(() => server.engine.decide('shop:GET:/a').outcome).toBe('allow');
});
