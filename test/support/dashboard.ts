import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { AdminApp } from './admin-app.js';
import { patientPage } from './chromium.js';

/** Somebody at the dashboard: a browser of their own, and everything it complained of. */
export interface Operator {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Breaches of the content policy, script errors, and whatever else the console took for an error. */
  readonly complaints: string[];
  /** Goes to a page below the mount and waits until it follows changes. */
  readonly open: (path: string) => Promise<void>;
}

export interface OperatorOptions {
  readonly scheme?: 'light' | 'dark';
  readonly scripts?: boolean;
  readonly width?: number;
  readonly username?: string;
  readonly password?: string;
  /** Where the admin is mounted. */
  readonly mount?: string;
}

/** Does something that brings anew what a page shows already, and waits until it is not the old one any more. */
export async function untilAnew(page: Page, selector: string, action: () => Promise<unknown>): Promise<void> {
  await page.$$eval(selector, (old) => old.forEach((element) => element.setAttribute('data-old', '')));
  await action();
  await page.waitForSelector(`${selector}:not([data-old])`);
}

/** Waits until a page follows changes: by then its links and forms do what they do with scripts. */
export async function following(page: Page): Promise<void> {
  await expect.poll(() => page.getAttribute('html', 'data-live')).toBe('yes');
}

/**
 * What a browser reports that nobody has to mend: answers that refuse a form, of which the page itself tells the user, and requests of a
 * page that was left before they were answered, of which there are two lines.
 */
const EXPECTED = /status of (409|422)|^htmx:(afterRequest|sendAbort), /;

/** Signs somebody in by the form. */
export async function signInAt(browser: Browser, app: AdminApp, options: OperatorOptions = {}): Promise<Operator> {
  const {
    scheme = 'light',
    scripts = true,
    width = 1280,
    username = 'admin',
    password = 'correct horse',
    mount = '/waygate',
  } = options;
  const context = await browser.newContext({ colorScheme: scheme, javaScriptEnabled: scripts, viewport: { width, height: 800 } });
  const page = await patientPage(context);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`${app.url}${mount}/login`);
  await page.fill('[name=username]', username);
  await page.fill('[name=password]', password);
  await page.click('button.primary');
  await page.waitForURL(`${app.url}${mount}/`);
  const open = async (path: string): Promise<void> => {
    await page.goto(`${app.url}${mount}/${path}`);
    if (scripts) await following(page);
  };
  return { context, page, complaints, open };
}
