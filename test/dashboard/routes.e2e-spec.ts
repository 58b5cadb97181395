import { Controller, Get, HttpException } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RateLimit } from '@waygate/nestjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, HostController, pathKey, startAdmin, type AdminApp } from '../support/admin-app.js';
import { PLATFORMS } from '../support/nest-app.js';
import { useVisitors } from '../support/visitors.js';

const { somebody } = useVisitors(() => admin);
let admin: AdminApp;

@Controller()
class BusyController {
  @Get('busy')
  busy(): object {
    return { ok: true };
  }

  @Get('broken')
  broken(): never {
    throw new HttpException('broken', 500);
  }

  @Get('limited')
  @RateLimit('2/minute')
  limited(): object {
    return { ok: true };
  }
}

@ApiTags('shop')
@Controller('tagged')
class TaggedController {
  @Get('plain')
  plain(): object {
    return { ok: true };
  }

  @Get('many')
  @ApiTags('orders', 'billing', 'shop', 'v2', 'x'.repeat(65))
  many(): object {
    return { ok: true };
  }
}

class InheritingController extends TaggedController {}
Controller('inherited')(InheritingController);

const USERS = [ADMIN, { username: 'viewer', password: 'viewer', role: 'viewer' }] as const;

describe.each(PLATFORMS)('what comes to routes, on %s', (platform) => {
  beforeEach(async () => {
    admin = await startAdmin(platform, { controllers: [HostController, BusyController], admin: { auth: USERS } });
  });

  const come = async (path: string, times: number) => {
    for (let i = 0; i < times; i++) await admin.request(path);
  };
  const requestsOf = (key: string) => admin.engine.stats.byRoute().find(({ route }) => route === key)?.requests;
  const answered = async (key: string, times: number) => {
    await expect.poll(() => requestsOf(key)).toBe(times);
  };

  it('stands in the list: requests, errors and p95 of each route, as they come', async () => {
    await come('/busy', 3);
    await come('/broken', 2);
    await answered('GET:/broken', 2);
    const { page, open } = await somebody(admin);
    await open('routes');
    const cells = (key: string) => page.locator(`tr[data-key="${key}"] .cell-traffic`);
    expect(await cells('GET:/busy').first().innerText()).toContain('3');
    expect(await cells('GET:/busy').nth(1).innerText()).toMatch(/ms$/);
    expect(await cells('GET:/busy').first().locator('.spark-over').count()).toBe(0);
    expect(await cells('GET:/broken').first().innerText()).toContain('2 errors');
    expect(await cells('GET:/broken').first().locator('.spark-over').count()).toBe(1);
    expect(await cells('GET:/payments').first().innerText()).toBe('–');
    await come('/busy', 4);
    await expect.poll(() => cells('GET:/busy').first().innerText()).toContain('7');
  });

  it('stands on the page of a route as charts that go on by themselves', async () => {
    await come('/limited', 5);
    await answered('GET:/limited', 5);
    await admin.engine.routes.setMaintenance('GET:/limited', { reason: 'a mark in the chart' });
    const { page, open } = await somebody(admin);
    await open(`routes/${pathKey('GET:/limited')}`);
    await page.waitForSelector('#requests-chart canvas');
    await page.waitForSelector('#latency-chart canvas');
    const figures = () => page.locator('.figures').innerText();
    expect((await figures()).replaceAll(/\s+/g, ' ')).toMatch(/Requests 5 .*Blocked 3 .*p50 [\d.]+ ms p95 [\d.]+ ms/);
    const data = JSON.parse((await page.getAttribute('#requests-chart', 'data-chart')) ?? '') as {
      series: { label: string; values: number[] }[];
      changes: { revision: number }[];
    };
    const sumOf = (label: string) =>
      data.series.find((one) => one.label === label)?.values.reduce((sum, value) => sum + value, 0);
    expect([sumOf('requests'), sumOf('blocked'), sumOf('errors')]).toEqual([5, 3, 0]);
    expect(data.changes.map(({ revision }) => revision)).toContain(admin.engine.revision);
    await come('/limited', 2);
    await expect.poll(figures).toMatch(/Requests\s+7/);
    // Anew each time: a chart that is drawn again forgets where the mouse was.
    let x = 20;
    const readout = async () => {
      await page.hover('#requests-chart .u-over', { position: { x: (x = x === 20 ? 40 : 20), y: 20 } });
      return page.textContent('[data-readout=requests-chart]');
    };
    await expect.poll(readout).toMatch(/requests · .*blocked/);
  });

  it('is told in the overview: limits that fire, what comes next, and revisions in the charts', async () => {
    await come('/limited', 4);
    await answered('GET:/limited', 4);
    await admin.engine.routes.schedule('GET:/busy', {
      start: new Date(Date.now() + 3_600_000).toISOString(),
      end: new Date(Date.now() + 7_200_000).toISOString(),
      reason: 'tonight',
    });
    const { page, open } = await somebody(admin);
    await open('');
    expect(await page.innerText('.unusual')).toMatch(/Limit fires\s+GET:\/limited\s+2 requests refused/);
    expect(await page.innerText('#overview')).toMatch(/GET:\/busy a window opens: tonight/);
    const { changes } = JSON.parse((await page.getAttribute('#traffic-chart', 'data-chart')) ?? '') as {
      changes: { revision: number }[];
    };
    expect(changes.at(-1)?.revision).toBe(admin.engine.revision);
  });

  it('is explained for one caller, step by step, also to viewers', async () => {
    await admin.engine.rateLimits.set('GET:/payments', {
      limit: '9/minute',
      key: 'user',
      tiers: [{ name: 'pro', limit: '90/minute' }],
    });
    const { page, open } = await somebody(admin, { username: 'viewer', password: 'viewer' });
    await open(`routes/${pathKey('GET:/payments')}`);
    expect(await page.innerText('#explained')).toContain('9/minute for each user');
    await page.click('text=For one caller');
    await page.fill('[name=user]', 'ann');
    await page.fill('[name=attributes]', 'plan = pro');
    await expect.poll(() => page.innerText('#explained')).toContain('90/minute (tier pro), counted as ann');
    await page.fill('[name=ip]', 'nonsense');
    await expect.poll(() => page.innerText('#explained')).toContain("'nonsense' is not an address");
    await page.fill('[name=ip]', '203.0.113.7');
    await page.waitForURL(/[?&]ip=203\.0\.113\.7/);
    await admin.engine.routes.disable('GET:/payments', { reason: 'an incident' });
    await expect.poll(() => page.innerText('#explained')).toMatch(/ROUTE_DISABLED: an incident[^]*not reached/i);
    expect(await page.inputValue('[name=user]')).toBe('ann');
    await page.reload();
    expect(await page.innerText('#explained')).toContain('counted as ann');
  });
});

