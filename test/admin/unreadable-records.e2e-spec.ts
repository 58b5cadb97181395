import { Controller, Get } from '@nestjs/common';
import { MemoryBackend, RateLimit } from '@waygate/nestjs';
import type { RecordKind } from '@waygate/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { PLATFORMS } from '../support/nest-app.js';
import { readStream } from '../support/event-reader.js';

@Controller()
class ShopController {
  @Get('cart')
  @RateLimit('100/minute')
  cart(): object {
    return { ok: true };
  }

  @Get('payments')
  payments(): object {
    return { ok: true };
  }
}

const never = { start: null, end: null, recurrence: { cron: 'never', durationMs: 1, timeZone: 'Mars/Base' } };
const set = { setAt: 'x', setBy: 'x' };
const policy = { name: 'default', limit: 'lots', algorithm: 'fixed_window', key: 'ip' };
const declared = { state: 'active', reason: '', window: null, environments: null, deprecation: null, forceActive: false };

/** Values as a later version, or a hand in the store, may leave them. */
const UNREADABLE: readonly [kind: RecordKind, key: string, value: object][] = [
  [
    'route',
    'GET:/cart',
    {
      service: null,
      declared,
      override: { state: 'disabled', reason: '', environments: null, window: never, ...set, beneath: null },
    },
  ],
  [
    'rate-limit',
    'GET:/cart',
    { service: null, declared: [policy], override: { policies: [policy], ...set, expiresAt: null, beneath: null }, resets: {} },
  ],
  ['rate-limit', 'GET:/cart', { override: {} }],
  [
    'maintenance',
    '*',
    { enabled: true, reason: '', exempt: null, includeForceActive: false, window: never, ...set, beneath: null },
  ],
  ['limit-scope', '*', { policy, exemptRoutes: [], enabled: true, ...set, expiresAt: null, beneath: null }],
  ['flag', 'new-cart', { kind: 'boolean' }],
  ['segment', 'staff', { rules: 5 }],
  ['route', 'GET:/gone', {}],
];

describe.each(PLATFORMS)('a record that cannot be read, on %s', (platform) => {
  let backend: MemoryBackend;
  let admin: AdminApp | undefined;
  const fatal: string[] = [];
  const died = (error: unknown) => void fatal.push(String(error));

  beforeEach(() => {
    backend = new MemoryBackend();
    fatal.length = 0;
    process.on('uncaughtException', died);
    process.on('unhandledRejection', died);
  });

  afterEach(async () => {
    await admin?.app.close();
    process.off('uncaughtException', died);
    process.off('unhandledRejection', died);
  });

  const poison = async (kind: RecordKind, key: string, value: object) => {
    const known = (await backend.load()).records.find((record) => record.kind === kind && record.key === key);
    await backend.commit({ writes: [{ kind, key, expected: known?.revision ?? 0, value: value as never }], audit: [] });
  };

  it.each(UNREADABLE)('opens no route and ends no process, whether it comes or was there: %s %s %j', async (kind, key, value) => {
    const boot = () => startAdmin(platform, { waygate: { backend }, controllers: [ShopController] });
    for (const before of [false, true]) {
      if (before) await poison(kind, key, value);
      admin = await boot();
      const token = await admin.signIn();
      const stream = await readStream(`${admin.url}/waygate/api/events`, token);
      if (!before) await poison(kind, key, value);
      const statuses: number[] = [];
      for (const path of ['/cart', '/payments', '/cart']) statuses.push((await admin.request(path)).status);
      const [cart, others] =
        kind === 'maintenance' ? [503, 503] : kind === 'route' && key === 'GET:/cart' ? [503, 200] : [200, 200];
      expect(statuses).toEqual([cart, others, cart]);
      if (cart === 503) expect(admin.engine.troubles.join()).toContain('cannot be read');
      // The stream is there and tells what comes after.
      await admin.engine.maintenance.forService('another').enable({ reason: 'told' });
      await stream.until((data) => JSON.stringify(data).includes('told'));
      stream.close();
      await admin.app.close();
      admin = undefined;
    }
    expect(fatal).toEqual([]);
  });
});
