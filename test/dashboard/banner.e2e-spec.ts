import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { launchChromium } from '../support/chromium.js';
import { signInAt } from '../support/dashboard.js';

const PAGES = [
  '',
  'routes',
  'services',
  'rate-limits',
  'blocked',
  'flags',
  'segments',
  'playground',
  'audit',
  'webhooks',
  'settings',
];

describe('the maintenance banner', () => {
  let admin: AdminApp;
  let browser: Browser;

  beforeAll(async () => {
    [admin, browser] = await Promise.all([startAdmin('express'), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await admin.app.close();
  });

  it('appears on an open page at once, on every page, and leaves with the maintenance', async () => {
    const { page, open } = await signInAt(browser, admin);
    await open('flags');
    await admin.engine.maintenance.enable({ reason: 'database upgrade', exempt: ['/payments'], actor: 'alice' });
    await page.waitForSelector('#banners >> text=Everything is in maintenance');
    for (const path of PAGES) {
      await open(path);
      const text = await page.textContent('#banners');
      expect(text).toContain('database upgrade');
      expect(text).toContain('by alice');
      expect(text).toContain('exempt: /payments and force-active routes');
    }
    await admin.engine.maintenance.disable();
    await expect.poll(() => page.textContent('#banners')).toBe('');
  });

  it('counts and shows routes by what applies to them', async () => {
    const { page, open } = await signInAt(browser, admin);
    await admin.engine.maintenance.enable({ exempt: ['/payments'] });
    await open('routes');
    const statusOf = (key: string) => page.getAttribute(`tr[data-key="${key}"] [data-status]`, 'data-status');
    expect([await statusOf('GET:/payments'), await statusOf('GET:/items/:id'), await statusOf('GET:/vital')]).toEqual([
      'active',
      'maintenance',
      'active',
    ]);
    expect(await page.textContent('nav[aria-label=Status] a:has-text("Maintenance") .count')).toBe('1');
    await open('');
    expect(await page.textContent('.tile:has-text("in maintenance") .tile-value')).toBe('1');
    await admin.engine.maintenance.disable();
  });
});
