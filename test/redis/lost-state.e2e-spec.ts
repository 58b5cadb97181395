import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateLostError, WaygateEngine } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';

/** Noticing takes up to 1.5 s, the offers 2 s, and the next attempt up to 1.5 s. */
const RESTORED = { interval: 20, timeout: 12_000 };
const SOON = { interval: 10, timeout: 5_000 };

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function serverOf(...config: string[]): Promise<{ server: RedisServer; client: Redis }> {
  const server = await RedisServer.start(config);
  endings.push(() => server.stop());
  return { server, client: clientOf(server) };
}

function clientOf(server: RedisServer): Redis {
  const client = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  endings.push(() => client.disconnect());
  return client;
}

async function engineOn(url: string, options: { snapshotPath?: string } = {}): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend: new RedisBackend(url), ...options });
  endings.push(() => engine.close());
  await engine.open();
  await engine.routes.register([
    { key: 'GET:/a', declaration: {} },
    { key: 'GET:/b', declaration: {} },
  ]);
  return engine;
}

/** Every outcome that an engine decides for a route, from now on. */
function watchDecisions(engine: WaygateEngine, key: string): Set<string> {
  const seen = new Set<string>();
  const timer = setInterval(() => seen.add(engine.decide(key).outcome), 1);
  endings.push(() => clearInterval(timer));
  return seen;
}

async function restoredEntries(engine: WaygateEngine): Promise<number> {
  return (await engine.audit.list({ action: 'state_restored' })).items.length;
}

const allReady = (engines: readonly WaygateEngine[]) => () => engines.map(({ health }) => health.status);

describe('a Redis that lost state', () => {
  const losses: readonly [string, (server: RedisServer, client: Redis) => Promise<unknown>][] = [
    ['was flushed', (_server, client) => client.flushall()],
    ['lost the hash of the state', (_server, client) => client.del('{waygate}:state')],
    [
      'was restarted empty',
      async (server) => {
        await server.kill9();
        await server.restart();
      },
    ],
  ];

  it.each(losses)('opens no closed route, and is restored once by one of three processes, when it %s', async (_what, lose) => {
    const { server, client } = await serverOf();
    const engines = [await engineOn(server.url), await engineOn(server.url), await engineOn(server.url)];
    const [first, second] = engines as [WaygateEngine, WaygateEngine];
    await first.routes.disable('GET:/a', { reason: 'incident' });
    const outcomes = () => engines.map((engine) => engine.decide('GET:/a').outcome);
    await expect.poll(outcomes, SOON).toEqual(['block', 'block', 'block']);
    const seen = engines.map((engine) => watchDecisions(engine, 'GET:/a'));
    const statuses = new Set<string>();
    for (const engine of engines) engine.events.on('health', ({ status }) => statuses.add(status));

    await lose(server, client);
    await expect.poll(() => statuses.has('state-lost'), SOON).toBe(true);
    await expect.poll(() => restoredEntries(first).catch(() => 0), RESTORED).toBe(1);
    await expect.poll(allReady(engines), RESTORED).toEqual(['ready', 'ready', 'ready']);
    expect(seen.map((each) => [...each])).toEqual([['block'], ['block'], ['block']]);

    await second.routes.disable('GET:/b', { reason: 'after' });
    await expect.poll(() => first.decide('GET:/b').outcome, SOON).toBe('block');
    expect(await restoredEntries(first)).toBe(1);
    expect(new Set(engines.map(({ revision }) => revision)).size).toBe(1);
  });

  it('reports its state as lost, and refuses changes until it is restored', async () => {
    const { server, client } = await serverOf();
    const engine = await engineOn(server.url);
    await engine.routes.disable('GET:/a', { reason: 'incident' });
    await client.flushall();
    await expect.poll(() => engine.health.status, SOON).toBe('state-lost');
    expect(engine.health.reason).toMatch(/^the store is empty; it lacks \d+ records known here; it will be restored$/);
    expect(engine.troubles.join()).toContain('state-lost');
    await expect(engine.routes.enable('GET:/a')).rejects.toBeInstanceOf(StateLostError);
    await expect.poll(() => engine.health.status, RESTORED).toBe('ready');
    await engine.routes.enable('GET:/a');
  });

  it('keeps what a process without memory wrote to the empty store', async () => {
    const { server, client } = await serverOf();
    const old = await engineOn(server.url);
    await old.routes.disable('GET:/a', { reason: 'incident' });
    for (const reason of ['1', '2', '3', '4']) await old.routes.disable('GET:/b', { reason });
    await client.flushall();
    const fresh = await engineOn(server.url);
    await fresh.maintenance.forService('shop').enable({ reason: 'new' });
    await expect.poll(allReady([old, fresh]), RESTORED).toEqual(['ready', 'ready']);
    await expect.poll(() => restoredEntries(old), RESTORED).toBe(1);
    for (const engine of [old, fresh]) {
      await expect.poll(() => engine.decide('GET:/a').outcome, SOON).toBe('block');
      expect((await engine.maintenance.forService('shop').get()).reason).toBe('new');
    }
  });

  it('is restored from the copy of a process that was down at that time, which is also kept under another name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waygate-lost-'));
    endings.push(() => rm(folder, { recursive: true }));
    const snapshotPath = join(folder, 'copy');
    const { server, client } = await serverOf();
    const before = await engineOn(server.url, { snapshotPath });
    await before.routes.disable('GET:/a', { reason: 'incident' });
    await before.close();
    await client.flushall();

    const after = await engineOn(server.url, { snapshotPath });
    expect(after.decide('GET:/a').outcome).toBe('block');
    expect(after.health.status).toBe('state-lost');
    await expect.poll(() => after.health.status, RESTORED).toBe('ready');
    expect(after.decide('GET:/a').outcome).toBe('block');
    const aside = (await readdir(folder)).find((name) => name.startsWith('copy.lost-'));
    expect(await readFile(join(folder, aside ?? ''), 'utf8')).toContain('incident');
  });

  it('starts empty where no process survived', async () => {
    const { server, client } = await serverOf();
    const before = await engineOn(server.url);
    await before.routes.disable('GET:/a', { reason: 'incident' });
    await before.close();
    await client.flushall();
    const after = await engineOn(server.url);
    expect(after.health.status).toBe('ready');
    expect(after.decide('GET:/a').outcome).toBe('allow');
  });
});

