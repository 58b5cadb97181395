import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { untilAnew } from '../support/dashboard.js';
import { PLATFORMS } from '../support/nest-app.js';
import { useVisitors } from '../support/visitors.js';

const { somebody } = useVisitors(() => admin);
let admin: AdminApp;

const USERS = [
  ADMIN,
  { username: 'viewer', password: 'viewer', role: 'viewer' },
  { username: 'shop', password: 'a secret of the shop', role: 'operator', services: ['shop'] },
] as const;

describe.each(PLATFORMS)('what was changed, and who may change, on %s', (platform) => {
  beforeEach(async () => {
    admin = await startAdmin(platform, { admin: { auth: USERS } });
  });

  const overrideOf = (key: string) => admin.engine.sync.routes.get(key).override;

  it('is found by what was done, whatever that is', async () => {
    await admin.engine.routes.disable('GET:/payments', { actor: 'bob', reason: 'hotfix' });
    await admin.engine.rateLimits.global.set({ limit: '100/second' }, { actor: 'bob' });
    const { page, open } = await somebody(admin);
    await open('audit');
    await page.selectOption('select[name=action]', 'global_rl_set');
    await page.waitForURL(/action=global_rl_set/);
    await expect.poll(() => page.locator('#audit-list .entry-action').allInnerTexts()).toEqual(['Global limit set']);
    await open('audit?action=service_maintenance_on');
    expect(await page.inputValue('select[name=action]')).toBe('service_maintenance_on');
  });

  it('is found by the name of what it is about', async () => {
    const { engine } = admin;
    const by = { actor: 'bob' };
    await engine.maintenance.enable(by);
    await engine.rateLimits.global.set({ limit: '100/second' }, by);
    await engine.maintenance.forService('shop').enable(by);
    await engine.routes.disable('GET:/payments', by);
    const { page, open } = await somebody(admin);
    const found = async (text: string) => {
      await page.fill('input[name=route]', text);
      return expect.poll(() => page.locator('#audit-list .entry-target').allInnerTexts());
    };
    await open('audit');
    await (await found('everything')).toEqual(['everything', 'everything']);
    await (await found('service shop')).toEqual(['service shop']);
    await (await found('GET:/payments')).toEqual(['GET:/payments']);
    await (await found('__global__')).toEqual(['everything']);
    await page.click('.entry summary');
    await page.click('text=/^Revert r/');
    await page.waitForSelector('#dialog[open] .reversal');
    expect(await page.innerText('#dialog .reversal')).toContain('everything maintenance');
  });

  it('is looked at before it is taken back', async () => {
    await admin.engine.routes.disable('GET:/payments', { actor: 'bob', reason: 'an incident' });
    const { revision } = admin.engine;
    const { page, open } = await somebody(admin);
    await open('audit');
    await page.click(`.entry summary:has-text("an incident")`);
    await page.click(`text=Revert r${revision}`);
    await page.waitForSelector('#dialog[open] .reversal');
    expect(await page.innerText('#dialog .reversal')).toMatch(/GET:\/payments[^]*override/);
    expect(await page.locator('#dialog [name=force]').count()).toBe(0);
    await page.fill('#dialog [name=reason]', 'it is over');
    await page.click('#dialog .primary');
    await expect.poll(() => overrideOf('GET:/payments')).toBeNull();
    const [entry] = (await admin.engine.audit.list({ limit: 1 })).items;
    expect(entry).toMatchObject({ action: 'revert', actor: 'admin', reason: 'it is over' });
  });

  it('is taken back over later changes only by force, with those beside it', async () => {
    const { engine } = admin;
    await engine.routes.disable('GET:/payments', { actor: 'bob', reason: 'first' });
    const { revision } = engine;
    await engine.routes.setMaintenance('GET:/payments', { actor: 'carol', reason: 'second' });
    const { page, open } = await somebody(admin);
    await open(`audit`);
    await page.click(`.entry summary:has-text("first")`);
    await page.click(`text=Revert r${revision}`);
    await page.waitForSelector('#dialog .conflict');
    expect(await page.innerText('#dialog .conflict')).toMatch(/carol[^]*second/);
    await untilAnew(page, '#dialog .conflict', () => page.click('#dialog .primary'));
    expect(overrideOf('GET:/payments')).toMatchObject({ reason: 'second' });
    await page.check('#dialog [name=force]');
    await page.click('#dialog .primary');
    await expect.poll(() => overrideOf('GET:/payments')).toBeNull();
  });

  it('is asked about when “undo” comes too late', async () => {
    const { page, open } = await somebody(admin);
    await open('routes');
    await page.click('a[aria-label="Maintenance of GET:/payments"]');
    await page.click('#dialog .primary');
    await page.waitForSelector('.toast >> text=Undo');
    await admin.engine.routes.disable('GET:/payments', { actor: 'carol', reason: 'meanwhile' });
    await page.click('.toast >> text=Undo');
    await page.waitForSelector('#dialog[open] .conflict >> text=meanwhile');
    expect(overrideOf('GET:/payments')).toMatchObject({ reason: 'meanwhile' });
  });

  it('says to admins who may sign in and as what, and never a secret', async () => {
    const { page, open } = await somebody(admin);
    await open('settings');
    const rows = await page.locator('#users tbody tr').allInnerTexts();
    expect(rows.map((row) => row.replaceAll(/\s+/g, ' ').trim())).toEqual([
      'admin you a password admin all',
      'viewer a password viewer all',
      'shop a password operator shop',
    ]);
    expect(await page.content()).not.toContain('a secret of the shop');
    const viewer = await somebody(admin, { username: 'viewer', password: 'viewer' });
    await viewer.open('settings');
    expect(await viewer.page.locator('#users').count()).toBe(0);
  });
});
