// One change told to many open streams, against a bare `res.write` of one shared buffer of the same size; memory of an idle stream; and
// 10 000 routes listed. The readers live in a process of their own.
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WaygateAdminModule } from '@waygate/admin';
import { MemoryBackend, WaygateEngine, WaygateModule } from '@waygate/nestjs';
import { compare, report } from './harness.mjs';

const STREAMS = 5_000;
/** Of memory, for a stream on which nothing happens. */
const MOST_KIB = 16;
const SELF = fileURLToPath(import.meta.url);

/** Opens streams and tells how many bytes came in. */
function read([port, path, token]) {
  let received = 0;
  for (let i = 0; i < STREAMS; i++) {
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Waygate-Token: ${token}\r\nX-Waygate-App-Id: shop\r\n\r\n`),
    );
    socket.on('data', (chunk) => (received += chunk.length));
    socket.on('error', () => undefined);
  }
  process.on('message', () => process.send(received));
}

/** Readers in another process. */
async function readers(port, path, token = '-') {
  const child = fork(SELF, ['read', String(port), path, token]);
  const bytes = () =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send('?');
    });
  return {
    bytes,
    /** Waits until nothing more comes. */
    async settled() {
      for (let before = -1, now = await bytes(); now !== before || now === 0;) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        [before, now] = [now, await bytes()];
      }
    },
    end: () => child.kill(),
  };
}

async function measure() {
  class AppModule {}
  Module({
    imports: [
      WaygateModule.forRoot({ backend: new MemoryBackend() }),
      WaygateAdminModule.forRoot({ auth: { username: 'admin', password: 'bench' } }),
    ],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  const engine = app.get(WaygateEngine);
  const { port } = app.getHttpServer().address();
  const api = `http://127.0.0.1:${port}/waygate/api`;
  await engine.reportedRoutes.register([{ key: 'shop:GET:/cart', service: 'shop', declaration: {} }]);
  const { token } = await (
    await fetch(`${api}/auth/login`, { method: 'POST', body: '{"username":"admin","password":"bench"}' })
  ).json();

  const rss = () => (globalThis.gc?.(), process.memoryUsage().rss);
  const before = rss();
  const ours = await readers(port, '/waygate/api/sdk/events', token);
  await ours.settled();
  const kib = (rss() - before) / 1024 / STREAMS;

  const responses = [];
  const bare = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    responses.push(response);
  });
  await new Promise((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const theirs = await readers(bare.address().port, '/');
  await theirs.settled();

  let changes = 0;
  const cpu = async (subject, tell) => {
    const started = process.cpuUsage();
    await tell();
    await subject.settled();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / STREAMS;
  };
  const change = () => engine.routes.disable('shop:GET:/cart', { reason: String(changes++ % 10) });
  const bytesBefore = await ours.bytes();
  await change();
  await ours.settled();
  const size = Math.round(((await ours.bytes()) - bytesBefore) / STREAMS);
  const shared = Buffer.from(`data: ${'x'.repeat(size - 15)}\n\n`);
  await compare(
    `one change to ${STREAMS} streams`,
    {
      'bare res.write of one shared buffer': () => cpu(theirs, () => responses.forEach((response) => response.write(shared))),
      '@waygate/admin, from the commit on': () => cpu(ours, change),
    },
    { rounds: 21, unit: 'µs of CPU a stream' },
  );
  ours.end();
  theirs.end();
  // What a bare response takes cannot be told in this process: it fills memory that was freed before.
  const once = (value) => ({ median: value, min: value, max: value, ratio: value / MOST_KIB });
  report('an idle stream', { 'the most it may take': once(MOST_KIB), '@waygate/admin': once(kib) }, 'KiB');

  await engine.reportedRoutes.register(
    Array.from({ length: 9_999 }, (_, i) => ({ key: `shop:GET:/routes/${i}`, service: 'shop', declaration: {} })),
  );
  const list = async (url) => (await fetch(url, { headers: { 'x-waygate-token': token } })).text();
  const states = JSON.parse(await list(`${api}/routes`));
  const plain = createServer((_request, response) => response.end(JSON.stringify(states)));
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
  await compare('10 000 routes listed', {
    'JSON.stringify of the same list': () => list(`http://127.0.0.1:${plain.address().port}`),
    'GET /api/routes': () => list(`${api}/routes`),
  });
  process.exit(0);
}

if (process.argv[2] === 'read') read(process.argv.slice(3));
else await measure();
