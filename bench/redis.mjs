// Limits counted in Redis: ours with one and with three limits a request, against a bare EVALSHA, and peers with one limit.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisCounterStore } from '@waygate/redis';
import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Redis } from 'ioredis';
import { RedisStore } from 'rate-limit-redis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { compare } from './harness.mjs';

const WINDOW_MS = 600_000;
const LIMIT = 1_000_000_000;
const folder = mkdtempSync(join(tmpdir(), 'waygate-bench-'));
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address();
    probe.close(() => resolve(free));
  });
});
const server = spawn(
  'redis-server',
  ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
  { stdio: 'ignore' },
);
const url = `redis://127.0.0.1:${port}`;
const clients = [];
async function connect() {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.ping();
  clients.push(client);
  return client;
}

const bare = await connect();
const SCRIPT = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return n";
const sha = await bare.script('LOAD', SCRIPT);
const ours = new RedisCounterStore(await connect(), { budgetMs: 60_000 });
const rule = (id) => Object.freeze({ id, algorithm: 'fixed_window', limit: LIMIT, burst: 0, periodMs: WINDOW_MS });
const [route, service, global] = ['route', 'service', 'global'].map(rule);
const flexible = new RateLimiterRedis({ storeClient: await connect(), points: LIMIT, duration: WINDOW_MS / 1_000 });
const expressClient = await connect();
const express = new RedisStore({ sendCommand: (command, ...args) => expressClient.call(command, ...args) });
await express.init({ windowMs: WINDOW_MS });
const throttler = new ThrottlerStorageRedisService(await connect());

let n = 0;
const caller = () => `10.0.${(n = (n + 1) & 1023) >> 8}.${n & 255}`;
const hits = {
  'bare EVALSHA': () => bare.evalsha(sha, 1, `bare:${caller()}`, WINDOW_MS),
  'waygate, one limit': () => ours.consume([{ rule: route, caller: caller(), cost: 1 }]),
  'waygate, global + service + route': () => {
    const who = caller();
    return ours.consume([
      { rule: global, caller: 'all', cost: 1 },
      { rule: service, caller: who, cost: 1 },
      { rule: route, caller: who, cost: 1 },
    ]);
  },
  'rate-limiter-flexible': () => flexible.consume(caller()),
  'rate-limit-redis': () => express.increment(caller()),
  '@nest-lab/throttler-storage-redis': () => throttler.increment(caller(), WINDOW_MS, LIMIT, WINDOW_MS, 'default'),
};

for (const concurrency of [1, 50, 500]) {
  const iterations = concurrency === 1 ? 3_000 : 20_000;
  const subjects = Object.fromEntries(
    Object.entries(hits).map(([name, hit]) => [
      name,
      async () => {
        let left = iterations;
        const worker = async () => {
          while (left-- > 0) await hit();
        };
        await Promise.all(Array.from({ length: concurrency }, worker));
      },
    ]),
  );
  await compare(`Redis at concurrency ${concurrency}: time a request`, subjects, { iterations, rounds: 7 });
}
for (const client of clients) client.disconnect();
server.kill('SIGKILL');
rmSync(folder, { recursive: true, force: true });
process.exit(0);
