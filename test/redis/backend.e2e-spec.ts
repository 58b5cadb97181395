import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  BackendUnavailableError,
  ConflictError,
  WaygateEngine,
  type ChangeSet,
  type RecordWrite,
  type StoredRecord,
} from '@waygate/core';
import { backendContract } from '@waygate/core/testing';
import { RedisBackend, type RedisBackendOptions, type RedisConnection } from '@waygate/redis';
import { Cluster, Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LONG_PATIENCE } from '../support/patience.mjs';
import { RedisServer } from '../support/redis-server.js';
import { startCluster, startSentinel } from '../support/redis-topologies.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const value = { service: null, declared: { state: 'active' }, override: null };
const write = (key: string, expected: number): RecordWrite => ({ kind: 'route', key, expected, value }) as unknown as RecordWrite;
const change = (...writes: RecordWrite[]): ChangeSet => ({
  writes,
  audit: writes.map(({ key }) => ({
    id: key,
    at: new Date().toISOString(),
    action: 'enable',
    kind: 'route',
    key,
    service: null,
    actor: 'tester',
    platform: 'code',
    reason: '',
    before: null,
    after: value,
  })),
});
const hit = (id: string) => ({ id, at: new Date().toISOString(), route: 'GET:/a', method: 'GET', caller: id }) as never;

const endings: (() => unknown)[] = [];
/** Ends something when the test is over, last come first. */
function later(end: () => unknown): void {
  endings.push(end);
}
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function serverOf(...config: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(config);
  later(() => server.stop());
  return server;
}

async function proxyTo(server: RedisServer): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(server.port);
  later(() => proxy.stop());
  return proxy;
}

function adminOf(server: RedisServer): Redis {
  const admin = new Redis(server.url);
  admin.on('error', () => undefined);
  later(() => admin.disconnect());
  return admin;
}

async function backendOn(connection: RedisConnection, options: RedisBackendOptions = {}): Promise<RedisBackend> {
  const backend = new RedisBackend(connection, options);
  later(() => backend.close());
  await backend.open();
  return backend;
}

/** However late the machine comes to answer, a commit waits: for tests that are not about how long. */
const PATIENT = { commitTimeout: 30_000 } as const;

/** An engine with the route `GET:/a`. */
async function engineOn(connection: RedisConnection, options: RedisBackendOptions = {}): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend: new RedisBackend(connection, options) });
  later(() => engine.close());
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
  return engine;
}

const reasonOf = (engine: WaygateEngine): string | undefined => {
  const decision = engine.decide('GET:/a');
  return 'reason' in decision ? decision.reason : undefined;
};
async function becomes(engine: WaygateEngine, status: string): Promise<void> {
  await expect.poll(() => engine.health.status, { interval: 5 }).toBe(status);
}

/** Waits until this process has tried so many more connections. */
async function attemptsToConnect(count: number): Promise<void> {
  let tried = 0;
  const hear = () => void tried++;
  subscribe('net.client.socket', hear);
  try {
    // Delays grow to a second.
    await expect.poll(() => tried, LONG_PATIENCE).toBeGreaterThanOrEqual(count);
  } finally {
    unsubscribe('net.client.socket', hear);
  }
}

