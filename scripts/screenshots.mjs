// Makes the pictures of the docs from the demo, which it starts itself, with an hour of traffic and changes behind it: `npm run build`, then
// `node scripts/screenshots.mjs`. Needs Chromium (CHROMIUM_PATH) and a font with emoji.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { ROOT } from './steps.mjs';

const MINUTE_MS = 60_000;
const HISTORY_MINUTES = 58;
const PASSWORD = 'secret';

const port = await freePort();
const url = `http://localhost:${port}`;
const demo = fork(join(ROOT, 'apps', 'demo', 'dist', 'main.js'), {
  execArgv: ['--import', join(ROOT, 'scripts', 'moving-clock.mjs')],
  env: {
    ...process.env,
    PORT: String(port),
    APP_ENV: 'dev',
    WAYGATE_ADMIN_PASSWORD: PASSWORD,
    CLOCK_BEHIND_MS: String(HISTORY_MINUTES * MINUTE_MS),
  },
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
try {
  await started();
  await makeHistory();
  await takePictures();
} finally {
  await browser.close();
  demo.kill();
}

async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}

async function started() {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok === true) return;
    await wait(100);
  }
  throw new Error('The demo did not start. Build it first: npm run build');
}

/** An hour in the life of the demo, minute by minute. */
async function makeHistory() {
  const signedIn = await fetch(`${url}/waygate/api/auth/login`, {
    method: 'POST',
    body: JSON.stringify({ username: 'admin', password: PASSWORD, platform: 'dashboard' }),
  });
  const { token } = await signedIn.json();
  const change = async (path, body) => {
    const headers = { 'x-waygate-token': token };
    const answer = await fetch(`${url}/waygate/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  const route = (key, action) => `routes/${Buffer.from(key).toString('base64url')}/${action}`;
  const changes = new Map([
    [50, () => change('rate-limits', { path: '/limits/several', method: 'GET', name: 'steady', limit: '30/minute' })],
    [37, () => change(route('GET:/v2/users', 'maintenance'), { reason: 'Index is being rebuilt', expires_in: '9m' })],
    [19, () => change('flags/search-ranking/disable', { reason: 'Vectors are stale', expires_in: '3h' })],
    [12, () => change(route('GET:/limits/keyed', 'schedule'), nightShift())],
    [4, () => change(route('GET:/orders', 'maintenance'), { reason: 'Stock is being counted', expires_in: '45m' })],
  ]);
  for (let minute = HISTORY_MINUTES; minute >= 0; minute--) {
    await setClock(minute * MINUTE_MS);
    await changes.get(minute)?.();
    await traffic(minute);
  }
}

function nightShift() {
  const start = Date.now() + 3 * 60 * MINUTE_MS;
  const [from, to] = [start, start + 90 * MINUTE_MS].map((at) => new Date(at).toISOString());
  return { start: from, end: to, reason: 'Keys move to a new store' };
}

async function setClock(behindMs) {
  const set = once(demo, 'message');
  demo.send({ behindMs });
  await set;
}

/** More in the middle of the hour than at its ends, and one client that will not wait. */
async function traffic(minute) {
  const share = 0.6 + 0.4 * Math.sin(minute / 7) + 0.12 * Math.sin(minute * 2.3);
  const times = (count) => Math.max(1, Math.round(count * share));
  const calls = [
    ...repeated(times(14), '/orders'),
    ...repeated(times(9), '/v2/users'),
    ...repeated(times(4), '/v1/users'),
    ...repeated(minute > 20 && minute < 33 ? times(16) : 3, '/limits/basic'),
    ...repeated(times(3), '/limits/tiers'),
    ...repeated(times(2), '/limits/shadow'),
    ...repeated(times(3), '/payments'),
  ];
  await Promise.all(calls.map((path) => fetch(url + path)));
  for (let i = 0; i < times(6); i++) {
    const headers = { 'x-user': i === 0 ? 'ann' : `user-${minute * 7 + i}`, 'x-plan': i % 2 === 0 ? 'premium' : 'free' };
    await fetch(`${url}/checkout`, { method: 'POST', headers });
  }
}

function repeated(count, path) {
  return Array.from({ length: count }, () => path);
}

async function takePictures() {
  const desktop = { viewport: { width: 1280, height: 800 } };
  const flag = `flags/${Buffer.from('new-checkout').toString('base64url')}`;
  await dashboard('dashboard-overview', '', desktop);
  await dashboard('dashboard-routes', 'routes', desktop);
  await dashboard('dashboard-routes-dark', 'routes', { ...desktop, colorScheme: 'dark' });
  await dashboard('dashboard-phone', 'routes', { viewport: { width: 390, height: 844 } });
  await dashboard('dashboard-flag-dark', flag, { ...desktop, colorScheme: 'dark' });
  await dashboard('dashboard-evaluations', `${flag}?tab=evaluations`, desktop);
  await dashboard('dashboard-blocked', 'blocked', desktop);
  await dashboard('dashboard-route', `routes/${Buffer.from('GET:/limits/basic').toString('base64url')}`, desktop);
  await dashboard('dashboard-limit', 'rate-limits', {
    ...desktop,
    prepare: async (page) => {
      await page.click('a[aria-label="Edit limit default of GET:/limits/basic"]');
      await page.fill('#dialog [name=limit]', '10/minute');
      await page.waitForSelector('#limit-preview >> text=Would have blocked');
    },
  });
  await dashboard('dashboard-audit', 'audit', {
    ...desktop,
    prepare: (page) => page.click('main summary >> nth=1'),
  });
  const caller = new URLSearchParams({ key: 'alice', attributes: 'plan = premium\ncountry = AT' });
  await dashboard('dashboard-playground', `playground?${caller}`, {
    ...desktop,
    prepare: (page) => page.click('#explained-new-checkout summary'),
  });
  await dashboard('dashboard-maintenance', 'routes', {
    ...desktop,
    prepare: async (page) => {
      await page.click('a[aria-label="Maintenance of GET:/limits/basic"]');
      await page.waitForSelector('#dialog[open] textarea');
      await page.fill('#dialog textarea', 'Moving the counters to a new store');
      await page.selectOption('#dialog select[name=expires_in]', '1h');
    },
  });
  await swagger('swagger-light', { colorScheme: 'light', viewport: { width: 1120, height: 640 } });
  await swagger('swagger-dark', { colorScheme: 'dark', viewport: { width: 1120, height: 640 }, maintenance: true });
  await swagger('swagger-phone', { viewport: { width: 390, height: 780 } });
}

/** A page of the dashboard, signed in. */
async function dashboard(name, path, { prepare = async () => undefined, ...options }) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${url}/waygate/login`);
  await page.fill('[name=username]', 'admin');
  await page.fill('[name=password]', PASSWORD);
  await page.click('.primary');
  await page.waitForURL(`${url}/waygate/`);
  await page.goto(`${url}/waygate/${path}`);
  await page.waitForSelector("html[data-live='yes']");
  await prepare(page);
  await page.screenshot({ path: join(ROOT, 'docs', 'assets', `${name}.png`) });
  await context.close();
}

async function swagger(name, { maintenance = false, ...options }) {
  await fetch(`${url}/demo/maintenance/${maintenance ? 'on' : 'off'}`, { method: 'POST' });
  const page = await browser.newPage(options);
  await page.goto(`${url}/docs`);
  await page.waitForSelector('.opblock');
  await page.waitForSelector(`.waygate-chip[data-kind='${maintenance ? 'maintenance' : 'partial'}']`);
  await page.waitForSelector("[data-waygate='maintenance']");
  await page.screenshot({ path: join(ROOT, 'docs', 'assets', `${name}.png`) });
  await page.close();
}
