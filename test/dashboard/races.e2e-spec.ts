import type { Page, Route } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { useVisitors } from '../support/visitors.js';

const { somebody } = useVisitors(() => admin);
let admin: AdminApp;

beforeEach(async () => {
  admin = await startAdmin('express');
});

interface Held {
  readonly held: () => number;
  letGo(): Promise<void>;
}

/** Holds back requests of a page that match, until they are let go. */
async function hold(page: Page, matches: (url: URL) => boolean): Promise<Held> {
  const waiting: Route[] = [];
  let isOpen = false;
  await page.route(matches, async (route) => {
    if (isOpen) await route.continue();
    else waiting.push(route);
  });
  return {
    held: () => waiting.length,
    letGo: async () => {
      isOpen = true;
      await Promise.all(waiting.map((route) => route.continue()));
    },
  };
}

/** Lets lists go that are held back, and waits until the page has done with their answers what it does. */
async function answerAll(page: Page, list: Held): Promise<void> {
  const wanted = list.held();
  let answers = 0;
  page.on('requestfinished', (request) => void (isList(new URL(request.url())) && answers++));
  await list.letGo();
  await expect.poll(() => answers).toBeGreaterThanOrEqual(wanted);
  // What the page does with an answer, it has done by the second frame after.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const rows = (page: Page) => page.locator('tr[data-key]').count();
const isSearch = (url: URL) => url.pathname.endsWith('/routes') && url.searchParams.get('q') === 'pay';
const isList = (url: URL) => url.pathname.endsWith('/routes') && !url.searchParams.has('q');

describe('a list that is searched while it changes', () => {
  it('shows what was searched for when somebody else’s change came in between', async () => {
    const { page, open } = await somebody(admin);
    await open('routes');
    const search = await hold(page, isSearch);
    await page.fill('#routes-search', 'pay');
    await expect.poll(search.held).toBe(1);
    await admin.engine.routes.disable('GET:/items/:id');
    await expect.poll(() => page.locator('[data-status=disabled]').count()).toBe(1);
    await search.letGo();
    await expect.poll(() => rows(page)).toBe(1);
    await expect.poll(() => page.url()).toContain('q=pay');
  });

  it('does not go back to everything when the answer to an older question comes late', async () => {
    const { page, open } = await somebody(admin);
    await open('routes');
    const list = await hold(page, isList);
    await admin.engine.routes.disable('GET:/payments');
    // The list, and what stands above it.
    await expect.poll(list.held).toBe(2);
    await page.fill('#routes-search', 'pay');
    await expect.poll(() => rows(page)).toBe(1);
    await list.letGo();
    await expect.poll(() => page.getAttribute('tr[data-key] [data-status]', 'data-status')).toBe('disabled');
    expect(await rows(page)).toBe(1);
  });
});

describe('a link that is pressed while its list is on its way', () => {
  it('is still there when it is let go, and the list follows then', async () => {
    const { page, open } = await somebody(admin);
    await open('routes');
    const list = await hold(page, isList);
    await admin.engine.routes.disable('GET:/items/:id');
    await expect.poll(list.held).toBe(2);
    // The press takes the focus from here.
    await page.focus('input[type=search]');
    await page.hover('a[aria-label="Maintenance of GET:/payments"]');
    await page.mouse.down();
    await answerAll(page, list);
    expect(await page.locator('[data-status=disabled]').count()).toBe(0);
    await page.mouse.up();
    await page.waitForSelector('#dialog[open] .primary');
    await expect.poll(() => page.locator('[data-status=disabled]').count()).toBe(1);
  });
});

describe('a menu that is opened while its list is on its way', () => {
  it('stays open, and the list follows when it is closed', async () => {
    const { page, open } = await somebody(admin);
    await open('routes');
    const list = await hold(page, isList);
    await admin.engine.routes.disable('GET:/payments');
    await expect.poll(list.held).toBe(2);
    const menu = page.locator('tr[data-key="GET:/payments"] details.menu');
    await menu.locator('summary').click();
    await answerAll(page, list);
    expect([await menu.getAttribute('open'), await page.locator('[data-status=disabled]').count()]).toEqual(['', 0]);
    await menu.locator('summary').click();
    await expect.poll(() => page.locator('[data-status=disabled]').count()).toBe(1);
  });
});

describe('tabs that do not fit beside each other', () => {
  it.each([
    [390, 'routes?status=deprecated'],
    [768, 'routes'],
  ])('show the chosen one in a window of %i px, and stay where somebody scrolled them to', async (width, path) => {
    const { page, open } = await somebody(admin, { width });
    await open(path);
    const inSight = await page.$eval('.tab[aria-current]', (tab) => {
      const [own, around] = [tab, tab.parentElement ?? tab].map((element) => element.getBoundingClientRect());
      return own !== undefined && around !== undefined && own.left >= around.left && own.right <= around.right;
    });
    expect(inSight).toBe(true);
    const list = await hold(page, isList);
    const scrolled = await page.$eval('.tabs', async (tabs) => {
      tabs.scrollLeft = tabs.scrollLeft === 0 ? tabs.scrollWidth : 0;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      // Where the tabs that take their place stand at first.
      document.addEventListener('waygate:arrived', () => {
        if (!tabs.isConnected) document.body.dataset['scrolled'] ??= String(document.querySelector('.tabs')?.scrollLeft);
      });
      return String(tabs.scrollLeft);
    });
    await admin.engine.routes.disable('GET:/payments');
    await list.letGo();
    await expect.poll(() => page.getAttribute('body', 'data-scrolled')).toBe(scrolled);
  });
});