describe('RedisBackend', () => {
  let server: RedisServer;
  let client: Redis;
  let speaking: Redis<'resp3'>;
  beforeAll(async () => {
    server = await RedisServer.start();
    client = new Redis(server.url);
    speaking = new Redis(server.url, { protocol: 3, replyMapping: 'resp3' });
  });
  beforeEach(() => client.flushall());
  afterAll(async () => {
    client?.disconnect();
    speaking?.disconnect();
    await server?.stop();
  });

  it.each(backendContract)('$name', ({ run }) => run(() => new RedisBackend(server.url)));

  it.each([
    ['options', () => ({ host: '127.0.0.1', port: server.port })],
    ['a client, which stays open', () => client],
    ['a client that speaks otherwise', () => speaking],
  ])('takes %s', async (_what, connection) => {
    const backend = await backendOn(connection());
    const told: number[] = [];
    backend.watch(
      0,
      ({ revision }) => told.push(revision),
      () => told.push(NaN),
    );
    expect(await backend.commit(change(write('GET:/a', 0)))).toEqual({ revision: 1 });
    expect((await backend.load()).records.map(({ key }) => key)).toEqual(['GET:/a']);
    await expect.poll(() => told, { interval: 5 }).toEqual([1]);
    await backend.close();
    expect(await client.ping()).toBe('PONG');
  });

  it('keeps namespaces apart, and shares one', async () => {
    const [shop, again, other] = await Promise.all(
      ['shop', 'shop', 'office'].map((namespace) => backendOn(server.url, { namespace })),
    );
    await shop?.commit(change(write('GET:/a', 0)));
    expect((await again?.load())?.revision).toBe(1);
    expect((await other?.load())?.records).toEqual([]);
    expect((await client.keys('*')).every((key) => key.startsWith('{shop}:') || key.startsWith('{office}:'))).toBe(true);
  });

  it('is what WAYGATE_BACKEND=redis stands for, in an app that has the package', async () => {
    const script = `
      const { WaygateEngine } = require('@waygate/core');
      const engine = new WaygateEngine();
      engine.open()
        .then(() => engine.routes.register([{ key: 'GET:/a', declaration: {} }]))
        .then(() => engine.routes.disable('GET:/a', { reason: 'by variable' }))
        .then(() => engine.close());`;
    const env = { ...process.env, WAYGATE_BACKEND: 'redis', WAYGATE_REDIS_URL: server.url };
    await promisify(execFile)(process.execPath, ['-e', script], { env });
    expect(reasonOf(await engineOn(server.url))).toBe('by variable');
  });

  it.each([
    [{ namespace: '{a}' }, 'namespace: '],
    [{ auditCapacity: 0 }, 'auditCapacity: '],
    [{ commitTimeout: 1.5 }, 'commitTimeout: '],
  ])('refuses %j', (options, message) => {
    expect(() => new RedisBackend(server.url, options)).toThrow(message);
  });

  it('keeps what an SDK claims about an audit entry', async () => {
    const backend = await backendOn(server.url);
    const claimed = { actor: 'ceo', platform: 'dashboard', at: '2020-02-02T20:20:20.000Z' } as const;
    const { writes, audit } = change(write('GET:/claimed', 0), write('GET:/known', 0));
    await backend.commit({ writes, audit: audit.map((entry) => (entry.key === 'GET:/claimed' ? { ...entry, claimed } : entry)) });
    const { items } = await (await backendOn(server.url)).queryAudit({}, { limit: 10 });
    const claims = Object.fromEntries(items.map((entry) => [entry.key, entry.claimed]));
    expect(claims).toEqual({ 'GET:/claimed': claimed, 'GET:/known': undefined });
  });

  it('forgets the oldest audit entries and refused requests beyond their capacity', async () => {
    const backend = await backendOn(server.url, { auditCapacity: 3, hitCapacity: 2 });
    for (let i = 0; i < 5; i++) await backend.commit(change(write(`GET:/${i}`, 0)));
    const { items, next } = await backend.queryAudit({}, { limit: 10 });
    expect([items.map(({ key }) => key), next]).toEqual([['GET:/4', 'GET:/3', 'GET:/2'], null]);
    await backend.appendHits(['a', 'b', 'c'].map(hit));
    expect((await backend.queryHits({}, { limit: 10 })).items.map(({ id }) => id)).toEqual(['c', 'b']);
  });

  it('finds what a filter asks for among thousands, page by page', async () => {
    const backend = await backendOn(server.url);
    for (let i = 0; i < 25; i++) {
      const writes = Array.from({ length: 100 }, (_, j) => write(`GET:/${j === 7 ? 'rare' : 'often'}/${i}-${j}`, 0));
      await backend.commit(change(...writes));
    }
    const found: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await backend.queryAudit({ since: '2000-01-01T00:00:00.000Z' }, { limit: 700, ...(cursor && { cursor }) });
      found.push(...page.items.map(({ key }) => key));
      cursor = page.next;
    }
    expect(found).toHaveLength(2_500);
    expect(new Set(found).size).toBe(2_500);
    expect((await backend.queryAudit({ key: 'GET:/rare/3-7' }, { limit: 5 })).items.map(({ revision }) => revision)).toEqual([4]);
  });

  it('commits and deletes thousands of records at once', async () => {
    const backend = await backendOn(server.url);
    const keys = Array.from({ length: 9_000 }, (_, i) => `GET:/${i}`);
    await backend.commit({ writes: keys.map((key) => write(key, 0)), audit: [] });
    expect((await backend.load()).records).toHaveLength(9_000);
    await expect(backend.commit({ writes: keys.map((key, i) => write(key, i === 8_500 ? 7 : 1)), audit: [] })).rejects.toThrow(
      new ConflictError('route', 'GET:/8500', 7, 1),
    );
    await backend.commit({ writes: keys.map((key) => ({ kind: 'route', key, expected: 1, value: null })), audit: [] });
    expect((await backend.load()).records).toEqual([]);
  });

  it('goes on when Redis forgets its scripts', async () => {
    const backend = await backendOn(server.url);
    for (let i = 0; i < 5; i++) {
      await client.script('FLUSH');
      expect(await backend.commit(change(write('GET:/a', i)))).toEqual({ revision: i + 1 });
      await client.script('FLUSH');
      await backend.appendHits([hit('a')]);
      expect((await backend.load()).revision).toBe(i + 1);
    }
  });

  it('does not take a revision of a store made anew for one it has read before', async () => {
    const [backend, other] = [await backendOn(server.url), await backendOn(server.url)];
    await backend.commit(change(write('GET:/a', 0)));
    await backend.load();
    await client.flushall();
    await other.load();
    await other.commit(change(write('GET:/a', 0)));
    await expect(backend.commit(change(write('GET:/a', 1)))).rejects.toThrow(
      /^Nothing was changed: the store in Redis was made anew/,
    );
    await backend.load();
    expect(await backend.commit(change(write('GET:/a', 1)))).toEqual({ revision: 2 });
  });

  it('loads everything when the history it needs was trimmed', async () => {
    const proxy = await proxyTo(server);
    const away = await engineOn(proxy.url);
    const here = await engineOn(server.url);
    proxy.isDown = true;
    proxy.cut();
    for (let i = 0; i < 20; i++) await here.routes.disable('GET:/a', { reason: `r${i}` });
    await client.xtrim('{waygate}:changes', 'MAXLEN', 2);
    await here.routes.enable('GET:/a', { reason: 'last' });
    await here.routes.disable('GET:/a', { reason: 'very last' });
    proxy.isDown = false;
    await expect.poll(() => reasonOf(away), { interval: 5 }).toBe('very last');
    await becomes(away, 'ready');
    await away.routes.disable('GET:/a', { reason: 'still writes' });
    await expect.poll(() => reasonOf(here), { interval: 5 }).toBe('still writes');
  });

  it('goes on from where it was after a blip, without loading everything', async () => {
    const proxy = await proxyTo(server);
    const engine = await engineOn(proxy.url);
    // No engine: one that hears late of its own change loads everything, too.
    const here = await backendOn(server.url);
    const record = (await here.load()).records.find(({ key }) => key === 'GET:/a') as StoredRecord<'route'>;
    const set = { environments: null, setAt: new Date().toISOString(), setBy: 'tester', window: null, beneath: null };
    const loads = async () => Number(/cmdstat_hgetall:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    const before = await loads();
    let expected = record.revision;
    for (let i = 0; i < 10; i++) {
      proxy.cut();
      const disabled = { ...record.value, override: { ...set, state: 'disabled' as const, reason: `r${i}` } };
      const { revision } = await here.commit({
        writes: [{ kind: 'route', key: 'GET:/a', expected, value: disabled }],
        audit: [],
      });
      expected = revision;
      await expect.poll(() => reasonOf(engine), { interval: 5 }).toBe(`r${i}`);
    }
    await becomes(engine, 'ready');
    expect(await loads()).toBe(before);
  });
});

