import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';

const NOW = '2027-01-01T00:00:00.000Z';
const declaredRoute = {
  state: 'active',
  reason: '',
  window: null,
  environments: null,
  deprecation: null,
  forceActive: false,
  tags: ['x'],
};
const policy = {
  name: 'default',
  limit: '5/minute',
  algorithm: 'fixed_window',
  key: 'ip',
  burst: 0,
  cost: 1,
  mode: 'enforce',
  onStoreError: 'local',
  onMissingKey: null,
  tierResolver: 'plan',
  origin: 'override',
  tiers: [],
  exemptIps: [],
  exemptRoles: [],
};
const override = {
  state: 'disabled',
  reason: 'r',
  environments: null,
  window: null,
  setAt: NOW,
  setBy: 'x',
  beneath: null,
};
const resets = { generation: 0, callers: [] };
const good = {
  route: { service: 'shop', declared: declaredRoute, override },
  'rate-limit': {
    service: 'shop',
    declared: [policy],
    override: { policies: [policy], setAt: NOW, setBy: 'x', expiresAt: null, beneath: null },
    resets,
  },
  maintenance: {
    enabled: true,
    reason: 'r',
    exempt: [],
    includeForceActive: false,
    window: null,
    setAt: NOW,
    setBy: 'x',
    beneath: null,
  },
  'limit-scope': { policy, exemptRoutes: [], enabled: true, setAt: NOW, setBy: 'x', expiresAt: null, beneath: null, resets },
} as const;

describe('records that a token of one service commits', () => {
  let admin: AdminApp;
  let sdk: Record<string, string>;
  let root: Record<string, string>;
  const warnings: string[] = [];
  const heard = (warning: Error) => void warnings.push(String(warning));
  const rejected = (error: unknown) => void warnings.push(`unhandled: ${String(error)}`);

  beforeEach(async () => {
    warnings.length = 0;
    process.on('warning', heard);
    process.on('unhandledRejection', rejected);
    admin = await startAdmin('express');
    root = await admin.signIn();
    const made = await admin.call('POST', '/api/tokens', { name: 'shop', role: 'sdk', services: ['shop'] }, root);
    sdk = { 'x-waygate-token': (made.json as { token: string }).token };
  });

  afterEach(async () => {
    process.off('warning', heard);
    process.off('unhandledRejection', rejected);
    await admin.app.close();
  });

  const keyOf = (kind: string) => (kind === 'route' || kind === 'rate-limit' ? 'shop:GET:/cart' : 'shop');
  const commit = (kind: string, value: unknown) => {
    const key = keyOf(kind);
    const expected = admin.engine.replication.snapshot.get(kind as 'route', key)?.revision ?? 0;
    const entry = { kind, key, action: 'disable', reason: '', actor: 'x', platform: 'sdk', id: '1', at: NOW, service: 'shop' };
    return admin.call('POST', '/api/sdk/commit', { writes: [{ kind, key, expected, value }], audit: [entry] }, sdk);
  };

  const READS = [
    '/api/routes',
    '/api/routes?tag=x',
    '/api/rate-limits',
    '/api/schedule',
    '/api/services',
    '/api/sdk/snapshot',
    '/api/audit',
    '/api/global',
    '/api/services/shop/maintenance',
    '/api/services/shop/rate-limit',
    '/',
    '/routes',
    '/rate-limits',
    '/audit',
    '/api/revisions',
    '/api/revisions/diff?from=0',
    '/services',
  ];

  it('that are right are taken', async () => {
    for (const [kind, value] of Object.entries(good)) expect([kind, (await commit(kind, value)).status]).toEqual([kind, 200]);
  });

  it('break nothing, whatever they are', async () => {
    const paths: { kind: string; path: string[] }[] = [];
    const walk = (kind: string, value: unknown, path: string[]) => {
      paths.push({ kind, path });
      if (typeof value === 'object' && value !== null)
        for (const [name, inner] of Object.entries(value)) walk(kind, inner, [...path, name]);
    };
    for (const [kind, value] of Object.entries(good)) walk(kind, value, []);
    paths.push({ kind: 'route', path: ['override', 'window', 'recurrence'] }, { kind: 'maintenance', path: ['window'] });
    const bad = [
      undefined,
      null,
      0,
      -1,
      1.5,
      1e308,
      '',
      'x',
      '9'.repeat(400),
      '999999999/second',
      '1/fortnight',
      true,
      [],
      [null],
      ['x'],
      {},
      { x: 1 },
      { start: NOW, end: NOW },
      { start: null, end: null, recurrence: { cron: 'x', duration: 'y', timeZone: 'z' } },
      { start: null, end: null, recurrence: { cron: '* * * * *', durationMs: 1, timeZone: 'Mars/Base' } },
      [{ name: 'x', limit: 'y' }],
      ['10.0.0.0/99', 'nonsense'],
      '2027-01-01T99:99:00.000Z',
    ];
    const broken: string[] = [];
    for (const { kind, path } of paths)
      for (const value of bad) {
        const changed = structuredClone(good[kind as 'route']) as unknown as Record<string, unknown>;
        let at: Record<string, unknown> = changed;
        for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
        const last = path.at(-1);
        if (last === undefined) continue;
        if (value === undefined) delete at[last];
        else at[last] = value;
        warnings.length = 0;
        const answer = await commit(kind, changed);
        const what = `${kind}.${path.join('.')} = ${JSON.stringify(value)?.slice(0, 60)}: ${answer.status}`;
        if (answer.status >= 500) broken.push(`${what} ${answer.text}`);
        if (answer.status === 200) {
          const request = { method: 'GET', path: '/cart', service: 'shop' };
          const { status, text } = await admin.call('POST', '/api/explain', request, root);
          if (status >= 500) broken.push(`${what}, explain ${status} ${text.slice(0, 100)}`);
          for (const read of READS) {
            const { status, text } = await admin.call('GET', read, undefined, root);
            if (status >= 500) broken.push(`${what}, GET ${read} ${status} ${text.slice(0, 100)}`);
          }
        }
        if ((await admin.request('/payments')).status !== 200) broken.push(`${what}: the app is down`);
        if (warnings.length > 0) broken.push(`${what}: ${warnings[0]?.slice(0, 200)}`);
        if (admin.engine.health.status !== 'ready') broken.push(`${what}: ${admin.engine.health.reason}`);
      }
    expect(broken).toEqual([]);
  }, 600_000);
});

