// State in Redis: what a commit costs beside a bare EVALSHA, how soon it is in force in another process, and how long everything takes to
// load. `node backend.mjs observe URL` is the other process.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WaygateEngine } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { compare, median, report } from './harness.mjs';

const ROUTE = 'GET:/a';
const now = () => performance.timeOrigin + performance.now();

async function engineOn(url) {
  const engine = new WaygateEngine({ backend: new RedisBackend(url) });
  await engine.open();
  await engine.routes.register([{ key: ROUTE, declaration: {} }]);
  return engine;
}

async function observe(url) {
  const engine = await engineOn(url);
  engine.events.on('change', () => process.send({ reason: engine.decide(ROUTE).reason, at: now() }));
  process.on('disconnect', () => process.exit());
  process.send({ ready: true });
}

const value = {
  service: null,
  declared: { state: 'active', reason: '', window: null, environments: null, deprecation: null, forceActive: false },
  override: {
    state: 'disabled',
    reason: 'hotfix',
    setAt: '2026-01-01T00:00:00.000Z',
    actor: 'alice',
    expiresAt: null,
    beneath: null,
  },
};
const auditOf = (key) => ({
  id: '00000000-0000-4000-8000-000000000000',
  at: '2026-01-01T00:00:00.000Z',
  action: 'disable',
  kind: 'route',
  key,
  service: null,
  actor: 'alice',
  platform: 'code',
  reason: 'hotfix',
  before: value,
  after: value,
});

const BARE = `
local found = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'v', ARGV[2], 'a', ARGV[3])
redis.call('XADD', KEYS[3], 'MAXLEN', 10000, '*', 'a', ARGV[3])
return 1`;

async function commits(url) {
  const bare = new Redis(url);
  const sha = await bare.script('LOAD', BARE);
  const trivial = await bare.script('LOAD', "return redis.call('INCR', KEYS[1])");
  const backend = new RedisBackend(url, { namespace: 'commits' });
  await backend.open();
  // Each worker has a record of its own, so that nobody is refused.
  const known = new Map();
  const commit = async (worker) => {
    const key = `GET:/${worker}`;
    const write = { kind: 'route', key, expected: known.get(key) ?? 0, value };
    known.set(key, (await backend.commit({ writes: [write], audit: [auditOf(key)] })).revision);
  };
  const json = JSON.stringify(value);
  const audit = JSON.stringify(auditOf('GET:/1'));
  const ways = {
    'bare EVALSHA that writes the same': (worker) =>
      bare.evalsha(sha, 3, '{b}:s', '{b}:c', '{b}:a', `route GET:/${worker}`, json, audit),
    'bare EVALSHA of one INCR': () => bare.evalsha(trivial, 1, 'n'),
    'RedisBackend.commit': commit,
  };
  for (const concurrency of [1, 50]) {
    const iterations = concurrency === 1 ? 2_000 : 8_000;
    const subjects = Object.fromEntries(
      Object.entries(ways).map(([name, way]) => [
        name,
        async () => {
          let left = iterations;
          const work = async (worker) => {
            while (left-- > 0) await way(worker);
          };
          await Promise.all(Array.from({ length: concurrency }, (_, worker) => work(worker)));
        },
      ]),
    );
    await compare(`Commits to Redis at concurrency ${concurrency}: time a commit`, subjects, { iterations, rounds: 7 });
  }
  bare.disconnect();
  await backend.close();
}

async function inForceElsewhere(url) {
  const engine = await engineOn(url);
  const observer = fork(fileURLToPath(import.meta.url), ['observe', url]);
  const seen = new Map();
  await new Promise((resolve) =>
    observer.on('message', (message) =>
      message.ready ? resolve() : seen.has(message.reason) || seen.set(message.reason, message.at),
    ),
  );
  const figures = { acknowledged: [], 'in force elsewhere': [] };
  for (let i = 0; i < 1_000; i++) {
    const began = now();
    await engine.routes.disable(ROUTE, { reason: `r${i}` });
    figures.acknowledged.push(now() - began);
    while (!seen.has(`r${i}`)) await new Promise((resolve) => setImmediate(resolve));
    figures['in force elsewhere'].push(seen.get(`r${i}`) - began);
  }
  const at = (values, share) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];
  const base = median(figures.acknowledged);
  const results = Object.fromEntries(
    Object.entries(figures).flatMap(([name, values]) => [
      [
        `${name}, p50`,
        { median: median(values), min: Math.min(...values), max: Math.max(...values), ratio: median(values) / base },
      ],
      [
        `${name}, p99`,
        { median: at(values, 0.99), min: Math.min(...values), max: Math.max(...values), ratio: at(values, 0.99) / base },
      ],
    ]),
  );
  report('A change in another process, from the call on', results, 'ms');
  observer.disconnect();
  await engine.close();
}

async function loads(url) {
  const bare = new Redis(url);
  for (const count of [10_000, 100_000]) {
    const namespace = `load${count}`;
    const backend = new RedisBackend(url, { namespace });
    await backend.open();
    for (let first = 0; first < count; first += 5_000) {
      const writes = Array.from({ length: 5_000 }, (_, i) => ({
        kind: 'route',
        key: `GET:/items/${first + i}`,
        expected: 0,
        value,
      }));
      await backend.commit({ writes, audit: [] });
    }
    await bare.config('RESETSTAT');
    await compare(
      `Everything from Redis, ${count} records`,
      { 'bare HGETALL': () => bare.hgetall(`{${namespace}}:state`), 'RedisBackend.load': () => backend.load() },
      { rounds: 5, warmup: 1 },
    );
    const [, perCall] = /cmdstat_hgetall:.*?usec_per_call=([\d.]+)/.exec(await bare.info('commandstats')) ?? [];
    console.log(`  of that Redis itself is busy for ${(Number(perCall) / 1_000).toFixed(1)} ms`);
    await backend.close();
  }
  bare.disconnect();
}

if (process.argv[2] === 'observe') {
  await observe(process.argv[3]);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'waygate-bench-'));
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  probe.on('error', () => undefined);
  await probe.ping();
  probe.disconnect();
  await commits(url);
  await inForceElsewhere(url);
  await loads(url);
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
