// How soon a replica decides by a change, and how soon it notices trouble and recovers from it: a server that is killed, connections that
// are cut or go silent, a Redis that is killed or frozen. RUNS=5 npm run bench -- recovery is quicker and less exact.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WaygateServerBackend } from '@waygate/client/backend';
import { WaygateEngine } from '@waygate/core';
import { RedisBackend, RedisCounterStore } from '@waygate/redis';
import { percentiles } from './harness.mjs';

const RUNS = Number(process.env.RUNS ?? 20);
const MAIN = fileURLToPath(new URL('../apps/server/dist/main.js', import.meta.url));
const ACCOUNT = { username: 'admin', password: 'bench' };
const RULE = { id: 'bench', algorithm: 'fixed_window', limit: 1_000_000, burst: 0, windowMs: 60_000 };
const folder = mkdtempSync(join(tmpdir(), 'waygate-bench-'));

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
}

const becomes = (engine, status) => until(() => engine.health.status === status);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** A process that listens on a port, and can be ended and started again. */
class Service {
  constructor(port, command, args) {
    Object.assign(this, { port, command, args });
  }

  async start() {
    this.child = spawn(this.command, this.args, { stdio: 'ignore' });
    await until(
      () =>
        new Promise((resolve) => {
          const socket = connect(this.port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
          socket.on('connect', () => socket.destroy());
        }),
    );
  }

  async end(signal = 'SIGKILL') {
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}

/** Passes connections on, until it cuts them or lets nothing through. */
class Proxy {
  sockets = new Set();

  static async start(target) {
    const proxy = new Proxy();
    proxy.server = createServer((client) => {
      const upstream = connect(target, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) {
        proxy.sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            proxy.sockets.delete(socket);
            client.destroy();
            upstream.destroy();
          });
      }
    }).listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  cut() {
    for (const socket of this.sockets) socket.destroy();
  }

  freeze() {
    for (const socket of this.sockets) socket.pause();
  }

  thaw() {
    for (const socket of this.sockets) socket.resume();
  }

  stop() {
    this.server.close();
    this.cut();
  }
}

async function runs(count, samples, run) {
  for (let i = 0; i < count; i++) for (const [name, ms] of Object.entries(await run(i))) (samples[name] ??= []).push(ms);
}

async function replicaOfAServer() {
  const port = await freePort();
  const flags = ['--host', '127.0.0.1', '--port', String(port), '--user', 'admin:bench', '--secret-key', 'a key for benchmarks'];
  const server = new Service(port, process.execPath, [MAIN, ...flags, '--backend', `file:${join(folder, 'state.json')}`]);
  await server.start();
  const proxy = await Proxy.start(port);
  const backend = new WaygateServerBackend({ url: `http://127.0.0.1:${proxy.port}`, appId: 'shop', ...ACCOUNT });
  const replica = new WaygateEngine({ backend, service: 'shop', initTimeout: 30_000 });
  await replica.open();
  await replica.routes.register([{ key: 'GET:/items', declaration: {} }]);
  await becomes(replica, 'ready');
  const api = `http://127.0.0.1:${port}/api`;
  const signIn = async () => {
    const { token } = await (await fetch(`${api}/auth/login`, { method: 'POST', body: JSON.stringify(ACCOUNT) })).json();
    return { 'x-waygate-token': token };
  };
  const headers = await signIn();
  const samples = {};
  await runs(RUNS * 10, samples, async (i) => {
    const reason = `change ${i}`;
    const path = `${api}/routes/${Buffer.from('shop:GET:/items').toString('base64url')}/disable`;
    return {
      'a change, from the call until it is decided by': await timed(async () => {
        await fetch(path, { method: 'POST', headers, body: JSON.stringify({ reason }) });
        await until(() => replica.decide('GET:/items').reason === reason);
      }),
    };
  });
  await runs(RUNS, samples, async () => {
    const killed = await timed(async () => {
      await server.end();
      await becomes(replica, 'stale');
    });
    await server.start();
    const back = await timed(() => becomes(replica, 'ready'));
    return { 'a killed server, until it is noticed': killed, 'a server that is back, until in step': back };
  });
  await runs(RUNS, samples, async () => {
    proxy.cut();
    await becomes(replica, 'stale');
    return { 'a cut connection, until in step': await timed(() => becomes(replica, 'ready')) };
  });
  await runs(Math.ceil(RUNS / 5), samples, async () => {
    proxy.freeze();
    const noticed = await timed(() => becomes(replica, 'stale'));
    proxy.thaw();
    const back = await timed(() => becomes(replica, 'ready'));
    return { 'a silent connection, until it is noticed': noticed, 'a connection that heals, until in step': back };
  });
  await runs(RUNS, samples, async () => {
    const ended = await timed(() => server.end('SIGTERM'));
    await server.start();
    await becomes(replica, 'ready');
    return { 'a server that is told to end, with a stream open': ended };
  });
  percentiles('A replica of a server', samples);
  await replica.close();
  proxy.stop();
  await server.end();
}

async function replicaOnRedis() {
  const port = await freePort();
  const redis = new Service(port, 'redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
  await redis.start();
  const url = `redis://127.0.0.1:${port}`;
  const engine = new WaygateEngine({ backend: new RedisBackend(url) });
  await engine.open();
  await engine.routes.register([{ key: 'GET:/items', declaration: {} }]);
  const store = new RedisCounterStore(url);
  await store.open();
  const consume = () => store.consume([{ rule: RULE, caller: 'a', cost: 1 }]).catch(() => undefined);
  const samples = {};
  await runs(RUNS, samples, async () => {
    const killed = await timed(async () => {
      await redis.end();
      await becomes(engine, 'stale');
    });
    const away = new WaygateEngine({ backend: new RedisBackend(url) });
    const started = await timed(() => away.open());
    await away.close();
    await redis.start();
    const back = await timed(() => becomes(engine, 'ready'));
    return {
      'a killed Redis, until it is noticed': killed,
      'an app that starts without Redis': started,
      'a Redis that is back, until in step': back,
    };
  });
  await runs(RUNS, samples, async () => {
    await until(async () => (await consume()) !== undefined);
    redis.child.kill('SIGSTOP');
    const counted = [];
    for (let i = 0; i < 200; i++) counted.push(await timed(consume));
    const noticed = await timed(() => becomes(engine, 'stale'));
    redis.child.kill('SIGCONT');
    const back = await timed(() => becomes(engine, 'ready'));
    return {
      'a request to be counted by a frozen Redis, the slowest of 200': Math.max(...counted),
      'a frozen Redis, until it is noticed': noticed,
      'a Redis that thaws, until in step': back,
    };
  });
  percentiles('A replica on Redis', samples);
  await engine.close();
  await store.close();
  await redis.end();
}

await replicaOfAServer();
await replicaOnRedis();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