describe('a commit whose answer was lost', () => {
  it('is neither written twice nor reported as failed', async () => {
    const server = await serverOf();
    const proxy = await proxyTo(server);
    const backend = await backendOn(proxy.url, PATIENT);
    await backend.commit(change(write('GET:/a', 0)));
    for (let i = 1; i < 6; i++) {
      proxy.answersToSwallow = 1;
      expect(await backend.commit(change(write('GET:/a', i)))).toEqual({ revision: i + 1 });
      expect(proxy.answersToSwallow).toBe(0);
    }
    const { items } = await backend.queryAudit({}, { limit: 10 });
    expect(items.map(({ revision }) => revision)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it.each<[string, (url: string) => RedisConnection]>([
    [
      'options that would send it again',
      (url) => ({ port: Number(new URL(url).port), maxRetriesPerRequest: null, commandTimeout: 300 }),
    ],
    ['a client that would', (url) => new Redis(url, { maxRetriesPerRequest: null, enableOfflineQueue: true })],
  ])('is asked for by us alone, also with %s', async (_what, connectionTo) => {
    const server = await serverOf();
    const proxy = await proxyTo(server);
    const connection = connectionTo(proxy.url);
    if (connection instanceof Redis) later(() => connection.disconnect());
    const engine = await engineOn(connection, PATIENT);
    for (let i = 0; i < 5; i++) {
      proxy.answersToSwallow = 1;
      await engine.routes.disable('GET:/a', { reason: `r${i}` });
      expect(reasonOf(engine)).toBe(`r${i}`);
    }
    // The feed's reads wait for a second, longer than the command timeout that was given, which is none of their business.
    const admin = adminOf(server);
    const reads = async () => Number(/cmdstat_xread:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
    const before = await reads();
    await expect.poll(reads).toBeGreaterThan(before + 1);
    await becomes(engine, 'ready');
    expect((await engine.audit.list()).items.map(({ reason }) => reason)).toEqual(['r4', 'r3', 'r2', 'r1', 'r0']);
  });

  it('does not trouble the many that wait beside it', async () => {
    const server = await serverOf();
    const proxy = await proxyTo(server);
    const backend = await backendOn(proxy.url, PATIENT);
    await backend.commit(change(write('GET:/first', 0)));
    const warnings: Error[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on('warning', warned);
    later(() => process.off('warning', warned));
    proxy.answersToSwallow = 1;
    const revisions = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => (await backend.commit(change(write(`GET:/${i}`, 0)))).revision),
    );
    expect(revisions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 2));
    expect(warnings).toEqual([]);
  });

  it('is found behind what others wrote meanwhile', async () => {
    const server = await serverOf();
    const proxy = await proxyTo(server);
    const [backend, other] = [await backendOn(proxy.url, PATIENT), await backendOn(server.url)];
    // From here on Redis knows the script, and the next answer is the one that matters.
    await other.commit(change(write('GET:/b', 0)));
    proxy.answersToSwallow = 1;
    const answer = backend.commit(change(write('GET:/a', 0)));
    await expect.poll(() => proxy.answersToSwallow, { interval: 1 }).toBe(0);
    proxy.isDown = true;
    proxy.cut();
    for (let i = 0; i < 250; i++) await other.commit(change(write('GET:/b', i === 0 ? 1 : i + 2)));
    await other.commit(change({ kind: 'route', key: 'GET:/a', expected: 2, value: null }));
    proxy.isDown = false;
    expect(await answer).toEqual({ revision: 2 });
    expect((await other.load()).records.map(({ key }) => key)).toEqual(['GET:/b']);
  });

  it('is said to be unknown when nobody can be asked in time, and when the history no longer tells', async () => {
    const server = await serverOf();
    const proxy = await proxyTo(server);
    // From here on Redis knows the script.
    await (await backendOn(server.url)).commit(change(write('GET:/c', 0)));
    const [hasty, waiting] = [await backendOn(proxy.url, { commitTimeout: 500 }), await backendOn(proxy.url, PATIENT)];
    proxy.answersToSwallow = Infinity;
    const settled: string[] = [];
    const other = waiting.commit(change(write('GET:/d', 0))).then(
      () => settled.push('waiting'),
      () => settled.push('waiting'),
    );
    await expect(hasty.commit(change(write('GET:/a', 0)))).rejects.toMatchObject({
      message: expect.stringMatching(/^It is unknown whether/) as string,
      mayHaveChanged: true,
    });
    // A longer timeout is still running.
    expect(settled).toEqual([]);
    proxy.answersToSwallow = 0;
    proxy.cut();
    await other;

    const patient = await backendOn(proxy.url);
    proxy.answersToSwallow = 1;
    const answer = patient.commit(change(write('GET:/b', 0))).catch((error: Error) => error.message);
    await expect.poll(() => proxy.answersToSwallow, { interval: 1 }).toBe(0);
    proxy.isDown = true;
    await adminOf(server).xtrim('{waygate}:changes', 'MAXLEN', 0);
    proxy.isDown = false;
    expect(await answer).toMatch(/^It is unknown whether/);
  });
});

describe('a Redis in trouble', () => {
  it('that is down at the start keeps no app from starting, and is used when it is back, however long that takes', async () => {
    const server = await serverOf();
    await server.kill9();
    const engine = new WaygateEngine({ backend: new RedisBackend(server.url) });
    later(() => engine.close());
    await engine.open();
    await engine.routes.register([{ key: 'GET:/a', declaration: { disabled: { reason: 'declared' } } }]);
    const refused = { status: 'stale', reason: expect.stringContaining('ECONNREFUSED') as string };
    await expect.poll(() => engine.health).toMatchObject(refused);
    expect(reasonOf(engine)).toBe('declared');
    await expect(engine.routes.enable('GET:/a')).rejects.toThrow(BackendUnavailableError);
    // So often that the delay between two attempts no longer grows.
    await attemptsToConnect(15);
    await server.restart();
    await becomes(engine, 'ready');
    await engine.routes.enable('GET:/a');
    expect(reasonOf(engine)).toBeUndefined();
  });

  it('that is killed under load fails no decision, is told as stale, and is used again', async () => {
    const server = await serverOf('appendonly yes', 'appendfsync always');
    const engine = await engineOn(server.url);
    await engine.routes.disable('GET:/a', { reason: 'kept' });
    const stop = new AbortController();
    const outcomes = { acknowledged: 0, failed: 0 };
    const writer = (async () => {
      for (let i = 0; !stop.signal.aborted; i++) {
        await engine.maintenance
          .forService('s')
          .enable({ reason: `load ${i}` })
          .then(
            () => outcomes.acknowledged++,
            () => outcomes.failed++,
          );
        await delay(1);
      }
    })();
    await expect.poll(() => outcomes.acknowledged, { interval: 5 }).toBeGreaterThan(20);
    const known = engine.revision;
    await server.kill9();
    await becomes(engine, 'stale');
    // Changes fail without the server instead of waiting for it.
    const failed = outcomes.failed;
    await expect.poll(() => outcomes.failed).toBeGreaterThan(failed);
    // Whether it is so already cannot be known without the store either.
    await expect(engine.routes.disable('GET:/a', { reason: 'kept' })).rejects.toThrow(BackendUnavailableError);
    for (let i = 0; i < 1_000; i++) expect(reasonOf(engine)).toBe('kept');
    await server.restart();
    await becomes(engine, 'ready');
    stop.abort();
    await writer;
    expect(engine.revision).toBeGreaterThanOrEqual(known);
    expect(reasonOf(engine)).toBe('kept');
  });

  it('that is frozen is told as stale, and a commit to it is honest about what it does not know', async () => {
    const server = await serverOf();
    const engine = await engineOn(server.url);
    await engine.routes.disable('GET:/a', { reason: 'kept' });
    server.freeze();
    await expect(engine.routes.enable('GET:/a')).rejects.toThrow(/^It is unknown whether/);
    await becomes(engine, 'stale');
    expect(reasonOf(engine)).toBe('kept');
    server.thaw();
    await becomes(engine, 'ready');
    await engine.routes.disable('GET:/a', { reason: 'after' });
    expect(reasonOf(engine)).toBe('after');
  });

  it('that is back for no longer than a load takes is told as stale again', async () => {
    const server = await serverOf();
    const engine = await engineOn(server.url);
    server.freeze();
    await becomes(engine, 'stale');
    const gone = new Promise<void>((resolve) => {
      const unsubscribe = engine.events.on('health', ({ status }) => {
        if (status !== 'ready') return;
        unsubscribe();
        void server.kill9().then(resolve);
      });
    });
    server.thaw();
    await gone;
    const unreachable = { status: 'stale', reason: expect.stringContaining('Redis cannot be reached') as string };
    await expect.poll(() => engine.health).toMatchObject(unreachable);
    await server.restart();
    await becomes(engine, 'ready');
  });

  it('that is frozen for a moment loses nothing', async () => {
    const server = await serverOf();
    const engine = await engineOn(server.url, PATIENT);
    server.freeze();
    const change = engine.routes.disable('GET:/a', { reason: 'while frozen' });
    // Longer than a command may take.
    await delay(1_500);
    server.thaw();
    await change;
    expect(reasonOf(engine)).toBe('while frozen');
    const { items } = await engine.audit.list();
    expect(items.filter(({ reason }) => reason === 'while frozen')).toHaveLength(1);
  });

  it.each([400, 1_300])('that takes %i ms for an answer is waited for', async (delayMs) => {
    const server = await serverOf();
    const proxy = await proxyTo(server);
    const backend = await backendOn(proxy.url, PATIENT);
    await backend.load();
    proxy.delayMs = delayMs;
    expect(await backend.commit(change(write('GET:/a', 0)))).toEqual({ revision: 1 });
    expect(await backend.commit(change(write('GET:/a', 1)))).toEqual({ revision: 2 });
  });

  it.each([
    ['out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0'], /Redis said 'OOM .*maxmemory/],
    [
      'a read-only replica',
      ['REPLICAOF', '127.0.0.1', '1'],
      ['REPLICAOF', 'NO', 'ONE'],
      /Redis said 'READONLY .*connect to the master/,
    ],
  ])(
    'that is %s is read on, and says why it cannot be written',
    async (_what, [command = '', ...args], [mend = '', ...rest], said) => {
      const server = await serverOf('replica-serve-stale-data yes');
      const admin = adminOf(server);
      const engine = await engineOn(server.url);
      const reader = await backendOn(server.url);
      await engine.routes.disable('GET:/a', { reason: 'kept' });
      const { revision } = engine;
      await admin.call(command, ...args);
      await expect(engine.routes.enable('GET:/a')).rejects.toThrow(said);
      await expect(engine.routes.enable('GET:/a')).rejects.toThrow(/^Nothing was changed: /);
      expect(await reader.load()).toMatchObject({ revision });
      expect((await reader.queryAudit({}, { limit: 5 })).items[0]).toMatchObject({ reason: 'kept' });
      expect(reasonOf(engine)).toBe('kept');
      await admin.call(mend, ...rest);
      await engine.routes.enable('GET:/a');
      expect([reasonOf(engine), engine.revision]).toEqual([undefined, revision + 1]);
    },
  );

  it('that needs a password says so', async () => {
    const server = await serverOf();
    await adminOf(server).config('SET', 'requirepass', 'secret');
    await expect(backendOn(server.url)).rejects.toThrow(/NOAUTH.*Give the password/);
  });
});

describe('a failover that loses the newest commits', () => {
  const setting = async () => {
    const master = await serverOf();
    const replica = await serverOf(`replicaof 127.0.0.1 ${master.port}`);
    const admin = adminOf(replica);
    const proxy = await proxyTo(master);
    const promote = async () => {
      const { revision } = await (await backendOn(master.url)).load();
      await expect.poll(() => admin.hget('{waygate}:state', 'revision'), { interval: 10 }).toBe(String(revision));
      await admin.call('REPLICAOF', 'NO', 'ONE');
    };
    const switchOver = () => {
      proxy.targetPort = replica.port;
      proxy.cut();
    };
    return { master, replica, proxy, promote, switchOver };
  };

  it.each([
    ['is behind', 0, 'lost too'],
    ['has as many others', 2, 'lost too'],
    ['has gone on beyond', 5, 'other 4'],
  ])('ends in the newest change of both when the new master %s', async (_what, others, newest) => {
    const { replica, proxy, promote, switchOver } = await setting();
    const engine = await engineOn(proxy.url);
    await engine.routes.disable('GET:/a', { reason: 'kept' });
    await promote();
    await engine.routes.disable('GET:/a', { reason: 'lost' });
    await engine.routes.disable('GET:/a', { reason: 'lost too' });
    const other = await engineOn(replica.url);
    for (let i = 0; i < others; i++) await other.routes.disable('GET:/a', { reason: `other ${i}` });
    switchOver();
    const lineage = () => adminOf(replica).exists('{waygate}:lineage');
    await expect.poll(lineage, { interval: 20, timeout: 5_000 }).toBe(1);
    const states = () => [engine, other].map((each) => [reasonOf(each), each.health.status]);
    await expect.poll(states, { interval: 20, timeout: 12_000 }).toEqual([
      [newest, 'ready'],
      [newest, 'ready'],
    ]);
    await engine.routes.disable('GET:/a', { reason: 'after' });
    await expect.poll(() => reasonOf(other), { interval: 5 }).toBe('after');
    expect(engine.revision).toBe(other.revision);
    expect(await engine.audit.list()).toEqual(await other.audit.list());
  });

  it('lets nobody write over what was not read', async () => {
    const { replica, proxy, promote, switchOver } = await setting();
    const backend = await backendOn(proxy.url, PATIENT);
    await backend.commit(change(write('GET:/a', 0)));
    await promote();
    await backend.commit(change(write('GET:/a', 1)));
    await backend.load();
    await (await backendOn(replica.url)).commit(change(write('GET:/a', 1)));
    switchOver();
    // The record is at revision 2, as expected; but it is another revision 2.
    await expect(backend.commit(change(write('GET:/a', 2)))).rejects.toThrow(/lost its newest commits/);
  });
});

describe('a Redis Cluster of three', () => {
  let nodes: RedisServer[];
  const clusterOf = () => new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
  beforeAll(async () => {
    nodes = await startCluster();
  });
  afterAll(async () => {
    await Promise.all((nodes ?? []).map((node) => node.stop()));
  });

  it.each(backendContract)('$name', async ({ run }) => {
    const cluster = clusterOf();
    try {
      await expect.poll(() => cluster.status, { interval: 5 }).toBe('ready');
      await Promise.all(cluster.nodes('master').map((node) => node.flushall()));
      await run(() => new RedisBackend(cluster));
    } finally {
      cluster.disconnect();
    }
  });

  it('asks again for an answer that was lost, rather than for another commit', async () => {
    const proxies = await Promise.all(nodes.map(proxyTo));
    const natMap = Object.fromEntries(
      nodes.map(({ port }, i) => [`127.0.0.1:${port}`, { host: '127.0.0.1', port: proxies[i]?.port ?? 0 }]),
    );
    const cluster = new Cluster([{ host: '127.0.0.1', port: nodes[0]?.port ?? 0 }], { natMap });
    cluster.on('error', () => undefined);
    later(() => cluster.disconnect());
    const backend = await backendOn(cluster, { namespace: 'lost', ...PATIENT });
    await backend.commit(change(write('GET:/a', 0)));
    for (let i = 1; i < 6; i++) {
      for (const proxy of proxies) proxy.answersToSwallow = 1;
      expect(await backend.commit(change(write('GET:/a', i)))).toEqual({ revision: i + 1 });
      expect(proxies.some(({ answersToSwallow }) => answersToSwallow === 0)).toBe(true);
    }
  });
});

it('follows a failover of Sentinel', async () => {
  const { master, replica, sentinel } = await startSentinel();
  later(() => Promise.all([sentinel.stop(), replica.stop(), master.stop()]));
  const connection = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main' };
  const [engine, other] = [await engineOn(connection), await engineOn(connection)];
  await engine.routes.disable('GET:/a', { reason: 'before' });
  const admin = adminOf(replica);
  await expect.poll(() => admin.hget('{waygate}:state', 'revision'), { interval: 10 }).toBe(String(engine.revision));
  // Frozen, not dead: its sockets stay open and say nothing.
  master.freeze();
  const writes = async () => {
    await engine.routes.disable('GET:/a', { reason: 'after' }).catch(() => undefined);
    return reasonOf(engine);
  };
  await expect.poll(writes, { interval: 20, timeout: 25_000 }).toBe('after');
  await expect.poll(() => reasonOf(other), { interval: 20 }).toBe('after');
  // What came of earlier attempts, this process may hear a moment later.
  await expect.poll(async () => Number(await admin.hget('{waygate}:state', 'revision')) - engine.revision).toBe(0);
});
