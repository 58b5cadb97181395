import type { Server } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { RateLimit, type WaygateEngine } from '@waygate/nestjs';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, HostController, pathKey, startAdmin, type AdminApp } from '../support/admin-app.js';
import { violationsOn } from '../support/axe.js';
import { following, type OperatorOptions } from '../support/dashboard.js';
import { ON_OFF } from '../support/flag.js';
import { PLATFORMS } from '../support/nest-app.js';
import { useVisitors } from '../support/visitors.js';

const USERS = [ADMIN, { username: 'viewer', password: 'viewer', role: 'viewer' }] as const;

@Controller()
class PostsController {
  @Get('posts')
  @RateLimit('2/minute')
  posts(): object {
    return { ok: true };
  }
}

let admin: AdminApp;
const visitors = useVisitors(() => admin);
const somebody = (options?: OperatorOptions) => visitors.somebody(admin, options);

const start = (platform: (typeof PLATFORMS)[number], prefix: string | null = null) =>
  startAdmin(platform, {
    admin: { auth: USERS },
    controllers: [HostController, PostsController],
    waygate: { webhooks: { allow: ['127.0.0.1'] } },
    configure: (app) => {
      if (prefix !== null) app.setGlobalPrefix(prefix);
    },
  });

async function seed(engine: WaygateEngine): Promise<void> {
  await engine.segments.create({
    key: 'beta',
    included: ['alice'],
    rules: [{ clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }] }],
  });
  const variations = [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ];
  await engine.flags.create({
    key: 'checkout',
    type: 'boolean',
    variations,
    offVariation: 'off',
    fallthrough: [
      { variation: 'on', weight: 25_000 },
      { variation: 'off', weight: 75_000 },
    ],
    rules: [{ id: 'first', description: 'Beta', clauses: [{ operator: 'in_segment', values: ['beta'] }], variation: 'on' }],
  });
  await engine.flags.create({
    key: 'dark-mode',
    type: 'boolean',
    variations,
    offVariation: 'off',
    fallthrough: 'on',
    prerequisites: [{ flagKey: 'checkout', variation: 'on' }],
  });
  await engine.webhooks.add('https://hooks.example.com/waygate', { name: 'chat', events: ['token_*'] });
  await engine.access.createToken({ name: 'ci', role: 'viewer' });
}

const statusOf = (page: Page, key: string) => page.getAttribute(`tr[data-key="${key}"] [data-status]`, 'data-status');
/** @returns what tells every text that an element has had since */
async function textsOf(page: Page, selector: string): Promise<() => Promise<readonly string[]>> {
  const texts = await page.evaluateHandle((selected) => {
    const element = document.querySelector(selected);
    const seen: string[] = [];
    if (element !== null) new MutationObserver(() => seen.push(element.textContent)).observe(element, { childList: true });
    return seen;
  }, selector);
  return () => texts.jsonValue();
}
const submit = (page: Page) => page.click('#dialog .primary');