describe('an audit entry that an SDK of the wire contract sends', () => {
  it('can be neither read nor taken back as something it is not', async () => {
    const admin = await startAdmin('express');
    const root = await admin.signIn();
    const made = await admin.call('POST', '/api/tokens', { name: 'shop', role: 'sdk', services: ['shop'] }, root);
    const sdk = { 'x-waygate-token': (made.json as { token: string }).token };
    await admin.call('POST', '/api/sdk/register', { app_id: 'shop', states: [{ path: 'shop:GET:/cart' }] }, sdk);
    await admin.engine.routes.disable('shop:GET:/cart', { reason: 'by an operator' });
    const sent = {
      id: 'x',
      timestamp: NOW,
      path: 'shop:GET:/cart',
      action: 'disable',
      previous_status: 'maintenance',
      new_status: 'disabled',
    };
    expect((await admin.call('POST', '/api/sdk/audit', sent, sdk)).status).toBe(200);
    const before = admin.engine.replication.snapshot.get('route', 'shop:GET:/cart')?.value;
    const { revision } = admin.engine;
    for (const path of [
      '/api/audit',
      '/api/revisions',
      '/api/revisions/diff?from=0',
      '/audit',
      '/',
      `/routes/${Buffer.from('shop:GET:/cart').toString('base64url')}`,
    ])
      expect([path, (await admin.call('GET', path, undefined, root)).status]).toEqual([path, 200]);
    for (const force of [false, true]) {
      const reverted = await admin.call('POST', `/api/revisions/${revision}/revert`, { force }, root);
      expect(reverted.status).toBeLessThan(500);
    }
    expect(admin.engine.replication.snapshot.get('route', 'shop:GET:/cart')?.value).toEqual(before);
    expect((await admin.call('GET', '/api/routes', undefined, root)).text).toContain('shop:GET:/cart');
    await admin.app.close();
  });
});
