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

await picture('swagger-light', { colorScheme: 'light', viewport: { width: 1120, height: 640 } });
await picture('swagger-dark', { colorScheme: 'dark', viewport: { width: 1120, height: 640 }, maintenance: true });
await picture('swagger-phone', { viewport: { width: 390, height: 780 } });
await post('maintenance/off');
await browser.close();
