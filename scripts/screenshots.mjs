// Makes the pictures of the docs from the running demo: start it with `PORT=3111 npm start`, then `node scripts/screenshots.mjs`.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from './steps.mjs';

const url = process.argv[2] ?? 'http://localhost:3111';
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
const post = (path) => fetch(`${url}/demo/${path}`, { method: 'POST' });

async function picture(name, { maintenance = false, ...options }) {
  const page = await browser.newPage(options);
  await post(`maintenance/${maintenance ? 'on' : 'off'}`);
  await page.goto(`${url}/docs`);
  await page.waitForSelector('.opblock');
  await page.waitForSelector(`.waygate-chip[data-kind='${maintenance ? 'maintenance' : 'partial'}']`);
  await page.waitForSelector("[data-waygate='maintenance']");
  await page.screenshot({ path: join(ROOT, 'docs', 'assets', `${name}.png`) });
  await page.close();
}

const flagPath = `flags/${Buffer.from('new-checkout').toString('base64url')}`;

/** A page of the dashboard, signed in. */
async function dashboard(name, path, { prepare = async () => undefined, ...options }) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${url}/waygate/login`);
  await page.fill('[name=username]', 'admin');
  await page.fill('[name=password]', process.env.WAYGATE_ADMIN_PASSWORD ?? 'secret');
  await page.click('.primary');
  await page.waitForURL(`${url}/waygate/`);
  await page.goto(`${url}/waygate/${path}`);
  await page.waitForSelector("html[data-live='yes']");
  await prepare(page);
  await page.screenshot({ path: join(ROOT, 'docs', 'assets', `${name}.png`) });
  await context.close();
}

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 } };
await post('orders/disable');
for (let i = 0; i < 12; i++)
  for (const path of ['limits/basic', 'limits/tiers', 'limits/shadow', 'payments']) await fetch(`${url}/${path}`);
await dashboard('dashboard-overview', '', desktop);
await dashboard('dashboard-routes', 'routes', desktop);
await dashboard('dashboard-routes-dark', 'routes', { ...desktop, colorScheme: 'dark' });
await dashboard('dashboard-phone', 'routes', phone);
await dashboard('dashboard-flag-dark', flagPath, { ...desktop, colorScheme: 'dark' });
await dashboard('dashboard-limit', 'rate-limits', {
  ...desktop,
  prepare: async (page) => {
    await page.click('a[aria-label="Edit limit default of GET:/limits/basic"]');
    await page.fill('#dialog [name=limit]', '10/minute');
    await page.waitForSelector('#limit-preview >> text=Would have blocked');
  },
});
await dashboard('dashboard-route', `routes/${Buffer.from('GET:/limits/basic').toString('base64url')}`, desktop);
await dashboard('dashboard-playground', 'playground?key=alice', {
  ...desktop,
  prepare: (page) => page.click('#explained-new-checkout summary'),
});
await dashboard('dashboard-maintenance', 'routes', {
  ...desktop,
  prepare: async (page) => {
    await page.click('a[aria-label="Maintenance of GET:/limits/basic"]');
    await page.waitForSelector('#dialog[open] textarea');
    await page.fill('#dialog textarea', 'Moving the counters to a new store');
  },
});

await picture('swagger-light', { colorScheme: 'light', viewport: { width: 1120, height: 640 } });
await picture('swagger-dark', { colorScheme: 'dark', viewport: { width: 1120, height: 640 }, maintenance: true });
await picture('swagger-phone', { viewport: { width: 390, height: 780 } });
await post('maintenance/off');
await browser.close();
