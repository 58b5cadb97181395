// A server process with 5 000 streams of 100 services: memory of a stream, how long a change takes to reach the last reader, what it costs
// in bytes; then 100 services of 1 000 routes each, what one of them loads, and a relay in between. Readers live in a process of their own.
import { fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const STREAMS = Number(process.env.STREAMS ?? 5_000);
const SERVICES = 100;
const ROUTES = 1_000;
const SELF = fileURLToPath(import.meta.url);
/** Lets the server collect garbage when it is told to, so that what is measured is what is held. */
const COLLECT = 'data:text/javascript,process.on("SIGUSR2",()=>gc())';
/** Room for new objects grows by up to 32 MiB when many come at once; of this size from the start, it is no part of what a stream takes. */
const YOUNG = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
const MAIN = fileURLToPath(new URL('../apps/server/dist/main.js', import.meta.url));

/** Opens streams; tells how many bytes came in, and when a text was seen by so many. */
function read([port, token, count]) {
  let received = 0;
  let wanted = null;
  let seen = 0;
  for (let i = 0; i < Number(count); i++) {
    const service = `service-${i % SERVICES}`;
    const head = `GET /api/sdk/records/changes HTTP/1.1\r\nHost: x\r\nX-Waygate-Token: ${token}\r\nX-Waygate-App-Id: ${service}\r\n`;
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(`${head}X-Waygate-Instance: ${i}\r\n\r\n`));
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (wanted === null || !chunk.includes(wanted.text)) return;
      if (++seen === wanted.count) process.send({ seen: Date.now() });
    });
    socket.on('error', () => undefined);
  }
  process.on('message', (message) => {
    if (message === 'bytes') return process.send({ received });
    wanted = message;
    seen = 0;
    process.send({ waiting: true });
  });
}

async function readers(port, token, count) {
  const child = fork(SELF, ['read', String(port), token, String(count)]);
  const next = (name) =>
    new Promise((resolve) => {
      const listener = (message) => {
        if (message[name] === undefined) return;
        child.off('message', listener);
        resolve(message[name]);
      };
      child.on('message', listener);
    });
  const bytes = () => {
    const answer = next('received');
    child.send('bytes');
    return answer;
  };
  return {
    bytes,
    async settled() {
      for (let before = -1, now = await bytes(); now !== before || now === 0;) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        [before, now] = [now, await bytes()];
      }
    },
    /** @returns when the last of so many saw the text */
    async expect(text, among) {
      const waiting = next('waiting');
      child.send({ text, count: among });
      await waiting;
      return { seen: next('seen') };
    },
    end: () => child.kill(),
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startServer(...flags) {
  const port = await freePort();
  const account = ['--user', 'admin:bench', '--secret-key', 'a key for benchmarks', '--log-level', 'error'];
  const child = spawn(
    process.execPath,
    [...YOUNG, '--expose-gc', '--import', COLLECT, MAIN, '--host', '127.0.0.1', '--port', String(port), ...account, ...flags],
    { stdio: 'inherit' },
  );
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/api/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
  const login = await fetch(`${url}/api/auth/login`, { method: 'POST', body: '{"username":"admin","password":"bench"}' });
  const { token } = await login.json();
  const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: { 'x-waygate-token': token, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const kib = async () => {
    for (let i = 0; i < 3; i++) {
      child.kill('SIGUSR2');
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
  };
  return { port, url, token, call, kib, end: () => child.kill('SIGKILL') };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const say = (what, value) => console.log(`${what.padEnd(72)} ${value}`);

/** Time from a change to the last of those who hear of it, and the bytes each got. */
async function fanOut(what, server, group, count, change) {
  const times = [];
  let each = 0;
  for (let i = 0; i < 11; i++) {
    const text = `round-${what.length}-${i}.`;
    const before = await group.bytes();
    const { seen } = await group.expect(text, count);
    const began = Date.now();
    await change(text);
    times.push((await seen) - began);
    await new Promise((resolve) => setTimeout(resolve, 200));
    each = ((await group.bytes()) - before) / count;
  }
  say(what, `${median(times)} ms to the last (worst of 11: ${Math.max(...times)}), ${Math.round(each)} bytes each`);
}

async function measure() {
  const server = await startServer();
  for (let i = 0; i < SERVICES; i++) {
    const states = [{ path: `service-${i}:GET:/first`, service: `service-${i}` }];
    await server.call('POST', '/api/sdk/register', { app_id: `service-${i}`, states });
  }
  const before = await server.kib();
  const group = await readers(server.port, server.token, STREAMS);
  await group.settled();
  await new Promise((resolve) => setTimeout(resolve, 13_000));
  say(
    `${STREAMS} streams of ${SERVICES} services: memory of a stream`,
    `${(((await server.kib()) - before) / STREAMS).toFixed(1)} KiB`,
  );
  await fanOut(`maintenance of everything, to ${STREAMS}`, server, group, STREAMS, (reason) =>
    server.call('POST', '/api/global/enable', { reason }),
  );
  const key = Buffer.from('service-7:GET:/first').toString('base64url');
  await fanOut(`a route of one service, to its ${STREAMS / SERVICES}`, server, group, STREAMS / SERVICES, (reason) =>
    server.call('POST', `/api/routes/${key}/disable`, { reason }),
  );
  group.end();

  const beforeRoutes = await server.kib();
  const declared = { state: 'active', reason: '', window: null, environments: null, deprecation: null, forceActive: false };
  for (let i = 0; i < SERVICES; i++) {
    const service = `service-${i}`;
    const value = { service, declared, override: null };
    const writes = Array.from({ length: ROUTES }, (_, n) => ({
      kind: 'route',
      key: `${service}:GET:/resources/${n}/items/:id`,
      expected: 0,
      value,
    }));
    await server.call('POST', '/api/sdk/commit', { writes, audit: [] }, { 'x-waygate-app-id': service });
  }
  say(
    `${SERVICES} × ${ROUTES} routes: memory of the server, over the empty one`,
    `${Math.round(((await server.kib()) - beforeRoutes) / 1024)} MiB`,
  );
  const load = async (app) => {
    const began = performance.now();
    const bytes = (
      await (
        await server.call('GET', '/api/sdk/records', undefined, app === null ? {} : { 'x-waygate-app-id': app })
      ).arrayBuffer()
    ).byteLength;
    return { ms: performance.now() - began, bytes };
  };
  const first = await load('service-1');
  const again = await load('service-1');
  say(
    'what a service loads',
    `${Math.round(first.bytes / 1024)} KiB, ${first.ms.toFixed(0)} ms; the next replica ${again.ms.toFixed(1)} ms`,
  );
  const all = await load(null);
  say('what a relay loads', `${Math.round(all.bytes / 1024 / 1024)} MiB, ${all.ms.toFixed(0)} ms`);

  const relay = await startServer('--backend', server.url, '--backend-user', 'admin:bench');
  const far = await readers(relay.port, relay.token, STREAMS / 5);
  await far.settled();
  await fanOut(`through a relay, maintenance of everything to ${STREAMS / 5}`, server, far, STREAMS / 5, (reason) =>
    server.call('POST', '/api/global/enable', { reason }),
  );
  far.end();
  relay.end();
  server.end();
  process.exit(0);
}

if (process.argv[2] === 'read') read(process.argv.slice(3));
else await measure();
