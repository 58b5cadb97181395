import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pathKey } from '../support/admin-app.js';
import { makeCertificate, type Certificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';
import { expectWithin } from '../support/measure.js';
import { Nginx } from '../support/nginx.js';
import { LONG_PATIENCE, SEVERAL_PROCESSES } from '../support/patience.mjs';
import { SdkProcess } from '../support/sdk-process.js';
import { ServerProcess } from '../support/server-process.js';

const ACCOUNT = { username: 'admin', password: 'correct horse' };
const open: { close(): Promise<unknown> }[] = [];
let folder: string;
let certificate: Certificate;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waygate-tls-'));
  certificate = makeCertificate(folder);
});
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(...flags: string[]): Promise<ServerProcess> {
  const server = await ServerProcess.start(flags);
  open.push({ close: () => server.kill9() });
  return server;
}

const startSecure = (...flags: string[]) => start('--tls-cert', certificate.certPath, '--tls-key', certificate.keyPath, ...flags);

async function proxyTo(server: ServerProcess): Promise<Nginx> {
  const nginx = await Nginx.start(server.port, certificate);
  open.push({ close: () => nginx.stop() });
  return nginx;
}

interface Asked {
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** From which address of this machine. */
  readonly from?: string;
}

/** A request over https by somebody who checks the certificate. */
function ask(port: number, method: string, path: string, { body, headers, from }: Asked = {}) {
  return new Promise<{ status: number; cookie: string; text: string }>((resolve, reject) => {
    const options = { port, method, path, headers, ca: certificate.pem, agent: false, localAddress: from ?? '127.0.0.1' };
    const asked = request({ host: '127.0.0.1', ...options }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, cookie: String(answer.headers['set-cookie'] ?? ''), text }),
      );
    });
    asked.on('error', reject).end(body);
  });
}

const signIn = (port: number, from?: string, headers: Record<string, string> = {}) =>
  ask(port, 'POST', '/login', {
    body: new URLSearchParams(ACCOUNT).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    ...(from === undefined ? {} : { from }),
  });

const SECURE_COOKIE = /^__Host-waygate_session=([^;]+); Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/;

