import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBackend, MemoryBackend, WaygateEngine, type WaygateBackend } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';

const STATE = '{waygate}:state';
const CHANGES = '{waygate}:changes';

let redis: RedisServer;
let client: Redis;
let folder: string;
const endings: (() => unknown)[] = [];
const warnings: string[] = [];
const note = ({ message }: Error) => warnings.push(message);
beforeAll(async () => {
  redis = await RedisServer.start();
  client = new Redis(redis.url);
  folder = mkdtempSync(join(tmpdir(), 'waygate-later-'));
});
beforeEach(() => process.on('warning', note));
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  process.off('warning', note);
  warnings.length = 0;
  await client.flushall();
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
  rmSync(folder, { recursive: true });
});

async function engineOn(backend: WaygateBackend, snapshotPath: string | null = null): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend, ...(snapshotPath === null ? {} : { snapshotPath }) });
  endings.push(() => engine.close());
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
  return engine;
}

/** Commits as a later version would: the same script, a kind or members that this version does not know. */
async function commitLater(changes: Readonly<Record<string, unknown>>): Promise<void> {
  const [revision, head] = (await client.hmget(STATE, 'revision', 'head')) as [string, string];
  const next = Number(revision) + 1;
  const id = `later-${next}`;
  const flat = Object.entries(changes).flat();
  const transaction = client.multi();
  transaction.xadd(CHANGES, `${next}-0`, 'id', id, 'after', head, 'changes', JSON.stringify(flat), 'audit', '[]');
  for (const [field, value] of Object.entries(changes)) transaction.hset(STATE, field, `${next} ${JSON.stringify(value)}`);
  transaction.hset(STATE, 'revision', String(next), 'head', id);
  await transaction.exec();
}

const laterKinds = () => warnings.filter((warning) => warning.includes("kind 'quota'"));

describe('records of a later version in Redis', () => {
  it('of an unknown kind never stop the feed, and are reported once', async () => {
    const engine = await engineOn(new RedisBackend(redis.url));
    await commitLater({ 'quota shop': { max: 5 } });
    await commitLater({ 'quota shop': { max: 6 } });
    await engine.routes.disable('GET:/a', { reason: 'closed' });
    expect(engine.decide('GET:/a').outcome).toBe('block');
    expect(engine.health.status).toBe('ready');
    await expect.poll(laterKinds).toHaveLength(1);
    expect(await client.hget(STATE, 'quota shop')).toMatch(/\{"max":6\}$/);
  });

  it('of an unknown kind keep no process from starting with all overrides', async () => {
    const first = await engineOn(new RedisBackend(redis.url));
    await first.routes.disable('GET:/a', { reason: 'closed' });
    await commitLater({ 'quota shop': { max: 5 } });
    const second = await engineOn(new RedisBackend(redis.url));
    expect(second.health.status).toBe('ready');
    expect(second.decide('GET:/a').outcome).toBe('block');
  });

  it('keep their unknown members when this version changes something else', async () => {
    const engine = await engineOn(new RedisBackend(redis.url));
    const value = engine.replication.snapshot.get('route', 'GET:/a')?.value;
    await commitLater({ 'route GET:/a': { ...value, owner: 'team-a', declared: { ...value?.declared, cors: ['*'] } } });
    await expect.poll(() => engine.revision).toBe(2);
    await engine.routes.disable('GET:/a', { reason: 'closed' });
    const stored = (await client.hget(STATE, 'route GET:/a')) ?? '';
    expect(JSON.parse(stored.slice(stored.indexOf(' ') + 1))).toMatchObject({
      owner: 'team-a',
      declared: { cors: ['*'] },
      override: { state: 'disabled' },
    });
  });

  it('survive in the last known good copy, and come back with it when the store lost them', async () => {
    const engine = await engineOn(new RedisBackend(redis.url), join(folder, 'copy'));
    await commitLater({ 'quota shop': { max: 5 } });
    await expect.poll(() => engine.revision).toBe(2);
    await client.flushall();
    await expect.poll(() => engine.health.status, { timeout: 5_000 }).toBe('state-lost');
    await expect.poll(() => engine.health.status, { timeout: 12_000 }).toBe('ready');
    expect(await client.hget(STATE, 'quota shop')).toBe('2 {"max":5}');
    await expect.poll(() => readFileSync(join(folder, 'copy'), 'utf8')).toContain('"kind":"quota"');
  });

  it('that cannot be read in the history are loaded instead', async () => {
    const engine = await engineOn(new RedisBackend(redis.url));
    const [revision, head] = (await client.hmget(STATE, 'revision', 'head')) as [string, string];
    const next = Number(revision) + 1;
    await client
      .multi()
      .xadd(CHANGES, `${next}-0`, 'id', 'odd', 'after', head, 'changes', 'no JSON', 'audit', '[]')
      .hset(STATE, 'revision', String(next), 'head', 'odd')
      .exec();
    await engine.routes.disable('GET:/a', { reason: 'closed' });
    expect(engine.decide('GET:/a').outcome).toBe('block');
    await expect.poll(() => engine.health.status).toBe('ready');
  });
});

describe('records of a later version in a file', () => {
  it('are kept as they are when this version writes the file', async () => {
    const path = join(folder, 'later.json');
    const quota = { shop: { revision: 3, value: { max: 5 } } };
    writeFileSync(path, JSON.stringify({ format: 1, revision: 3, records: { quota } }));
    const engine = await engineOn(new FileBackend(path));
    await engine.routes.disable('GET:/a', { reason: 'closed' });
    await engine.close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ records: { quota } });
  });
});

it('takes a batch that it cannot apply for a gap, and loads everything', async () => {
  class Later extends MemoryBackend {
    override watch(...[since, onBatch, onGap]: Parameters<MemoryBackend['watch']>): () => void {
      const broken = {
        get kind(): never {
          throw new Error('broken');
        },
      };
      return super.watch(since, (batch) => onBatch({ ...batch, changes: [broken as never] }), onGap);
    }
  }
  const engine = await engineOn(new Later());
  await engine.routes.disable('GET:/a', { reason: 'closed' });
  expect(engine.decide('GET:/a').outcome).toBe('block');
  expect(engine.health.status).toBe('ready');
});
