import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryBackend } from '@waygate/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WaygateServerModule } from '@waygate/server';
import { pathKey } from '../support/admin-app.js';
import { LONG_PATIENCE, SEVERAL_PROCESSES } from '../support/patience.mjs';
import { RedisServer } from '../support/redis-server.js';
import { SdkProcess } from '../support/sdk-process.js';
import { SERVER_SECRET, ServerProcess } from '../support/server-process.js';

const MAIN = resolve('apps/server/dist/main.js');
const open: { close(): Promise<unknown> }[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waygate-server-'));
});
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
  rmSync(folder, { recursive: true });
});

async function start(flags: readonly string[] = [], options?: Parameters<typeof ServerProcess.start>[1]): Promise<ServerProcess> {
  const server = await ServerProcess.start(flags, options);
  open.push({ close: () => server.kill9() });
  return server;
}

function run(
  args: readonly string[],
  env: Record<string, string> = {},
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, ...env },
    timeout: LONG_PATIENCE.timeout,
  });
}

describe('waygate-server', SEVERAL_PROCESSES, () => {
  it('tells its version and everything it can be told', () => {
    expect(run(['--version'])).toMatchObject({ status: 0, stdout: '0.1.0\n' });
    expect(run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('--sdk-token-expiry') as string });
  });

  it.each([
    ['without anybody who may sign in', [], {}, /Nobody could sign in/],
    ['open to everybody in production', ['--auth', 'none'], { NODE_ENV: 'production' }, /refused while NODE_ENV is 'production'/],
    [
      'with a secret that is too short',
      ['--user', 'a:b', '--secret-key', 'short'],
      {},
      /--secret-key: must have at least 16 characters/,
    ],
    [
      'with a certificate that is not there',
      ['--user', 'a:b', '--tls-cert', 'no.pem', '--tls-key', 'no.pem'],
      {},
      /tls-cert: ENOENT/,
    ],
  ])('refuses to start %s', (_how, args, env, message) => {
    const { status, stderr } = run(['--port', '0', ...args], env);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  it('says which process has the state file, and does not start', async () => {
    const backend = `file:${join(folder, 'state.json')}`;
    await start(['--backend', backend]);
    const { status, stderr } = run(['--port', '0', '--user', 'a:b', '--backend', backend]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/process \d+/) as string]);
  });

  it('keeps state in its file over being killed', async () => {
    const server = await start(['--backend', `file:${join(folder, 'state.json')}`]);
    const headers = await server.signIn();
    await server.call('POST', '/api/global/enable', { reason: 'kept' }, headers);
    await server.kill9();
    await server.restart();
    expect((await server.call('GET', '/api/global', undefined, headers)).json).toMatchObject({ enabled: true, reason: 'kept' });
  });

  it('takes its backend from the variables an app takes it from, keeps as much of the audit log as it is told, and tells figures', async () => {
    const path = join(folder, 'named.json');
    const env = { WAYGATE_BACKEND: 'file', WAYGATE_FILE_PATH: path, WAYGATE_AUDIT_CAPACITY: '4', WAYGATE_AUDIT_MAX_AGE: '90d' };
    const server = await start([], { env });
    const headers = await server.signIn();
    for (let i = 0; i < 20; i++) await server.call('POST', '/api/global/enable', { reason: `r${i}` }, headers);
    const { json: entries } = await server.call('GET', '/api/audit?limit=100', undefined, headers);
    const reasons = (entries as unknown as { reason: string }[]).map(({ reason }) => reason);
    expect(reasons.slice(0, 4)).toEqual(['r19', 'r18', 'r17', 'r16']);
    expect(reasons.length).toBeLessThanOrEqual(6);
    expect(readFileSync(path, 'utf8')).toContain('r19');

    const { json: token } = await server.call('POST', '/api/tokens', { name: 'prometheus', role: 'viewer' }, headers);
    const figures = await fetch(`${server.url}/api/metrics`, {
      headers: { authorization: `Bearer ${String((token as { token: string }).token)}` },
    });
    expect([figures.status, await figures.text()]).toEqual([200, expect.stringContaining('waygate_ready 1') as string]);
  });

  it('writes lines of JSON, one a request with its id, and no secret', async () => {
    const server = await start(['--log-level', 'debug']);
    const headers = await server.signIn();
    await server.call('GET', '/api/routes?service=x&token=topsecret', undefined, {
      ...headers,
      'x-request-id': 'from-the-proxy.1',
    });
    await server
      .call('GET', '/api/routes', undefined, { ...headers, 'x-request-id': 'bad id\u00e9 with spaces' })
      .catch(() => undefined);
    await expect
      .poll(() => server.lines)
      .toContainEqual(expect.objectContaining({ message: 'request', request: 'from-the-proxy.1' }));
    await server.terminate();
    for (const line of server.output.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ time: expect.any(String) as string, level: expect.any(String) as string });
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        message: 'request',
        request: 'from-the-proxy.1',
        method: 'GET',
        path: '/api/routes',
        status: 200,
      }),
    );
    for (const secret of ['correct horse', SERVER_SECRET, 'topsecret', headers['x-waygate-token'] ?? ''])
      expect(server.output).not.toContain(secret);
  });

  it('is not ready first, then ends its streams, finishes what it was asked, and ends: nothing is lost', async () => {
    const state = join(folder, 'state.json');
    const server = await start(['--drain', '2s', '--backend', `file:${state}`]);
    const headers = await server.signIn();
    await server.call(
      'POST',
      '/api/sdk/register',
      { app_id: 'shop', states: [{ path: 'shop:GET:/items', service: 'shop' }] },
      headers,
    );
    const stream = await fetch(`${server.url}/api/events`, { headers });
    const ended = stream.text().then(
      () => 'ended',
      () => 'ended',
    );
    let sent = 0;
    let acknowledged = 0;
    const lost: string[] = [];
    const path = `/api/routes/${pathKey('shop:GET:/items')}/disable`;
    // As a load balancer does: nothing new is sent to a server that says it is not ready, and all that was sent before counts.
    let isReady = true;
    const load = Array.from({ length: 8 }, async () => {
      while (isReady) {
        const answer = await server.call('POST', path, { reason: `change ${sent++}` }, headers).catch(String);
        if (typeof answer === 'object' && answer.status === 200) acknowledged++;
        else lost.push(JSON.stringify(answer));
      }
    });
    await expect.poll(() => acknowledged).toBeGreaterThan(20);
    const slow = await server.begin('POST', path, { reason: 'sent slowly' }, headers);
    const down = server.terminate();
    const states: (number | 'gone')[] = [];
    while (states.at(-1) !== 'gone') {
      const answer = await server.call('GET', '/api/health/ready').catch(() => null);
      states.push(answer?.status ?? 'gone');
      isReady &&= answer?.status === 200;
    }
    // Nobody is let in any more; who was inside is served to the end.
    const slowStatus = await slow.finish();
    acknowledged += slowStatus === 200 ? 1 : 0;
    const code = await down;
    await Promise.all(load);
    expect([code, await ended]).toEqual([0, 'ended']);
    expect(states.slice(-2)).toEqual([503, 'gone']);
    expect(lost).toEqual([]);
    const audit = readFileSync(`${state}.audit.jsonl`, 'utf8').match(/"action":"disable"/g)?.length ?? 0;
    expect(audit).toBe(acknowledged);
    expect(readFileSync(state, 'utf8')).toContain('sent slowly');
  });

  it('runs from a clone by npm run server', async () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['server']).toBe('node scripts/server.mjs');
  });
});