describe.each(PLATFORMS)('tags of routes, on %s', (platform) => {
  beforeEach(async () => {
    const controllers = [HostController, TaggedController, InheritingController];
    admin = await startAdmin(platform, { controllers, admin: { auth: USERS } });
  });

  it('are what @ApiTags() says on class and handler, as far as it fits, and REST finds routes by them', async () => {
    const { snapshot } = admin.engine.replication;
    expect(snapshot.get('route', 'GET:/tagged/many')?.value.declared.tags).toEqual(['billing', 'orders', 'shop', 'v2']);
    expect(snapshot.get('route', 'GET:/inherited/plain')?.value.declared.tags).toEqual(['shop']);
    expect(snapshot.get('route', 'GET:/payments')?.value.declared).not.toHaveProperty('tags');
    const headers = await admin.signIn();
    const found = async (query: string) => {
      const { json } = await admin.call('GET', `/api/routes${query}`, undefined, headers);
      return (json as { path: string; tags: string[] }[]).map(({ path, tags }) => `${path} ${tags.join()}`);
    };
    expect(await found('?tag=shop')).toEqual([
      'GET:/inherited/many billing,orders,shop,v2',
      'GET:/inherited/plain shop',
      'GET:/tagged/many billing,orders,shop,v2',
      'GET:/tagged/plain shop',
    ]);
    expect(await found('?tag=sho')).toEqual([]);
    expect(await found('?tag=')).toContain('GET:/payments ');
  });

  it('stand beside paths; the list is cut by one, and the URL says so', async () => {
    const { page, open } = await somebody(admin);
    await open('routes');
    const keys = () => page.locator('tr[data-key]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')));
    const tagsOf = (key: string) => page.locator(`tr[data-key="${key}"] .cell-route .tag`).allInnerTexts();
    expect(await tagsOf('GET:/tagged/plain')).toEqual(['shop']);
    expect(await tagsOf('GET:/tagged/many')).toEqual(['billing', 'orders', 'shop', '+1']);
    expect(await tagsOf('GET:/payments')).toEqual([]);
    await page.selectOption('select[name=tag]', 'v2');
    await expect.poll(keys).toEqual(['GET:/inherited/many', 'GET:/tagged/many']);
    await expect.poll(() => new URL(page.url()).searchParams.get('tag')).toBe('v2');
    await page.reload();
    expect(await keys()).toEqual(['GET:/inherited/many', 'GET:/tagged/many']);
    expect(await page.inputValue('select[name=tag]')).toBe('v2');
    expect(await page.getAttribute('nav.tabs a:has-text("Active")', 'href')).toContain('tag=v2');
    await page.selectOption('select[name=tag]', '');
    await expect.poll(keys).toContain('GET:/payments');
    await page.fill('#routes-search', 'BILL tagged');
    await expect.poll(keys).toEqual(['GET:/tagged/many']);
  });

  it('lead from the page of a route to others of the same', async () => {
    const { page, open } = await somebody(admin, { username: 'viewer', password: 'viewer' });
    await open(`routes/${pathKey('GET:/tagged/many')}`);
    expect(await page.locator('#route-state a.tag').allInnerTexts()).toEqual(['billing', 'orders', 'shop', 'v2']);
    await page.click('#route-state a.tag:has-text("shop")');
    await page.waitForURL(/[?&]tag=shop/);
    expect(await page.locator('tr[data-key]').count()).toBe(4);
    await open(`routes/${pathKey('GET:/payments')}`);
    expect(await page.locator('#route-state dt:has-text("Tags")').count()).toBe(0);
  });
});

describe('an app without tags', () => {
  it('has no filter for them', async () => {
    admin = await startAdmin('express');
    const { page, open } = await somebody(admin);
    await open('routes');
    expect(await page.locator('select[name=method]').count()).toBe(1);
    expect(await page.locator('select[name=tag]').count()).toBe(0);
  });
});