describe('a server that speaks https', SEVERAL_PROCESSES, () => {
  it('proves who it is, lets nobody in without TLS, and gives cookies for https only', async () => {
    const server = await startSecure();
    expect((await ask(server.port, 'GET', '/api/health/live')).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${server.port}/api/health/live`)).rejects.toThrow('fetch failed');
    await expect(fetch(`https://127.0.0.1:${server.port}/api/health/live`)).rejects.toMatchObject({
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    const { cookie } = await signIn(server.port);
    expect(cookie).toMatch(SECURE_COOKIE);
    const [, session = ''] = SECURE_COOKIE.exec(cookie) ?? [];
    const me = (name: string) => ask(server.port, 'GET', '/api/auth/me', { headers: { cookie: `${name}=${session}` } });
    expect([(await me('__Host-waygate_session')).status, (await me('waygate_session')).status]).toEqual([200, 401]);
  });

  it('is followed by services that trust its certificate, and by no other', async () => {
    const server = await startSecure();
    const options = { serverUrl: `https://127.0.0.1:${server.port}`, appId: 'shop', ...ACCOUNT };
    const [trusting, wary] = await Promise.all([
      SdkProcess.start({ ...options, ca: certificate.pem, initTimeout: LONG_PATIENCE.timeout }),
      // Waits for all of it.
      SdkProcess.start({ ...options, appId: 'orders', initTimeout: 5_000 }),
    ]);
    open.push({ close: () => trusting.stop() }, { close: () => wary.stop() });
    expect(trusting.healthAtStart.status).toBe('ready');
    expect(wary.healthAtStart).toMatchObject({ status: 'stale', reason: expect.stringMatching(/certificate/) as string });
    const login = await ask(server.port, 'POST', '/api/auth/login', { body: JSON.stringify(ACCOUNT) });
    const headers = { 'x-waygate-token': (JSON.parse(login.text) as { token: string }).token };
    const path = `/api/routes/${pathKey('shop:GET:/items')}/disable`;
    expect((await ask(server.port, 'POST', path, { body: '{"reason":"over TLS"}', headers })).status).toBe(200);
    await expect.poll(() => trusting.status('/items')).toBe(503);
    expect(await wary.status('/items')).toBe(200);
  });

  it('stands above a relay whose process trusts the certificate', async () => {
    const root = await startSecure();
    const port = await freePort();
    const flags = ['--backend', `https://127.0.0.1:${root.port}`, '--backend-user', 'admin:correct horse'];
    const relay = await ServerProcess.start(flags, { port, env: { NODE_EXTRA_CA_CERTS: certificate.certPath } });
    open.push({ close: () => relay.kill9() });
    await expect.poll(async () => (await relay.call('GET', '/api/health/ready')).status).toBe(200);
    const headers = await relay.signIn();
    expect((await relay.call('POST', '/api/global/enable', { reason: 'from below' }, headers)).status).toBe(200);
    const login = await ask(root.port, 'POST', '/api/auth/login', { body: JSON.stringify(ACCOUNT) });
    const token = (JSON.parse(login.text) as { token: string }).token;
    const above = await ask(root.port, 'GET', '/api/global', { headers: { 'x-waygate-token': token } });
    expect(JSON.parse(above.text)).toMatchObject({ enabled: true, reason: 'from below' });
  });
});

describe('a server behind nginx that speaks https for it', SEVERAL_PROCESSES, () => {
  it('gives cookies for https only where it trusts the proxy', async () => {
    const trusting = await proxyTo(await start('--trusted-proxies', '127.0.0.1'));
    expect((await signIn(trusting.port)).cookie).toMatch(SECURE_COOKIE);
  });

  it.each([
    ['trusts nobody', []],
    ['trusts others', ['--trusted-proxies', '10.0.0.0/8', '--trusted-proxies', '127.0.0.9']],
  ])('believes nothing of what the proxy says where it %s', async (_whom, flags) => {
    const { port } = await proxyTo(await start(...flags));
    expect((await signIn(port)).cookie).toMatch(/^waygate_session=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
  });

  it('believes nobody who comes past the proxy and says the same', async () => {
    const server = await start('--trusted-proxies', '127.0.0.9');
    const answer = await fetch(`${server.url}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' },
      body: new URLSearchParams(ACCOUNT),
    });
    expect(answer.headers.get('set-cookie')).toMatch(/^waygate_session=/);
  });

  /** Of 50 attempts in a quarter of an hour one comes back so often. */
  const COMES_BACK_MS = (15 * 60_000) / 50;

  /** How many of so many wrong attempts are heard before one is refused for being too many, but for those that came back meanwhile. */
  const attempts = async (port: number, from: string, count: number) => {
    const began = performance.now();
    for (let i = 0; i < count; i++) {
      const headers = { 'x-forwarded-for': `192.0.2.${i}` };
      const body = JSON.stringify({ username: `${from}-${i}`, password: 'x' });
      const cameBack = Math.floor((performance.now() - began) / COMES_BACK_MS);
      if ((await ask(port, 'POST', '/api/auth/login', { body, headers, from })).status === 429) return i - cameBack;
    }
    return count;
  };

  it('counts attempts to sign in for the address the trusted proxy saw, whatever the caller says', async () => {
    const { port } = await proxyTo(await start('--trusted-proxies', '127.0.0.1'));
    expect(await attempts(port, '127.0.0.7', 60)).toBe(50);
    expect(await attempts(port, '127.0.0.8', 5)).toBe(5);
  });

  it('takes all who come by a proxy it does not trust for one', async () => {
    const { port } = await proxyTo(await start());
    expect(await attempts(port, '127.0.0.7', 60)).toBe(50);
    expect(await attempts(port, '127.0.0.8', 5)).toBe(0);
  });

  it('is followed through it, and a change comes at once', async () => {
    const server = await start('--trusted-proxies', '127.0.0.1');
    const { port } = await proxyTo(server);
    const options = { serverUrl: `https://127.0.0.1:${port}`, appId: 'shop', ca: certificate.pem, ...ACCOUNT };
    const shop = await SdkProcess.start({ ...options, initTimeout: LONG_PATIENCE.timeout });
    open.push({ close: () => shop.stop() });
    expect(shop.healthAtStart.status).toBe('ready');
    const headers = await server.signIn();
    let changes = 0;
    await expectWithin(500, async () => {
      const action = ['disable', 'enable'][changes++ % 2] ?? '';
      const began = Date.now();
      await server.call('POST', `/api/routes/${pathKey('shop:GET:/items')}/${action}`, { reason: 'through nginx' }, headers);
      await expect.poll(() => shop.decisions.length, { interval: 2 }).toBe(changes);
      return (shop.decisions.at(-1)?.at ?? Infinity) - began;
    });
  });
});