describe('a server whose Redis is in trouble', SEVERAL_PROCESSES, () => {
  it('says so in its log, and never that nothing was changed where it cannot know', async () => {
    const redis = await RedisServer.start();
    open.push({ close: () => redis.stop() });
    const server = await start(['--backend', `${redis.url}/0`]);
    const headers = await server.signIn();
    const told = (level: string, text: string) =>
      server.lines.some((line) => line['level'] === level && String(line['message']).includes(text));

    redis.freeze();
    const asked = await server.call('POST', '/api/global/enable', { reason: 'in doubt' }, headers);
    expect(asked).toMatchObject({
      status: 503,
      json: { error: expect.stringContaining('unknown') as string, may_have_changed: true },
    });
    await expect.poll(() => told('warn', 'Out of touch with the backend')).toBe(true);
    redis.thaw();
    await expect.poll(() => told('info', 'In step with the backend again')).toBe(true);

    await redis.kill9();
    await expect.poll(() => server.call('GET', '/api/health/ready').then(({ status }) => status)).toBe(503);
    const refused = await server.call('POST', '/api/global/enable', { reason: 'refused' }, headers);
    expect(refused).toEqual({ status: 503, json: { error: 'The store cannot be reached; nothing was changed. Try again.' } });
  });
});

describe('two servers on one Redis', SEVERAL_PROCESSES, () => {
  it('serve each other’s clients, and lose nothing while they are restarted one after the other under load', async () => {
    const redis = await RedisServer.start();
    open.push({ close: () => redis.stop() });
    const backend = ['--backend', `${redis.url}/0`];
    const servers = [await start(backend), await start(backend)] as [ServerProcess, ServerProcess];
    const account = { username: 'admin', password: 'correct horse' };
    const replicas: SdkProcess[] = [];
    for (const { url } of servers) {
      const replica = await SdkProcess.start({ serverUrl: url, appId: 'shop', reconnectDelay: 300, ...account });
      open.push({ close: () => replica.stop() });
      replicas.push(replica);
    }
    const headers = await servers[0].signIn();
    const path = `/api/routes/${pathKey('shop:GET:/items')}`;
    // Each change reaches both: one that only a heartbeat brings takes up to 12 s, and 20 of those do not fit into the time of this test.
    for (let i = 1; i <= 20; i++) {
      const action = i % 2 === 0 ? 'enable' : 'disable';
      expect((await servers[0].call('POST', `${path}/${action}`, { reason: 'by the first' }, headers)).status).toBe(200);
      await expect.poll(() => replicas.map(({ decisions }) => decisions.length)).toEqual([i, i]);
    }

    // A client that goes to the other server when one does not answer, and counts what it was told is done.
    const acknowledged: string[] = [];
    const refusedByBoth: string[] = [];
    const running = new AbortController();
    const load = (async () => {
      for (let i = 0; !running.signal.aborted; i++) {
        const reason = `load ${i}`;
        const take = async (server: ServerProcess) =>
          (await server.call('POST', `${path}/disable`, { reason }, headers).catch(() => null))?.status === 200;
        if ((await take(servers[0])) || (await take(servers[1]))) acknowledged.push(reason);
        else refusedByBoth.push(reason);
        await new Promise((done) => setTimeout(done, 5));
      }
    })();
    const healths = () =>
      Promise.all(replicas.map(async (replica) => ((await replica.call('health')) as { status: string }).status));
    const taken: number[] = [];
    for (const server of servers) {
      const before = acknowledged.length;
      expect(await server.terminate()).toBe(0);
      // The other one serves alone for a while.
      const alone = acknowledged.length;
      await expect.poll(() => acknowledged.length).toBeGreaterThan(alone + 3);
      await server.restart();
      await expect.poll(healths, LONG_PATIENCE).toEqual(['ready', 'ready']);
      taken.push(acknowledged.length - before);
    }
    running.abort();
    await load;
    console.log(`${acknowledged.length} changes acknowledged, ${taken.join(' and ')} while a server was restarted`);
    expect(refusedByBoth).toEqual([]);
    const last = acknowledged.at(-1);
    await expect
      .poll(() => Promise.all(replicas.map((replica) => replica.call('decide', 'GET:/items'))))
      .toEqual(replicas.map(() => expect.objectContaining({ kind: 'disabled', reason: last }) as unknown));
    for (const server of servers) {
      const kept = await revisionsOf(server, headers);
      expect(acknowledged.filter((reason) => !kept.has(reason))).toEqual([]);
    }
  });
});