// Each platform, once with a global prefix and once without; test/admin mounts the admin in all combinations.
describe.each(PLATFORMS.map((platform) => [platform, platform === 'express' ? null : 'v1'] as const))(
  'the dashboard on %s, global prefix %s',
  (platform, prefix) => {
    const payments = prefix === null ? 'GET:/payments' : 'GET:/v1/payments';
    const posts = prefix === null ? 'GET:/posts' : 'GET:/v1/posts';

    beforeEach(async () => {
      admin = await start(platform, prefix);
      await seed(admin.engine);
    });

    it('takes a route down with a reason, and a toast takes that back', async () => {
      const { page, open } = await somebody();
      await open('routes');
      await page.click(`a[aria-label="Maintenance of ${payments}"]`);
      await page.fill('#dialog textarea[name=reason]', 'moving the ledger');
      await submit(page);
      await expect.poll(() => statusOf(page, payments)).toBe('maintenance');
      expect((await admin.request(prefix === null ? '/payments' : '/v1/payments')).status).toBe(503);
      expect(admin.engine.sync.routes.get(payments).override).toMatchObject({ reason: 'moving the ledger', setBy: 'admin' });
      await page.click('.toast >> text=Undo');
      await expect.poll(() => statusOf(page, payments)).toBe('active');
      const [entry] = (await admin.engine.audit.list({ limit: 1 })).items;
      expect(entry).toMatchObject({ action: 'revert', actor: 'admin', platform: 'dashboard' });
    });

    it('changes several routes at once, and finds them as somebody types', async () => {
      const { page, open } = await somebody();
      await open('routes');
      const keys = admin.engine.sync.routes.list().filter(({ forceActive }) => !forceActive);
      await page.check('[data-select-all]');
      await expect.poll(() => page.textContent('[data-bulk-count]')).toBe(`${keys.length} selected`);
      await page.click('#bulk button[value=disable]');
      await page.waitForSelector('#dialog[open] textarea[name=reason]');
      await submit(page);
      await expect
        .poll(() => admin.engine.sync.routes.list().filter(({ status }) => status === 'disabled').length)
        .toBe(keys.length);
      await page.fill('#routes-search', 'pay');
      await expect.poll(() => page.locator('tr[data-key]').count()).toBe(1);
      await expect.poll(() => page.url()).toContain('q=pay');
      await page.reload();
      expect(await page.locator('tr[data-key]').count()).toBe(1);
    });

    it('shows what somebody else does without a reload', async () => {
      const one = await somebody();
      const other = await somebody();
      await one.open('routes');
      await other.open('routes');
      await one.page.click(`a[aria-label="Maintenance of ${payments}"]`);
      await submit(one.page);
      await expect.poll(() => statusOf(other.page, payments)).toBe('maintenance');
      await admin.engine.flags.disable('checkout');
      await other.open('flags');
      await admin.engine.flags.enable('checkout');
      await expect.poll(() => other.page.textContent('tr[data-key=checkout] [data-enabled]')).toBe('On');
    });

    it('opens the dialog that was asked for while the page changed beneath', async () => {
      const { page, open } = await somebody();
      await open('routes');
      const row = await page.waitForSelector(`tr[data-key="${payments}"]`);
      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => (letGo = resolve));
      await page.route('**/act/maintenance?**', async (route) => {
        await held;
        await route.continue();
      });
      await page.click(`a[aria-label="Maintenance of ${payments}"]`);
      const fetched = page.waitForResponse((answer) => answer.url().endsWith('/waygate/routes'));
      await admin.engine.routes.disable(posts);
      await (await fetched).finished();
      letGo();
      await page.waitForSelector('#dialog[open] .primary');
      await page.keyboard.press('Escape');
      await expect.poll(() => statusOf(page, posts)).toBe('disabled');
      expect(await row.evaluate((element) => element.isConnected)).toBe(false);
    });

    it('says that the connection is lost, and shows what was missed when it is back', async () => {
      const { page, open, complaints } = await somebody();
      await open('routes');
      const connection = await textsOf(page, '#connection');
      (admin.app.getHttpServer() as Server).closeAllConnections();
      await admin.engine.routes.disable(payments);
      // Browsers come back after a second: whoever looks later than that has missed it.
      await expect.poll(connection).toContainEqual(expect.stringContaining('Connection lost'));
      await expect.poll(() => page.textContent('#connection')).toBe('');
      await expect.poll(() => statusOf(page, payments)).toBe('disabled');
      // The browser itself reports the broken stream.
      complaints.length = 0;
    });

    it('refuses a form that somebody else was faster than, and shows what they did', async () => {
      const { page, open } = await somebody();
      await open('routes');
      await page.click(`a[aria-label="Maintenance of ${payments}"]`);
      await page.fill('#dialog textarea[name=reason]', 'mine');
      await admin.engine.routes.disable(payments, { actor: 'bob', reason: 'theirs' });
      await submit(page);
      await page.waitForSelector('#dialog .conflict');
      expect(await page.textContent('#dialog .conflict')).toMatch(/bob[^]*theirs/);
      expect(await page.inputValue('#dialog textarea[name=reason]')).toBe('mine');
      expect(admin.engine.sync.routes.get(payments).status).toBe('disabled');
      await submit(page);
      await expect.poll(() => admin.engine.sync.routes.get(payments).reason).toBe('mine');
    });

    it('takes everything down and brings it back', async () => {
      const { page, open } = await somebody();
      await open('routes');
      await page.click('text=Global maintenance');
      await page.fill('#dialog textarea[name=reason]', 'moving house');
      const posts = prefix === null ? '/posts' : '/v1/posts';
      await page.fill('#dialog textarea[name=exempt]', posts);
      await submit(page);
      await page.waitForSelector('.banner-bad >> text=moving house');
      expect(admin.engine.sync.maintenance.get()).toMatchObject({ current: { exempt: [posts] } });
      await page.click('text=End maintenance');
      await submit(page);
      await expect.poll(() => admin.engine.sync.maintenance.get().current).toBeNull();
    });

    it('sets, shows and clears limits, and logs who was over one', async () => {
      const { page, open } = await somebody();
      for (let i = 0; i < 3; i++) await admin.request(prefix === null ? '/posts' : '/v1/posts');
      await open('blocked');
      await page.waitForSelector(`#blocked >> text=${posts}`);
      await open('rate-limits');
      await page.click(`a[aria-label="Edit limit default of ${posts}"]`);
      await page.fill('#dialog [name=limit]', 'nonsense');
      await submit(page);
      await page.waitForSelector('#dialog .form-error');
      await page.fill('#dialog [name=limit]', '20/minute');
      await submit(page);
      await expect.poll(() => admin.engine.sync.rateLimits.find(posts)?.policies[0]?.limit).toBe('20/minute');
      await page.click('a[aria-label="Set limit: everything"]');
      await page.fill('#dialog [name=limit]', '500/second');
      await submit(page);
      await expect.poll(() => admin.engine.rateLimits.global.read()?.policy.limit).toBe('500/second');
      await page.click('#scopes >> text=Pause');
      await submit(page);
      await page.waitForSelector('#scopes >> text=Paused');
    });

    it('makes a flag, edits its targeting and switches it', async () => {
      const { page, open } = await somebody();
      await open('flags');
      await page.click('text=New flag');
      await page.fill('#dialog [name=key]', 'fresh');
      await submit(page);
      await page.waitForURL(`**/flags/${pathKey('fresh')}**`);
      await page.click('[data-add="rule-template"]');
      const values = page.locator('.rule [name=clause_values]');
      expect(await values.getAttribute('list')).toBeNull();
      await page.selectOption('.rule [name=clause_operator]', 'in_segment');
      expect(await values.getAttribute('list')).toBe('segments');
      expect(await page.isVisible('.rule [name=clause_attribute]')).toBe(false);
      await page.selectOption('.rule [name=clause_operator]', 'is');
      await page.fill('.rule [name=clause_attribute]', 'country');
      await page.fill('.rule [name=clause_values]', 'DE, "a, b", 5');
      await page.selectOption('[data-serve] >> nth=1', '%');
      await page.fill('[data-rollout]:visible input[type=number] >> nth=0', '30');
      await page.press('[data-rollout]:visible input[type=number] >> nth=0', 'Tab');
      expect(await page.inputValue('[data-rollout]:visible input[type=number] >> nth=1')).toBe('70');
      // The address says already that something was done: the flag was made.
      const saved = page.waitForEvent('framenavigated');
      await page.click('.editor-foot .primary');
      await saved;
      await following(page);
      const flag = admin.engine.sync.flags.get('fresh');
      expect(flag.rules[0]).toMatchObject({
        variation: 'on',
        clauses: [{ attribute: 'country', operator: 'is', values: ['DE', 'a, b', 5] }],
      });
      expect(flag.fallthrough).toEqual([
        { variation: 'on', weight: 30_000 },
        { variation: 'off', weight: 70_000 },
      ]);
      await page.click('text=Switch on');
      await submit(page);
      await expect.poll(() => admin.engine.sync.flags.get('fresh').enabled).toBe(true);
      await page.waitForSelector('#flag-head [data-enabled]:has-text("On")');
    });

    it('moves rules, and says who was faster while a flag was edited', async () => {
      const { page, open } = await somebody();
      await open(`flags/${pathKey('checkout')}`);
      await page.click('[data-add="rule-template"]');
      await page.fill('.rule >> nth=1 >> [name=rule_description]', 'Second');
      await page.fill('.rule >> nth=1 >> [name=clause_attribute]', 'plan');
      await page.fill('.rule >> nth=1 >> [name=clause_values]', 'pro');
      await page.click('.rule >> nth=1 >> [data-move=up]');
      await admin.engine.flags.disable('checkout', { actor: 'bob', reason: 'an incident' });
      await page.click('.editor-foot .primary');
      await page.waitForSelector('#editor .conflict >> text=an incident');
      await page.click('.editor-foot .primary');
      await page.waitForURL('**done=**');
      const { rules, enabled } = admin.engine.sync.flags.get('checkout');
      expect(rules.map(({ description }) => description)).toEqual(['Second', 'Beta']);
      expect(enabled).toBe(false);
    });

    it('plans, explains and edits what belongs to flags', async () => {
      const { page, open } = await somebody();
      await open(`flags/${pathKey('checkout')}?tab=schedule`);
      await page.click('text=Plan a change');
      await page.selectOption('#dialog [name=what]', 'disable');
      await page.fill('#dialog [name=at]', '2098-05-01T10:00');
      await submit(page);
      await expect.poll(() => admin.engine.sync.flags.get('checkout').scheduledChanges.length).toBe(1);
      const zone = await page.evaluate(() => new Date('2098-05-01T10:00').toISOString());
      expect(admin.engine.sync.flags.get('checkout').scheduledChanges[0]?.executeAt).toBe(zone);
      await open('playground?key=alice');
      await page.click(`#explained-checkout summary`);
      await page.waitForSelector('#explained-checkout >> text=in segment');
      await open(`segments/${pathKey('beta')}`);
      expect(await page.getAttribute('main a.path:has-text("checkout")', 'href')).toContain(`flags/${pathKey('checkout')}`);
      await page.fill('[name=included]', 'alice\nbob');
      await page.click('.editor-foot .primary');
      await page.waitForURL('**done=**');
      expect(admin.engine.sync.segments.get('beta').included).toEqual(['alice', 'bob']);
    });

    it('adds webhooks and tokens, whose secrets are shown once', async () => {
      const { page, open } = await somebody();
      await open('webhooks');
      await page.click('text=Add webhook');
      await page.fill('#dialog [name=url]', 'https://hooks.example.com/other');
      await page.fill('#dialog [name=name]', 'other');
      await submit(page);
      await page.waitForSelector('#dialog .secret >> text=/^whsec_/');
      expect((await admin.engine.webhooks.get('other')).url).toBe('https://hooks.example.com/other');
      await open(`webhooks/${pathKey('chat')}`);
      await admin.engine.access.createToken({ name: 'told', role: 'viewer' });
      await page.click('text=Resend');
      await page.waitForSelector('.toast >> text=It is sent again');
      await open('settings');
      await page.click('text=New token');
      await page.fill('#dialog [name=name]', 'pipeline');
      await submit(page);
      const token = (await page.textContent('#dialog .secret')) ?? '';
      expect(admin.engine.access.verifyToken(token)).toMatchObject({ name: 'pipeline', role: 'viewer' });
    });

    it('can be used with the keyboard alone', async () => {
      const { page, open } = await somebody();
      await open('routes');
      await page.keyboard.press('Control+k');
      await page.waitForSelector('#palette[open] .result');
      await page.keyboard.type(`disable ${payments}`);
      await page.keyboard.press('Enter');
      await page.waitForSelector('#dialog[open] textarea:focus');
      await page.keyboard.type('by keyboard');
      for (let i = 0; i < 12; i++) {
        if (await page.evaluate(() => document.activeElement?.matches('.primary') ?? false)) break;
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await expect.poll(() => admin.engine.sync.routes.get(payments).reason).toBe('by keyboard');
      await page.waitForSelector('#dialog[open]', { state: 'detached' });
      // It is emptied when the page has heard that it was closed, and focus is back where it belongs.
      await page.waitForSelector('#dialog-body > *', { state: 'detached' });
      await page.keyboard.press('/');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('routes-search');
    });
  },
);

