import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { PLATFORMS } from '../support/nest-app.js';
import { LONG_PATIENCE } from '../support/patience.mjs';

const MAIN = 'apps/demo/dist/main.js';
/** Generous: a busy machine starts processes slowly. */
const PATIENCE = { timeout: 120_000 };
const run = promisify(execFile);
let demo: ChildProcess | undefined;

/** Starts the built demo as a newcomer would. @returns its URL and what it said */
async function start(env: Record<string, string>): Promise<{ url: string; said: string }> {
  if (!existsSync(MAIN)) throw new Error('Build first: npm run build');
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], { env: { ...process.env, PORT: String(port), ...env }, stdio: 'pipe' });
  demo = child;
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await expect.poll(() => said, LONG_PATIENCE).toContain('/demo/maintenance/off');
  return { url: `http://localhost:${port}`, said };
}

afterEach(async () => {
  const child = demo;
  demo = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
});

describe.each(PLATFORMS)('the demo on %s', (platform) => {
  it('shows what it says it shows, and changes routes while it runs', PATIENCE, async () => {
    const { url, said } = await start({ WAYGATE_PLATFORM: platform, APP_ENV: 'dev' });
    expect(said).toContain(`${url}/docs`);
    const status = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).status;
    const post = (path: string) => status(path, { method: 'POST' });
    const all = async () =>
      Promise.all(
        ['/health', '/payments', '/debug', '/old-endpoint', '/v1/users', '/v2/users', '/orders'].map((path) => status(path)),
      );
    expect(await all()).toEqual([200, 503, 200, 503, 200, 200, 200]);
    expect((await fetch(`${url}/v1/users`)).headers.get('link')).toBe('</v2/users>; rel="successor-version"');
    expect([await post('/demo/payments/enable'), await post('/demo/orders/disable')]).toEqual([200, 200]);
    expect(await all()).toEqual([200, 200, 200, 503, 200, 200, 503]);
    await post('/demo/maintenance/on');
    expect(await all()).toEqual([200, 503, 503, 503, 503, 503, 503]);
    await post('/demo/maintenance/off');
    const times = async (path: string, count: number, headers: Record<string, string> = {}) => {
      const seen: number[] = [];
      for (let i = 0; i < count; i++) seen.push(await status(path, { headers }));
      return seen;
    };
    expect(await times('/limits/basic', 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await times('/limits/tiers', 3)).toEqual([200, 200, 429]);
    expect(await times('/limits/tiers', 3, { 'x-plan': 'enterprise' })).toEqual([200, 200, 200]);
    expect(await times('/limits/keyed', 4, { 'x-api-key': 'k' })).toEqual([200, 200, 200, 429]);
    expect(await times('/limits/shadow', 3)).toEqual([200, 200, 200]);
    expect(await times('/limits/bucket', 9)).toEqual([...Array.from({ length: 8 }, () => 200), 429]);
    expect(await times('/limits/burst', 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect([await times('/limits/user', 4, { 'x-user': 'ann' }), await times('/limits/user', 1)]).toEqual([
      [200, 200, 200, 429],
      [429],
    ]);
    expect(await times('/limits/everybody', 11)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect([await times('/limits/tenant', 4, { 'x-tenant': 'a' }), await times('/limits/tenant', 1)]).toEqual([
      [200, 200, 200, 429],
      [200],
    ]);
    expect(await times('/limits/cost', 3, { 'x-cost': '4' })).toEqual([200, 200, 429]);
    expect([await times('/limits/staff', 3, { 'x-role': 'staff' }), await times('/limits/staff', 2)]).toEqual([
      [200, 200, 200],
      [200, 429],
    ]);
    expect(await times('/limits/local', 3)).toEqual([200, 200, 200]);
    expect((await fetch(`${url}/limits/custom-answer`)).status).toBe(200);
    expect(await (await fetch(`${url}/limits/custom-answer`)).text()).toBe('Slow down, please.\n');
    await post('/demo/payments/reset');
    const signIn = (password: string) =>
      status('/waygate/api/auth/login', { method: 'POST', body: JSON.stringify({ username: 'admin', password }) });
    expect([await signIn('secret'), await signIn('other')]).toEqual([200, 401]);
    expect(said).toContain('-d \'{"username":"admin","password":"secret"}\'');
    expect(said).toContain(`npm run cli -- config set-url ${url}/waygate && npm run cli -- login admin && npm run cli -- status`);
    const home = mkdtempSync(join(tmpdir(), 'waygate-demo-'));
    // Not at a stretch: connections that the demo closes meanwhile are to be noticed.
    const cli = async (...args: string[]) =>
      (await run(process.execPath, ['scripts/cli.mjs', ...args], { env: { ...process.env, HOME: home } })).stdout;
    await cli('config', 'set-url', `${url}/waygate`);
    await cli('login', 'admin', '--password', 'secret');
    expect(await cli('status', 'GET:/payments')).toMatch(/\nGET:\/payments +- +MAINTENANCE +/);
    rmSync(home, { recursive: true });
    const checkout = async (user: string) =>
      (await fetch(`${url}/checkout`, { method: 'POST', headers: { 'x-user': user } })).json();
    expect(await checkout('ann')).toEqual({ checkout: 'new', steps: 1 });
    // Bucket 0 to 24 999 of 100 000 gets the new one.
    const everybody = await Promise.all(Array.from({ length: 40 }, (_, i) => checkout(`guest-${i}`)));
    expect(new Set(everybody.map((answer) => (answer as { checkout: string }).checkout))).toEqual(new Set(['new', 'as ever']));
    expect([await times('/checkout/report', 1, { 'x-user': 'bob' }), await times('/checkout/report', 1)]).toEqual([[200], [404]]);
    expect(await status('/payments')).toBe(503);
    expect(await status('/docs')).toBe(200);
  });
});

it('lets nobody into the admin with the well-known password where it is no development', PATIENCE, async () => {
  const { url, said } = await start({ APP_ENV: 'production', WAYGATE_ADMIN_PASSWORD: 'from the environment' });
  expect(said).toContain('"password":"\'"$WAYGATE_ADMIN_PASSWORD"\'"');
  const signIn = async (password: string) =>
    (await fetch(`${url}/waygate/api/auth/login`, { method: 'POST', body: JSON.stringify({ username: 'admin', password }) }))
      .status;
  expect([await signIn('secret'), await signIn('from the environment')]).toEqual([401, 200]);
});

it('does not name the well-known password where another one is given', PATIENCE, async () => {
  const { said } = await start({ APP_ENV: 'dev', WAYGATE_ADMIN_PASSWORD: 'from the environment' });
  expect(said).toContain('(sign in as admin / $WAYGATE_ADMIN_PASSWORD)');
});

it('hides the dev-only route of the demo elsewhere', PATIENCE, async () => {
  const { url } = await start({ APP_ENV: 'production' });
  expect((await fetch(`${url}/debug`)).status).toBe(404);
  expect(Object.keys(((await (await fetch(`${url}/docs-json`)).json()) as { paths: object }).paths)).not.toContain('/debug');
});