/** Reasons of all revisions a server knows. */
async function revisionsOf(server: ServerProcess, headers: Record<string, string>): Promise<ReadonlySet<string>> {
  const reasons = new Set<string>();
  for (let cursor = ''; ;) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const { json } = await server.call('GET', `/api/revisions?limit=1000${query}`, undefined, headers);
    const { revisions, next } = json as { revisions: { reason: string }[]; next: string | null };
    for (const { reason } of revisions) reasons.add(reason);
    if (next === null) return reasons;
    cursor = encodeURIComponent(next);
  }
}

describe('WaygateServerModule', () => {
  it('hosts a control plane in an app of one’s own, whose routes no maintenance touches', async () => {
    @Module({
      imports: [
        WaygateServerModule.forRoot({
          backend: new MemoryBackend(),
          path: 'control',
          auth: { username: 'a', password: 'b' },
          secretKey: SERVER_SECRET,
        }),
      ],
    })
    class ControlPlaneModule {}
    const app = await NestFactory.create(ControlPlaneModule, { logger: false });
    open.push({ close: () => app.close() });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const login = await fetch(`${url}/control/api/auth/login`, {
      method: 'POST',
      body: JSON.stringify({ username: 'a', password: 'b' }),
    });
    const { token } = (await login.json()) as { token: string };
    await fetch(`${url}/control/api/global/enable`, { method: 'POST', headers: { 'x-waygate-token': token } });
    expect((await fetch(`${url}/unknown`)).status).toBe(404);
  });
});
