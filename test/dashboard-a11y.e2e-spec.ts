import { Controller, Get, HttpException } from '@nestjs/common';
import { RateLimit } from '@waygate/nestjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { HostController, pathKey, startAdmin, type AdminApp } from './support/admin-app.js';
import { violationsOn } from './support/axe.js';
import { useVisitors } from './support/visitors.js';

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
    300_000,
  );
});
