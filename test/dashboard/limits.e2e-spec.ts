import { Controller, Get, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { RateLimit } from '@waygate/nestjs';
import { HostController, startAdmin, type AdminApp } from '../support/admin-app.js';
import { PLATFORMS } from '../support/nest-app.js';
import { useVisitors } from '../support/visitors.js';

const { somebody } = useVisitors(() => admin);
let admin: AdminApp;

@Controller()
class PostsController {
  @Get('posts')
  @RateLimit('3/minute')
  posts(): object {
    return { ok: true };
  }
}

/** Takes the caller's word for who they are. */
@Injectable()
class NamedGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: { id: string } }>();
    const name = request.headers['x-user'];
    if (name !== undefined) request.user = { id: name };
    return true;
  }
}

const preview = (page: Page) => page.innerText('#limit-preview');
const submit = (page: Page) => page.click('#dialog .primary');

describe.each(PLATFORMS)('limits in the dashboard, on %s', (platform) => {
  beforeEach(async () => {
    admin = await startAdmin(platform, {
      controllers: [HostController, PostsController],
      module: { providers: [{ provide: APP_GUARD, useClass: NamedGuard }] },
      configure: (app) => {
        if (platform === 'express')
          (app.getHttpAdapter().getInstance() as { set(name: string, value: unknown): void }).set('trust proxy', true);
      },
      adapter: { trustProxy: true },
    });
  });

  const come = async (path: string, ip: string, times: number, user?: string) => {
    for (let i = 0; i < times; i++)
      await admin.request(path, { headers: { 'x-forwarded-for': ip, ...(user === undefined ? {} : { 'x-user': user }) } });
  };
  const recorded = async (times: number) => {
    await expect.poll(() => admin.engine.stats.log?.sample(() => true).requests.length).toBe(times);
  };

  it('are tried on the last hour before they are saved', async () => {
    await come('/payments', '203.0.113.1', 6, 'ann');
    await come('/payments', '203.0.113.2', 3, 'ann');
    await come('/payments', '203.0.113.3', 1);
    await come('/items/1', '203.0.113.1', 9);
    await recorded(19);
    const { page, open } = await somebody(admin);
    await open('rate-limits');
    await page.click('a[aria-label="Add limit to GET:/payments"]');
    await expect.poll(() => preview(page)).toContain('Type a limit');
    await page.fill('#dialog [name=limit]', 'much');
    await expect.poll(() => preview(page)).toContain('No preview yet');
    await page.fill('#dialog [name=limit]', '2/minute');
    await expect.poll(() => preview(page)).toContain('blocked 5 requests of 2 callers in the last hour');
    expect(await preview(page)).toMatch(/203\.0\.113\.1 4 of 6[^]*203\.0\.113\.2 1 of 3/);
    expect(await preview(page)).toMatch(/over 10 requests of 3 callers, recorded by this process since/);
    await page.fill('#dialog [name=limit]', '20/minute');
    await expect.poll(() => preview(page)).toContain('blocked nobody');
    await page.fill('#dialog [name=limit]', '4/minute');
    await page.selectOption('#dialog [name=by]', 'user');
    await expect.poll(() => preview(page)).toContain('blocked 5 requests of 1 caller in');
    expect(await preview(page)).toMatch(/ann 5 of 9[^]*1 request would not count/);
    expect(admin.engine.sync.rateLimits.find('GET:/payments')?.policies ?? []).toEqual([]);
    await submit(page);
    await expect.poll(() => admin.engine.sync.rateLimits.find('GET:/payments')?.policies[0]?.limit).toBe('4/minute');
  });

  it('say what they refused beside what another one would have, over many routes too', async () => {
    await come('/posts', '203.0.113.1', 5);
    await come('/payments', '203.0.113.1', 4);
    await come('/vital', '203.0.113.1', 9);
    await recorded(18);
    const { page, open } = await somebody(admin);
    await open('rate-limits');
    await page.click('a[aria-label="Edit limit default of GET:/posts"]');
    await expect.poll(() => preview(page)).toContain('The limit that holds now: 2 requests of 1 caller');
    await page.click('#dialog [data-close]');
    await page.click('a[aria-label="Set limit: everything"]');
    await page.fill('#dialog [name=limit]', '8/hour');
    // What is force-active is not counted.
    await expect.poll(() => preview(page)).toContain('blocked 1 request of 1 caller');
    await page.click('#dialog .more summary');
    await page.fill('#dialog [name=exempt_routes]', '/payments');
    await expect.poll(() => preview(page)).toContain('over 5 requests');
  });

  it('are tried without scripts by a button', async () => {
    await come('/payments', '203.0.113.1', 3);
    await recorded(3);
    const { page, open } = await somebody(admin, { scripts: false });
    await open('rate-limits/edit?key=GET:/payments');
    await page.fill('[name=limit]', '1/minute');
    await page.click('button[formaction]');
    await expect.poll(() => preview(page)).toContain('blocked 2 requests of 1 caller');
    expect(await page.inputValue('[name=limit]')).toBe('1/minute');
    await page.click('.dialog-form .primary');
    await page.waitForURL(/rate-limits\?done=/);
    expect(admin.engine.sync.rateLimits.find('GET:/payments')?.policies[0]?.limit).toBe('1/minute');
  });

  it('are paused, made to watch only, and enforced again, each with a way back', async () => {
    const { page, open } = await somebody(admin);
    await open('rate-limits');
    const choose = async (item: string) => {
      await page.click('summary[aria-label="More actions for default of GET:/posts"]');
      await page.click(`details[open] >> text=${item}`);
      await submit(page);
    };
    // By its badge: the menu, which is there unseen, has the words too.
    const shown = (badge: string) => page.waitForSelector(`#limits-list .badge >> text="${badge}"`);
    const mode = () => admin.engine.sync.rateLimits.find('GET:/posts')?.policies[0]?.mode;
    await choose('Shadow mode');
    await expect.poll(mode).toBe('shadow');
    await shown('Shadow');
    await come('/posts', '203.0.113.9', 5);
    expect((await admin.engine.rateLimits.hits({ route: 'GET:/posts' })).items.map(({ shadow }) => shadow)).toEqual([true, true]);
    await choose('Pause');
    await expect.poll(mode).toBe('off');
    await shown('Paused');
    // The way back from the pause: the one from before may stand there still.
    await page.click(`[data-toast]:has([name=revision][value="${admin.engine.revision}"]) >> text=Undo`);
    await expect.poll(mode).toBe('shadow');
    // A menu that is open keeps what it offered.
    await shown('Shadow');
    await choose('Enforce');
    await expect.poll(mode).toBe('enforce');
  });

  it('say who set each of them, where the code set another of the same route', async () => {
    await admin.engine.rateLimits.set('GET:/posts', { name: 'plan', limit: '9/minute' }, { actor: 'alice' });
    const { page, open } = await somebody(admin);
    await open('rate-limits');
    const setBy = page.locator('#limits-list tr:has-text("GET:/posts") .cell-set-by');
    expect(await setBy.allInnerTexts()).toEqual(['the code', expect.stringMatching(/^alice, /)]);
  });

  it('are reset for one caller from the log, which is filtered by caller', async () => {
    await come('/posts', '203.0.113.9', 5);
    await come('/posts', '203.0.113.8', 4);
    const status = async (ip: string) => (await admin.request('/posts', { headers: { 'x-forwarded-for': ip } })).status;
    const { page, open } = await somebody(admin);
    await open('blocked');
    expect(await page.innerText('.tops')).toMatch(/203\.0\.113\.9\s+2\s+203\.0\.113\.8\s+1/);
    await page.fill('[name=caller]', '203.0.113.9');
    await expect.poll(() => page.locator('#blocked tbody tr').count()).toBe(2);
    await expect.poll(() => page.url()).toContain('caller=203.0.113.9');
    await page.click('a[aria-label="Reset 203.0.113.9 on GET:/posts"] >> nth=0');
    await page.waitForSelector('#dialog[open]');
    expect(await page.inputValue('#dialog [name=caller]')).toBe('203.0.113.9');
    await submit(page);
    await page.waitForSelector('.toast >> text=Counters of GET:/posts are reset');
    expect([await status('203.0.113.9'), await status('203.0.113.8')]).toEqual([200, 429]);
  });
});
