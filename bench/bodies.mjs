// How long the largest body that each endpoint accepts keeps everybody else waiting: the longest block of the event loop while one is
// read, checked, and answered. The bodies are hostile ones. The caller lives in a process of its own.
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WaygateAdminModule } from '@waygate/admin';
import { MemoryBackend, WaygateEngine, WaygateModule } from '@waygate/nestjs';
import { percentiles } from './harness.mjs';

const SELF = fileURLToPath(import.meta.url);
const ROUNDS = 3;
const KB = 1024;

/** A JSON list of as many items as fit. */
function fill(size, head, tail, item) {
  const items = [];
  let length = head.length + tail.length;
  for (let i = 0; ; i++) {
    const text = item(i);
    if (length + text.length + 1 > size) break;
    items.push(text);
    length += text.length + 1;
  }
  return `${head}${items.join()}${tail}`;
}

const write = (i) =>
  JSON.stringify({
    kind: 'route',
    key: `shop:GET:/bulk/${i}`,
    expected: 0,
    value: { service: 'shop', declared: { environments: [] }, override: null, declaredAt: null },
  });
const hit = (i) =>
  JSON.stringify({
    id: `h${i}`,
    at: '2027-01-01T00:00:00.000Z',
    route: 'shop:GET:/cart',
    method: 'GET',
    caller: 'c',
    policy: 'p',
    limit: '1/minute',
    tier: null,
    resetAt: '2027-01-01T00:00:00.000Z',
    shadow: false,
  });
const disable = (i) => JSON.stringify({ kind: 'route.disable', key: `GET:/nowhere/${i}`, reason: 'x' });

const BIG = 4 * KB * KB;
const SMALL = 256 * KB;
const CASES = {
  'POST /api/sdk/commit, writes that are no records': [
    '/api/sdk/commit',
    fill(BIG, '{"writes":[', '],"audit":[]}', () => '{"a":{}}'),
  ],
  'POST /api/sdk/commit, empty lists': ['/api/sdk/commit', fill(BIG, '{"writes":[', '],"audit":[]}', () => '[]')],
  'POST /api/sdk/commit, audit that is none': ['/api/sdk/commit', fill(BIG, '{"writes":[],"audit":[', ']}', () => '{"a":{}}')],
  'POST /api/sdk/commit, one deep write': ['/api/sdk/commit', `{"writes":[${'['.repeat(2e6)}${']'.repeat(2e6)}],"audit":[]}`],
  'POST /api/sdk/commit, one long text': ['/api/sdk/commit', `{"writes":["${'x'.repeat(BIG - 100)}"],"audit":[]}`],
  'POST /api/sdk/commit, a list elsewhere': ['/api/sdk/commit', fill(BIG, '{"writes":[],"audit":[],"more":[', ']}', () => '{}')],
  'POST /api/sdk/commit, many routes and one that is none': [
    '/api/sdk/commit',
    `{"writes":[${Array.from({ length: 9_999 }, (_, i) => write(i)).join()},{"kind":"x"}],"audit":[]}`,
  ],
  'POST /api/sdk/commit, 5000 new routes': [
    '/api/sdk/commit',
    (round) => `{"writes":[${Array.from({ length: 5_000 }, (_, i) => write(`${round}/${i}`)).join()}],"audit":[]}`,
  ],
  'POST /api/sdk/audit, not an entry': ['/api/sdk/audit', fill(SMALL, '{"writes":[', ']}', () => '{"a":{}}')],
  'POST /api/sdk/hits, hits that are none': ['/api/sdk/hits', fill(SMALL, '{"hits":[', ']}', () => '{"a":{}}')],
  'POST /api/sdk/hits, valid': ['/api/sdk/hits', `{"hits":[${Array.from({ length: 999 }, (_, i) => hit(i)).join()}]}`],
  'POST /api/sdk/register, states that are none': [
    '/api/sdk/register',
    fill(SMALL, '{"app_id":"shop","states":[', ']}', () => '{}'),
  ],
  'POST /api/sdk/register, new routes': [
    '/api/sdk/register',
    (round) => fill(SMALL, `{"app_id":"r${round}","states":[`, ']}', (i) => `{"path":"r${round}:GET:/routes/${i}"}`),
  ],
  'POST /api/changes, changes that are none': ['/api/changes', fill(BIG, '{"changes":[', ']}', () => '{"a":{}}')],
  'POST /api/changes, unknown routes': ['/api/changes', fill(BIG, '{"changes":[', ']}', disable)],
  'POST /api/segments, many members': [
    '/api/segments',
    (round) => fill(SMALL, `{"key":"s${round}","included":[`, ']}', (i) => `"${i}"`),
  ],
  'POST /api/flags, many nothings': ['/api/flags', fill(SMALL, '{"key":"f","variations":[', ']}', () => '{}')],
  'POST /api/rate-limits, many nothings': ['/api/rate-limits', fill(SMALL, '{"tiers":[', ']}', () => '{}')],
  'POST /api/auth/login, many nothings': ['/api/auth/login', fill(SMALL, '{"username":[', ']}', () => '{}')],
};

/** Sends what it is told to. */
function send([port, token]) {
  let path;
  let body;
  const obey = async (next) => {
    // First what is sent, then that it be sent: taking over a large text must not count as a block of the server.
    if (next !== 'go') {
      ({ path, body } = next);
      return void process.send('ready');
    }
    const started = performance.now();
    const headers = { 'x-waygate-token': token, 'x-waygate-app-id': 'shop' };
    const answer = await fetch(`http://127.0.0.1:${port}/waygate${path}`, { method: 'POST', headers, body }).catch(
      (error) => error,
    );
    const text = await answer.text?.().catch(() => '');
    process.send({
      status: answer.status ?? String(answer.cause ?? answer),
      ms: performance.now() - started,
      text: text?.slice(0, 100),
    });
  };
  process.on('message', (next) => void obey(next));
  process.send('ready');
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
  await engine.reportedRoutes.register([{ key: 'shop:GET:/cart', service: 'shop', declaration: {} }]);
  const signedIn = await fetch(`http://127.0.0.1:${port}/waygate/api/auth/login`, {
    method: 'POST',
    body: '{"username":"admin","password":"bench"}',
  });
  const { token } = await signedIn.json();
  const child = fork(SELF, ['send', String(port), token]);
  const told = () => new Promise((resolve) => child.once('message', resolve));
  await told();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const results = {};
  const only = process.argv[2];
  for (const [name, [path, given]] of Object.entries(CASES)) {
    if (only !== undefined && !name.includes(only)) continue;
    const blocks = [];
    let answer;
    for (let round = 0; round < ROUNDS; round++) {
      const body = typeof given === 'function' ? given(round) : given;
      const ready = told();
      child.send({ path, body });
      await ready;
      globalThis.gc?.();
      delay.reset();
      delay.enable();
      await new Promise((resolve) => setTimeout(resolve, 20));
      delay.reset();
      const answered = told();
      child.send('go');
      answer = await answered;
      await new Promise((resolve) => setTimeout(resolve, 20));
      delay.disable();
      blocks.push(delay.max / 1e6);
    }
    results[`${name} → ${answer.status}`] = blocks;
    if (process.env.VERBOSE) console.log(name, answer, blocks.map((b) => b.toFixed(1)).join(' '));
  }
  percentiles('the longest block of the event loop by one body', results);
  child.kill();
  process.exit(0);
}

if (process.argv[2] === 'send') send(process.argv.slice(3));
else await measure();
