import { Controller, Get, HttpException } from '@nestjs/common';
import { RateLimit } from '@waygate/nestjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { HostController, pathKey, startAdmin, type AdminApp } from '../support/admin-app.js';
import { violationsOn } from '../support/axe.js';
import { useVisitors } from '../support/visitors.js';

const { somebody } = useVisitors(() => admin);
let admin: AdminApp;

@Controller()
class BusyController {
  @Get('posts')
  @RateLimit('2/minute')
  posts(): object {
    return { ok: true };
  }

  @Get('broken')
  broken(): never {
    throw new HttpException('broken', 500);
  }
}

const MANY_PAGES = { timeout: 300_000 };

describe('the dashboard of an app that has much to do', () => {
  beforeEach(async () => {
    admin = await startAdmin('express', { controllers: [HostController, BusyController] });
    for (let i = 0; i < 5; i++) for (const path of ['/posts', '/broken', '/payments']) await admin.request(path);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['dark', 390],
  ] as const)(
    'is accessible: %s, %i px',
    async (scheme, width) => {
      const { engine } = admin;
      await engine.routes.disable('GET:/payments', { reason: 'first', actor: 'bob' });
      const { revision } = engine;
      await engine.routes.setMaintenance('GET:/payments', { reason: 'second', actor: 'carol' });
      const { page, open } = await somebody(admin, { scheme, width });
      const found: string[] = [];
      const look = async (what: string) => {
        found.push(...(await violationsOn(page)).map((violation) => `${what}: ${violation}`));
      };
      for (const path of [
        '',
        'routes',
        'blocked',
        'rate-limits',
        `routes/${pathKey('GET:/broken')}`,
        `routes/${pathKey('GET:/payments')}?user=ann&ip=nonsense`,
        `audit/revert/${revision}`,
      ]) {
        await open(path);
        await look(path);
      }
      await open('rate-limits');
      await page.click('a[aria-label="Edit limit default of GET:/posts"]');
      await page.waitForSelector('#limit-preview >> text=Would have blocked');
      await look('preview');
      expect(found).toEqual([]);
    },
    MANY_PAGES.timeout,
  );

  it.each([390, 768, 1280])(
    'keeps every page within a window of %i px, whatever long words stand in it',
    MANY_PAGES,
    async (width) => {
      const word = 'x'.repeat(240);
      const { engine } = admin;
      const by = { actor: word, reason: word };
      await engine.routes.disable('GET:/payments', by);
      await engine.rateLimits.global.set({ limit: '100/second' }, by);
      await engine.rateLimits.set('GET:/payments', { limit: '5/minute' }, by);
      await engine.access.createToken({ name: 'ci', role: 'viewer' });
      const variations = [
        { name: 'v'.repeat(60), value: word, description: word },
        { name: 'other', value: word },
      ];
      const flag = { key: 'k'.repeat(100), name: word, description: word, tags: ['t'.repeat(60)], variations };
      await engine.flags.create({ ...flag, type: 'string', offVariation: 'other', fallthrough: 'other' }, by);
      await engine.segments.create({ key: 'long', name: word, description: word, included: [word] }, by);
      await engine.webhooks.add(`https://example.com/${word}`, { name: 'long', description: word }, by);
      const { page, open } = await somebody(admin, { width });
      const tooWide: string[] = [];
      for (const path of [
        '',
        'routes?status=disabled',
        `routes/${pathKey('GET:/payments')}`,
        'rate-limits',
        'flags',
        ...['targeting', 'definition', 'prerequisites', 'history'].map((tab) => `flags/${pathKey('k'.repeat(100))}?tab=${tab}`),
        'segments',
        `segments/${pathKey('long')}`,
        'playground',
        'audit',
        'webhooks',
        `webhooks/${pathKey('long')}`,
        'settings',
      ]) {
        await open(path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) tooWide.push(`${path}: ${wide}`);
      }
      expect(tooWide).toEqual([]);
    },
  );
});