describe('a Redis that was restored from an older backup', () => {
  async function setting() {
    const { server, client } = await serverOf();
    const engines = [await engineOn(server.url), await engineOn(server.url)] as const;
    await engines[0].routes.disable('GET:/b', { reason: 'in the backup' });
    const backup = await client.dumpBuffer('{waygate}:state');
    await engines[0].routes.disable('GET:/a', { reason: 'incident' });
    await engines[0].routes.enable('GET:/b');
    await expect.poll(() => engines[1].decide('GET:/a').outcome, SOON).toBe('block');
    const restore = async () => {
      await client.flushall();
      await client.restore('{waygate}:state', 0, backup);
    };
    return { client, engines, restore };
  }

  it('is brought back to the newest state', async () => {
    const { engines, restore } = await setting();
    const seen = watchDecisions(engines[1], 'GET:/a');
    await restore();
    await expect.poll(() => engines[0].health.status, SOON).toBe('state-lost');
    await expect.poll(() => restoredEntries(engines[0]), RESTORED).toBe(1);
    await expect.poll(allReady(engines), RESTORED).toEqual(['ready', 'ready']);
    expect([...seen]).toEqual(['block']);
    expect(engines[0].decide('GET:/b').outcome).toBe('allow');
  });

  it('is believed by every process once an operator accepts it', async () => {
    const { engines, restore } = await setting();
    await restore();
    await expect.poll(() => engines[0].health.status, SOON).toBe('state-lost');
    await engines[0].acceptState({ actor: 'alice', reason: 'restored on purpose' });
    await expect.poll(allReady(engines), SOON).toEqual(['ready', 'ready']);
    for (const engine of engines) {
      await expect.poll(() => engine.decide('GET:/a').outcome, SOON).toBe('allow');
      expect(engine.decide('GET:/b')).toMatchObject({ outcome: 'block', reason: 'in the backup' });
    }
    const { items } = await engines[1].audit.list({ action: 'state_accepted' });
    expect(items).toMatchObject([{ actor: 'alice', reason: 'restored on purpose', kind: 'state' }]);
    expect(await restoredEntries(engines[0])).toBe(0);
    await engines[1].routes.disable('GET:/a', { reason: 'after' });
    await expect.poll(() => engines[0].decide('GET:/a').outcome, SOON).toBe('block');
  });
});