const PAGES = [
  '',
  'routes',
  `routes/${pathKey('GET:/payments')}`,
  'rate-limits',
  'blocked',
  'flags',
  `flags/${pathKey('checkout')}`,
  ...['definition', 'prerequisites', 'schedule', 'evaluations', 'history'].map(
    (tab) => `flags/${pathKey('checkout')}?tab=${tab}`,
  ),
  'segments',
  `segments/${pathKey('beta')}`,
  'playground?key=alice',
  'audit',
  'webhooks',
  `webhooks/${pathKey('chat')}`,
  'services',
  'settings',
  'palette?q=pay',
  'routes/act/schedule?key=GET:/payments',
  'rate-limits/edit?key=GET:/posts&name=default',
  'rate-limits/mode?key=GET:/posts&name=default&mode=shadow',
  'maintenance',
];

describe('the dashboard', () => {
  beforeEach(async () => {
    admin = await start('express');
    await seed(admin.engine);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const)(
    'is accessible on every page: %s, %i px',
    async (scheme, width) => {
      await admin.engine.routes.disable('GET:/payments', { reason: 'for the picture', actor: 'alice' });
      await admin.engine.maintenance.enable({ reason: 'for the picture', exempt: ['/posts'] });
      const { page, open } = await somebody({ scheme, width });
      const found: string[] = [];
      for (const path of PAGES) {
        await open(path);
        found.push(...(await violationsOn(page)).map((violation) => `${path}: ${violation}`));
      }
      expect(found).toEqual([]);
    },
    300_000,
  );

  it('lists, filters and changes without scripts', async () => {
    const { page, open } = await somebody({ scripts: false });
    await open('routes?q=pay');
    expect(await page.locator('tr[data-key]').count()).toBe(1);
    await page.click('a[aria-label="Maintenance of GET:/payments"]');
    await page.fill('textarea[name=reason]', 'no scripts');
    await page.click('.dialog-form .primary');
    await page.waitForURL(/routes\?done=/);
    expect(await statusOf(page, 'GET:/payments')).toBe('maintenance');
    await page.click('.toast .link');
    await page.waitForURL(/audit/);
    expect(admin.engine.sync.routes.get('GET:/payments').status).toBe('active');
    for (const path of PAGES) await open(path);
    await page.click('[aria-label="Sign out"]');
    await page.waitForURL('**/login');
  });

  it('shows viewers no control that they may not use', async () => {
    const { page, open } = await somebody({ username: 'viewer', password: 'viewer' });
    for (const path of PAGES.filter((known) => !/webhooks|act|maintenance|palette|edit|mode/.test(known))) {
      await open(path);
      const forms = await page.locator('main form[method=post] button:visible').count();
      const links = await page.locator('main [hx-target="#dialog-body"]').count();
      expect([path, forms + links]).toEqual([path, 0]);
    }
    expect(await page.locator('nav >> text=Webhooks').count()).toBe(0);
    const refused = await page.request.get(`${admin.url}/waygate/webhooks`);
    expect(refused.status()).toBe(403);
  });

  it('refuses forms that another site sends, or nobody', async () => {
    const { page } = await somebody();
    const [cookie] = await page.context().cookies();
    const headers = { cookie: `${cookie?.name}=${cookie?.value}`, 'content-type': 'application/x-www-form-urlencoded' };
    const send = (body: string, more = {}) =>
      admin.request('/waygate/routes/act/disable', { method: 'POST', body, headers: { ...headers, ...more } });
    await page.goto(`${admin.url}/waygate/routes/act/disable?key=GET:/payments`);
    const csrf = await page.inputValue('main [name=_csrf]');
    expect((await send('key=GET:/payments')).status).toBe(403);
    expect((await send(`key=GET:/payments&_csrf=${csrf}`, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send(`key=GET:/payments&_csrf=${csrf}`)).status).toBe(303);
  });

  it('runs nothing that somebody wrote into a field', async () => {
    const payload = `"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\${alert(3)}`;
    const { engine } = admin;
    const author = { actor: payload, reason: payload };
    await engine.routes.disable('GET:/payments', author);
    await engine.maintenance.enable(author);
    await engine.rateLimits.global.set({ limit: '1000/second' }, author);
    await engine.flags.patch(
      'checkout',
      {
        name: payload,
        description: payload,
        maintainer: payload,
        rules: [{ description: payload, clauses: [{ attribute: 'plan', operator: 'is', values: [payload] }], variation: 'on' }],
      },
      author,
    );
    await engine.segments.save({ key: 'beta', name: payload, description: payload, included: [payload] }, author);
    await engine.webhooks.update('chat', { description: payload }, author);
    await engine.access.createToken({ name: payload.slice(0, 120), role: 'viewer' }, author);
    const { page, open, complaints } = await somebody();
    for (const path of [
      ...PAGES,
      `routes?q=${encodeURIComponent(payload)}`,
      `playground?key=${encodeURIComponent(payload)}&attributes=${encodeURIComponent(`a = ${payload}`)}`,
      `audit?actor=${encodeURIComponent(payload)}`,
    ]) {
      await open(path);
      expect(await page.locator('img').count()).toBe(0);
    }
    await page.goto(`${admin.url}/waygate/login?error=${encodeURIComponent(payload)}`);
    expect(await page.content()).not.toContain('onerror');
    expect(complaints).toEqual([]);
  });

  it('says in a page that there is none, and to programs as JSON', async () => {
    const { page, complaints } = await somebody();
    const answer = await page.goto(`${admin.url}/waygate/nowhere/at/all`);
    expect([answer?.status(), await page.textContent('h1')]).toEqual([404, 'There is nothing here']);
    const token = await admin.signIn();
    expect((await admin.call('GET', '/nowhere', undefined, token)).json).toEqual({ error: 'Not found' });
    // The browser reports the 404 that was asked for.
    complaints.length = 0;
  });

  it('keeps apart what is said of a webhook in one place', async () => {
    await admin.engine.webhooks.update('chat', { description: 'Wakes the pager' });
    await admin.engine.webhooks.rotateSecret('chat');
    const { page, open } = await somebody({ width: 1600 });
    for (const path of ['webhooks', `webhooks/${pathKey('chat')}`]) {
      await open(path);
      const gaps = await page.$$eval('.meta + .meta', (all) =>
        all.map((each) => each.getBoundingClientRect().left - (each.previousElementSibling?.getBoundingClientRect().right ?? 0)),
      );
      expect(gaps).toEqual([expect.closeTo(8, 1)]);
    }
  });

  it('leads the keyboard on where an entry of a list was removed, also the last', async () => {
    const { page, open } = await somebody();
    await open(`flags/${pathKey('checkout')}`);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-add'));
    await page.click('[aria-label="Remove condition"]');
    expect(await focused()).toBe('clause-template');
    await page.click('[aria-label="Remove rule"]');
    expect(await focused()).toBe('rule-template');
  });

  it('keeps the theme in a cookie', async () => {
    const { page, open } = await somebody();
    await open('routes');
    await page.click('[data-theme-form] button');
    await page.click('[data-theme-form] button');
    await open('flags');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
  });

  it('serves what pages load for ever, under the hash of its content', async () => {
    const { page, open } = await somebody();
    await open('');
    const urls = await page.$$eval('script[src], link[href]', (all) =>
      all.map((each) => each.getAttribute('src') ?? each.getAttribute('href') ?? ''),
    );
    expect(urls).toHaveLength(5);
    for (const url of urls) {
      const { status, headers } = await admin.request(url);
      expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    const answer = await admin.request('/waygate/login');
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
  });

  it('stays quick and small with 2 000 routes and 500 flags', async () => {
    const { engine } = admin;
    await engine.reportedRoutes.register(
      Array.from({ length: 2_000 }, (_, i) => ({
        key: `shop:GET:/resource-${i}/:id`,
        service: 'shop',
        declaration: i % 7 === 0 ? { maintenance: { reason: 'A longer reason to be shown' } } : {},
      })),
    );
    for (let i = 0; i < 500; i++) {
      await engine.flags.create({
        key: `flag-${i}`,
        ...ON_OFF,
        fallthrough: 'on',
        tags: ['many'],
      });
    }
    const { page } = await somebody();
    const [cookie] = await page.context().cookies();
    const headers = { cookie: `${cookie?.name}=${cookie?.value}` };
    const sizes = new Map<string, number>();
    for (const path of [
      '',
      'routes',
      'routes?q=resource-19',
      'flags',
      'rate-limits',
      'playground?key=alice',
      'palette?q=flag-4',
    ]) {
      const { text, status } = await admin.request(`/waygate/${path}`, { headers });
      expect(status).toBe(200);
      sizes.set(path, text.length);
    }
    const large = [...sizes].filter(([path, bytes]) => !path.startsWith('playground') && bytes >= 300_000);
    expect(large).toEqual([]);
    await page.goto(`${admin.url}/waygate/routes`);
    const transferred = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    );
    expect(transferred + (sizes.get('routes') ?? 0)).toBeLessThan(300_000);
  });
});

describe('the page of services', () => {
  it('tells which processes follow, and which are behind', async () => {
    // Nothing else is seeded: a webhook's deliveries are changes as well, and come when they come.
    admin = await start('express');
    for (const reason of ['one', 'two', 'three']) await admin.engine.routes.disable('GET:/payments', { reason });
    const { page, open } = await somebody();
    const token = await admin.signIn();
    const { revision } = admin.engine;
    const report = (id: string, applied: number) =>
      admin.call(
        'POST',
        '/api/sdk/instances',
        { id, version: '1.2.3', revision: applied },
        { ...token, 'x-waygate-app-id': 'shop' },
      );
    expect((await report('shop-1', revision)).status).toBe(200);
    expect((await report('shop-2', revision - 3)).status).toBe(200);
    await open('services');
    const text = async (id: string) => (await page.textContent(`tr:has-text("${id}")`)) ?? '';
    expect(await text('shop-1')).not.toContain('behind');
    expect(await text('shop-2')).toMatch(/shop1\.2\.3.*3 behind/);
    await page.waitForSelector(`text=Instances: 1 of 2 at revision ${revision}`);
  });
});
