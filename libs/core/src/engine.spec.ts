import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryBackend } from './backend/memory-backend.js';
import { WaygateEngine } from './engine.js';
import {
  AmbiguousRouteError,
  ConflictError,
  InvalidLimitError,
  RouteNotFoundError,
  RouteProtectedError,
  ValidationError,
} from './model/errors.js';
import type { Caller } from './model/caller.js';

const START = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
let now = START;
let engine: WaygateEngine;

beforeEach(async () => {
  now = START;
  engine = new WaygateEngine({ backend: new MemoryBackend(), environment: 'prod', clock: () => now });
  await engine.open();
  await engine.routes.register([
    { key: 'GET:/orders', declaration: {} },
    { key: 'GET:/items/:id', declaration: {} },
    { key: 'POST:/items/:id', declaration: {} },
    { key: 'GET:/health', declaration: { forceActive: true } },
    { key: 'GET:/ledger', declaration: { maintenance: { reason: 'declared', end: START + 10 * MINUTE } } },
    { key: 'GET:/debug', declaration: { environments: ['dev'] } },
  ]);
});
afterEach(() => engine.close());

describe('engine.routes', () => {
  it('resolves a bare path to the one method that answers, and asks which one when several do', async () => {
    expect((await engine.routes.disable('/orders')).key).toBe('GET:/orders');
    await expect(engine.routes.disable('/items/:id')).rejects.toThrow(AmbiguousRouteError);
    await expect(engine.routes.disable('/items/:id')).rejects.toMatchObject({ matches: ['GET:/items/:id', 'POST:/items/:id'] });
    expect(engine.decide('GET:/items/:id')).toMatchObject({ outcome: 'allow' });
  });

  it.each(['GET:/nowhere', '/nowhere', 'POST:/orders', 'shop:GET:/orders'])('knows no %s', async (key) => {
    await expect(engine.routes.disable(key)).rejects.toThrow(RouteNotFoundError);
  });

  it('says what was perhaps meant', async () => {
    await expect(engine.routes.get('/Orders/')).rejects.toThrow("Did you mean 'GET:/orders'?");
  });

  it('refuses to touch a force-active route', async () => {
    for (const attempt of [
      engine.routes.disable('/health'),
      engine.routes.setMaintenance('/health'),
      engine.routes.setEnvironments('/health', ['dev']),
      engine.routes.clear('/health'),
    ]) {
      await expect(attempt).rejects.toThrow(RouteProtectedError);
    }
    expect(engine.decide('GET:/health')).toMatchObject({ outcome: 'allow' });
  });

  it('disables, enables and clears', async () => {
    expect(await engine.routes.disable('GET:/orders', { reason: 'hotfix', actor: 'alice' })).toMatchObject({
      status: 'disabled',
      reason: 'hotfix',
      source: 'override',
    });
    expect(engine.decide('GET:/orders')).toEqual({ outcome: 'block', kind: 'disabled', reason: 'hotfix' });
    expect(await engine.routes.enable('GET:/ledger')).toMatchObject({ status: 'active', source: 'override' });
    expect(await engine.routes.clear('GET:/ledger')).toMatchObject({
      status: 'maintenance',
      reason: 'declared',
      source: 'declared',
      override: null,
    });
  });

  it('lets a declared window end by itself', () => {
    expect(engine.decide('GET:/ledger')).toMatchObject({ kind: 'maintenance', endsAt: START + 10 * MINUTE });
    now = START + 10 * MINUTE - 1;
    expect(engine.decide('GET:/ledger')).toMatchObject({ kind: 'maintenance' });
    now++;
    expect(engine.decide('GET:/ledger')).toMatchObject({ outcome: 'allow' });
    now = START;
    expect(engine.decide('GET:/ledger')).toMatchObject({ kind: 'maintenance' });
  });

  it('gates by environment, and opens a gate when the route is enabled', async () => {
    expect(engine.decide('GET:/debug')).toMatchObject({ kind: 'env_gated', environment: 'prod', allowed: ['dev'] });
    await engine.routes.setEnvironments('GET:/orders', ['staging', 'dev']);
    expect(engine.decide('GET:/orders')).toMatchObject({ kind: 'env_gated', allowed: ['staging', 'dev'] });
    await engine.routes.setEnvironments('GET:/orders', ['prod']);
    expect(engine.decide('GET:/orders')).toMatchObject({ outcome: 'allow' });
    await engine.routes.enable('GET:/debug');
    expect(engine.decide('GET:/debug')).toMatchObject({ outcome: 'allow' });
  });

  it('lets an override run out, and what was set before holds again, then what was declared', async () => {
    await engine.routes.disable('GET:/orders', { reason: 'first', expiresIn: '1h' });
    await engine.routes.setMaintenance('GET:/orders', { reason: 'second', expiresAt: START + 10 * MINUTE });
    expect(engine.decide('GET:/orders')).toMatchObject({ kind: 'maintenance', reason: 'second', endsAt: START + 10 * MINUTE });
    now += 10 * MINUTE;
    expect(engine.decide('GET:/orders')).toMatchObject({ kind: 'disabled', reason: 'first' });
    now += 50 * MINUTE;
    expect(engine.decide('GET:/orders')).toMatchObject({ outcome: 'allow' });
    expect(engine.sync.routes.get('GET:/orders').source).toBe('declared');
  });

  it('opens and closes a maintenance window on time, and leaves the route as it was around it', async () => {
    await engine.routes.disable('GET:/orders', { reason: 'off' });
    const view = await engine.routes.setMaintenance('GET:/orders', {
      reason: 'move',
      window: { start: START + MINUTE, end: START + 2 * MINUTE },
    });
    expect(view).toMatchObject({ status: 'disabled', nextChange: new Date(START + MINUTE).toISOString() });
    now = START + MINUTE;
    expect(engine.decide('GET:/orders')).toMatchObject({ kind: 'maintenance', reason: 'move' });
    now = START + 2 * MINUTE;
    expect(engine.decide('GET:/orders')).toMatchObject({ kind: 'disabled', reason: 'off' });
  });

  it('ends a window for good when the route is enabled in it', async () => {
    await engine.routes.setMaintenance('GET:/orders', { window: { start: START, end: START + MINUTE } });
    await engine.routes.enable('GET:/orders');
    now += 30_000;
    expect(engine.decide('GET:/orders')).toMatchObject({ outcome: 'allow' });
  });

  it.each([
    ['an unreadable date', () => engine.routes.disable('/orders', { expiresAt: 'soon' }), 'expiresAt'],
    ['a moment that is over', () => engine.routes.disable('/orders', { expiresAt: START - 1 }), 'expiresAt'],
    ['two expiries', () => engine.routes.disable('/orders', { expiresIn: '1h', expiresAt: START + 1 }), 'expiresIn'],
    ['a duration of nothing', () => engine.routes.disable('/orders', { expiresIn: '0m' }), 'expiresIn'],
    [
      'an end before the start',
      () => engine.routes.setMaintenance('/orders', { window: { start: START + 2, end: START + 1 } }),
      'window.end',
    ],
    ['a window that is over', () => engine.routes.setMaintenance('/orders', { window: { end: START - 1 } }), 'window.end'],
    [
      'a window and an expiry',
      () => engine.routes.setMaintenance('/orders', { window: { end: START + 9 }, expiresIn: '1h' }),
      'window',
    ],
    ['no environments', () => engine.routes.setEnvironments('/orders', []), 'environments'],
    ['an impossible environment', () => engine.routes.setEnvironments('/orders', ['a b']), 'environments[0]'],
    ['an endless reason', () => engine.routes.disable('/orders', { reason: 'x'.repeat(2_001) }), 'reason'],
    ['an endless actor', () => engine.routes.disable('/orders', { actor: 'x'.repeat(257) }), 'actor'],
    ['a key without a path', () => engine.routes.disable('orders'), 'key'],
  ])('refuses %s, names the field, and changes nothing', async (_what, attempt, field) => {
    const { revision } = engine;
    await expect(attempt()).rejects.toThrow(ValidationError);
    await expect(attempt()).rejects.toMatchObject({ field });
    expect(engine.revision).toBe(revision);
    expect(engine.decide('GET:/orders')).toMatchObject({ outcome: 'allow' });
  });

  it('refuses a change that expects another revision', async () => {
    const { revision } = await engine.routes.disable('/orders');
    await engine.routes.enable('/orders');
    await expect(engine.routes.disable('/orders', { expectedRevision: revision })).rejects.toThrow(ConflictError);
    await expect(engine.routes.disable('/orders', { expectedRevision: revision + 1 })).resolves.toMatchObject({
      status: 'disabled',
    });
  });

  it('stacks no more overrides than anybody can follow', async () => {
    for (let i = 0; i < 16; i++) await engine.routes.disable('/orders', { expiresIn: `${i + 1}h` });
    await expect(engine.routes.disable('/orders', { expiresIn: '99h' })).rejects.toThrow(/clear it first/);
    now += 16.5 * 60 * MINUTE;
    await expect(engine.routes.disable('/orders', { expiresIn: '1h' })).resolves.toMatchObject({ override: { beneath: null } });
  });

  it('records who changed what, from where, why, before and after', async () => {
    await engine.routes.disable('/orders', { actor: 'alice', platform: 'cli', reason: 'hotfix' });
    const { items } = await engine.audit.list({ key: 'GET:/orders' });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      action: 'disable',
      actor: 'alice',
      platform: 'cli',
      reason: 'hotfix',
      kind: 'route',
      key: 'GET:/orders',
      service: null,
      at: new Date(START).toISOString(),
      before: { override: null },
      after: { override: { state: 'disabled', reason: 'hotfix' } },
    });
  });

  it('lists by service, sorted', async () => {
    expect((await engine.routes.list()).map(({ key }) => key)).toEqual([
      'GET:/debug',
      'GET:/health',
      'GET:/items/:id',
      'GET:/ledger',
      'GET:/orders',
      'POST:/items/:id',
    ]);
    expect(await engine.routes.list({ service: 'shop' })).toEqual([]);
  });
});

describe('registration', () => {
  it('re-reads what the code declares and keeps what operators set', async () => {
    const backend = new MemoryBackend();
    const boot = async (declaration: object) => {
      const next = new WaygateEngine({ backend });
      await next.open();
      await next.routes.register([{ key: 'GET:/a', declaration }]);
      return next;
    };
    const first = await boot({ maintenance: { reason: 'in code' } });
    await first.routes.disable('GET:/a', { reason: 'by hand' });
    const second = await boot({});
    expect(second.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'by hand' });
    expect(await second.routes.clear('GET:/a')).toMatchObject({ status: 'active' });
    expect((await second.audit.list()).items.map(({ action, actor }) => [action, actor])).toEqual([
      ['clear', 'system'],
      ['declare', 'deploy'],
      ['disable', 'system'],
    ]);
    const { revision } = second;
    const third = await boot({});
    expect(third.revision).toBe(revision);
    await Promise.all([first, second, third].map((each) => each.close()));
  });

  it('keeps the moment a route was first seen as deprecated', async () => {
    const backend = new MemoryBackend();
    for (const at of [START, START + MINUTE]) {
      const next = new WaygateEngine({ backend, clock: () => at });
      await next.open();
      await next.routes.register([{ key: 'GET:/a', declaration: { deprecated: {} } }]);
      expect(next.sync.routes.get('GET:/a')).toMatchObject({
        status: 'deprecated',
        deprecation: { since: new Date(START).toISOString() },
      });
      await next.close();
    }
  });

  it('puts keys of a service behind its name, and finds them without it', async () => {
    const next = new WaygateEngine({ backend: new MemoryBackend(), service: 'shop' });
    await next.open();
    await next.routes.register([{ key: 'GET:/a/:b', declaration: {} }]);
    expect(await next.routes.disable('/a/:b')).toMatchObject({ key: 'shop:GET:/a/:b', service: 'shop' });
    expect(next.decide('shop:GET:/a/:b')).toMatchObject({ kind: 'disabled' });
    await next.close();
  });

  it.each([
    [{ maintenance: {}, disabled: {} }, 'maintenance'],
    [{ forceActive: true, maintenance: {} }, 'forceActive'],
    [{ forceActive: true, disabled: {} }, 'forceActive'],
    [{ forceActive: true, environments: ['dev'] }, 'forceActive'],
    [{ environments: [] }, 'environments'],
    [{ maintenance: { start: 'x' } }, 'maintenance.start'],
    [{ maintenance: { start: '2026-01-02', end: '2026-01-01' } }, 'maintenance.end'],
    [{ deprecated: { sunset: 'never' } }, 'deprecated.sunset'],
    [{ deprecated: { since: '2026-06-01', sunset: '2026-01-01' } }, 'deprecated.sunset'],
    [{ deprecated: { successor: '' } }, 'deprecated.successor'],
  ])('refuses %j, naming %s, and registers nothing', async (declaration, field) => {
    const attempt = engine.routes.register([
      { key: 'GET:/fine', declaration: {} },
      { key: 'GET:/wrong', declaration },
    ]);
    await expect(attempt).rejects.toMatchObject({ field });
    await expect(engine.routes.get('GET:/fine')).rejects.toThrow(RouteNotFoundError);
  });
});

describe('engine.maintenance', () => {
  it('takes everything down but exempt and force-active routes', async () => {
    await engine.maintenance.enable({ reason: 'move', exempt: ['/items/:id', 'get:/debug'] });
    expect(engine.decide('GET:/orders')).toMatchObject({ kind: 'maintenance', scope: 'global', reason: 'move', endsAt: null });
    expect(engine.decide('POST:/items/:id')).toMatchObject({ outcome: 'allow' });
    expect(engine.decide('GET:/debug')).toMatchObject({ kind: 'env_gated' });
    expect(engine.decide('GET:/health')).toMatchObject({ outcome: 'allow' });
    expect(engine.decideUnmatched()).toMatchObject({ scope: 'global' });
    await engine.maintenance.enable({ includeForceActive: true });
    expect(engine.decide('GET:/health')).toMatchObject({ kind: 'maintenance' });
    expect(await engine.maintenance.disable()).toMatchObject({ enabled: false, reason: '', exempt: [] });
    expect(engine.decide('GET:/orders')).toMatchObject({ outcome: 'allow' });
    expect(engine.decideUnmatched()).toBeNull();
  });

  it('changes the exempt list without switching anything on, and enable takes it up', async () => {
    expect(await engine.maintenance.setExempt(['/orders'])).toMatchObject({ enabled: false, exempt: ['/orders'] });
    expect(engine.decide('GET:/ledger')).toMatchObject({ scope: 'route' });
    await engine.maintenance.enable({ reason: 'x' });
    expect(engine.decide('GET:/orders')).toMatchObject({ outcome: 'allow' });
    expect(engine.decide('GET:/items/:id')).toMatchObject({ kind: 'maintenance' });
  });

  it('takes down one service only', async () => {
    const next = new WaygateEngine({ backend: new MemoryBackend(), service: 'shop' });
    await next.open();
    await next.routes.register([{ key: 'GET:/a', declaration: {} }]);
    await next.maintenance.forService('other').enable();
    expect(next.decide('GET:/a')).toMatchObject({ outcome: 'allow' });
    await next.maintenance.forService('shop').enable({ reason: 's' });
    expect(next.decide('GET:/a')).toMatchObject({ kind: 'maintenance', scope: 'service', reason: 's' });
    expect(next.decideUnmatched()).toMatchObject({ scope: 'service' });
    await next.close();
  });

  it('holds within its window', async () => {
    await engine.maintenance.enable({ window: { start: START + MINUTE, end: START + 2 * MINUTE } });
    const at = (time: number) => {
      now = time;
      return engine.decide('GET:/orders').outcome;
    };
    expect([START, START + MINUTE, START + 2 * MINUTE].map(at)).toEqual(['allow', 'block', 'allow']);
  });

  it.each([
    [() => engine.maintenance.enable({ exempt: ['orders'] }), 'exempt[0]'],
    [() => engine.maintenance.enable({ exempt: '/orders' as never }), 'exempt'],
    [() => engine.maintenance.enable({ reason: 7 as never }), 'reason'],
    [() => engine.maintenance.enable({ window: { end: START } }), 'window.end'],
    [async () => engine.maintenance.forService('a b').enable(), 'service'],
  ])('refuses wrong input (%#), naming the field, and changes nothing', async (attempt, field) => {
    await expect(attempt()).rejects.toMatchObject({ field });
    expect(await engine.maintenance.get()).toMatchObject({ enabled: false, revision: 0 });
  });
});

const caller: Caller = { ip: '192.0.2.1', apiKey: null, user: 'ann', roles: [], attribute: () => null, request: {} };

describe('engine.rateLimits', () => {
  async function limited(limits: Parameters<WaygateEngine['rateLimits']['declare']>[1], phase: 'origin' | 'identity' = 'origin') {
    const route = engine.rateLimits.declare('GET:/orders', limits);
    await engine.rateLimits.synchronise();
    return async (who: Partial<Caller> = {}) => (await engine.limit(route, phase, { ...caller, ...who }, 'GET')).outcome;
  }

  it('holds what is declared, and what operators set instead, until it is cleared', async () => {
    const request = await limited([{ limit: '2/minute' }]);
    expect([await request(), await request(), await request()]).toEqual(['allow', 'allow', 'block']);
    await engine.rateLimits.set('/orders', { limit: '1/minute' }, { actor: 'ann' });
    expect([await request(), await request()]).toEqual(['allow', 'block']);
    await engine.rateLimits.clear('/orders');
    expect(await request()).toBe('block');
    expect((await engine.audit.list({ key: 'GET:/orders' })).items.map(({ action, reason }) => [action, reason])).toEqual([
      ['rl_policy_deleted', ''],
      ['rl_policy_updated', '1/minute · fixed_window · ip'],
    ]);
  });

  it('forgets everybody, or one caller, and exactly that route', async () => {
    const request = await limited([{ limit: '1/hour' }]);
    const other = engine.rateLimits.declare('GET:/ledger', [{ limit: '1/hour' }]);
    await engine.limit(other, 'origin', caller, 'GET');
    expect([await request(), await request({ ip: '192.0.2.2' }), await request()]).toEqual(['allow', 'allow', 'block']);
    await engine.rateLimits.reset('/orders', { caller: '192.0.2.1' });
    expect([await request(), await request({ ip: '192.0.2.2' })]).toEqual(['allow', 'block']);
    await engine.rateLimits.reset('/orders');
    expect([await request(), await request({ ip: '192.0.2.2' })]).toEqual(['allow', 'allow']);
    expect(await engine.limit(other, 'origin', caller, 'GET')).toMatchObject({ outcome: 'block' });
  });

  it('forgets one caller once, not again with every later change', async () => {
    const request = await limited([{ limit: '1/hour' }]);
    await request();
    await engine.rateLimits.reset('/orders', { caller: '192.0.2.1' });
    expect([await request(), await request()]).toEqual(['allow', 'block']);
    await engine.rateLimits.reset('/orders', { caller: '192.0.2.2' });
    expect(await request()).toBe('block');
  });

  it('lets what was set before hold again when a set limit runs out', async () => {
    const request = await limited([{ limit: '9/hour' }]);
    await engine.rateLimits.set('/orders', { limit: '1/hour' });
    await engine.rateLimits.set('/orders', { limit: '5/hour' }, { expiresIn: '10m' });
    expect([await request(), await request()]).toEqual(['allow', 'allow']);
    now += 10 * MINUTE;
    expect([await request(), await request()]).toEqual(['allow', 'block']);
  });

  it('holds the other limits for a caller whom one does not count', async () => {
    const request = await limited([{ limit: '0/hour', exemptIps: ['192.0.2.0/24'] }, { limit: '1/hour' }]);
    expect([await request(), await request()]).toEqual(['allow', 'block']);
  });

  it('counts afresh when a limit over everything is set again after it was cleared', async () => {
    const request = await limited([]);
    await engine.rateLimits.global.set({ limit: '1/hour' });
    expect([await request(), await request()]).toEqual(['allow', 'block']);
    await engine.rateLimits.global.reset();
    await engine.rateLimits.global.clear();
    await engine.rateLimits.global.set({ limit: '1/hour' });
    expect([await request(), await request()]).toEqual(['allow', 'block']);
  });

  it('lets a set limit run out by itself', async () => {
    const request = await limited([{ limit: '5/minute' }]);
    await engine.rateLimits.set('/orders', { limit: '0/minute' }, { expiresIn: '10m' });
    expect(await request()).toBe('block');
    now += 10 * MINUTE;
    expect(await request()).toBe('allow');
  });

  it('only records what a limit in shadow mode would have refused', async () => {
    const request = await limited([{ limit: '1/minute', mode: 'shadow' }]);
    const seen: unknown[] = [];
    engine.events.on('blocked', ({ route, shadow }) => seen.push([route, shadow]));
    expect([await request(), await request(), await request()]).toEqual(['allow', 'allow', 'allow']);
    expect(seen).toEqual([
      ['GET:/orders', true],
      ['GET:/orders', true],
    ]);
    expect((await engine.rateLimits.hits()).items).toMatchObject([
      { shadow: true, caller: '192.0.2.1', limit: '1/minute' },
      { shadow: true },
    ]);
  });

  it('counts all routes together for a limit over everything, but exempt ones, and can be paused', async () => {
    const request = await limited([]);
    await engine.rateLimits.global.set({ limit: '1/minute', key: 'global', exemptRoutes: ['/ledger'] });
    const exempt = engine.rateLimits.declare('GET:/ledger', []);
    expect([await request(), await request()]).toEqual(['allow', 'block']);
    expect(await engine.limit(exempt, 'origin', caller, 'GET')).toMatchObject({ outcome: 'allow' });
    expect(await engine.limitUnmatched(caller, 'GET')).toMatchObject({ outcome: 'block', scope: 'global' });
    await engine.rateLimits.global.pause();
    expect(await request()).toBe('allow');
    await engine.rateLimits.global.resume();
    expect(await request()).toBe('block');
    await engine.rateLimits.global.reset();
    expect(await request()).toBe('allow');
    expect(await engine.rateLimits.global.clear()).toBe(true);
    expect(await engine.rateLimits.global.clear()).toBe(false);
    expect((await engine.audit.list({ key: '*' })).items.map(({ action }) => action)).toEqual([
      'global_rl_deleted',
      'global_rl_reset',
      'global_rl_enabled',
      'global_rl_disabled',
      'global_rl_set',
    ]);
  });

  it('consumes nothing inside when an outer limit refuses', async () => {
    const request = await limited([{ limit: '2/minute', algorithm: 'moving_window' }]);
    await engine.rateLimits.global.set({ limit: '1/minute' });
    expect([await request(), await request(), await request()]).toEqual(['allow', 'block', 'block']);
    await engine.rateLimits.global.clear();
    expect([await request(), await request()]).toEqual(['allow', 'block']);
  });

  it('waits for the identity where a limit depends on who is calling, and picks the tier', async () => {
    const route = engine.rateLimits.declare('GET:/orders', [
      {
        limit: '1/minute',
        tiers: [
          { name: 'pro', limit: '2/minute' },
          { name: 'staff', limit: 'unlimited' },
        ],
      },
    ]);
    expect(engine.limitPlan(route)).toMatchObject({ origin: [], identity: [{ phase: 'identity' }] });
    const request = async (user: string | null, plan: string | null) =>
      (await engine.limit(route, 'identity', { ...caller, user, attribute: (name) => (name === 'plan' ? plan : null) }, 'GET'))
        .outcome;
    expect([await request('a', null), await request('a', null)]).toEqual(['allow', 'block']);
    expect([await request('b', 'pro'), await request('b', 'pro'), await request('b', 'pro')]).toEqual([
      'allow',
      'allow',
      'block',
    ]);
    expect([await request('c', 'staff'), await request('c', 'staff')]).toEqual(['allow', 'allow']);
    expect([await request(null, null), await request(null, null)]).toEqual(['allow', 'allow']);
  });

  it.each([
    ['exempt', ['allow', 'allow']],
    ['fallback_ip', ['allow', 'block']],
    ['block', ['block', 'block']],
  ] as const)('treats a caller without a key as %s says', async (onMissingKey, outcomes) => {
    const request = await limited([{ limit: '1/minute', key: 'api_key', onMissingKey }], 'identity');
    expect([await request(), await request()]).toEqual(outcomes);
  });

  it('does not count exempt addresses and roles', async () => {
    const request = await limited([{ limit: '0/minute', exemptIps: ['192.0.2.0/24'] }]);
    expect([await request(), await request({ ip: '198.51.100.1' })]).toEqual(['allow', 'block']);
  });

  it('asks functions of the app, also slow ones', async () => {
    const route = engine.rateLimits.declare('GET:/orders', [
      {
        limit: '10/minute',
        key: 'custom',
        functions: { key: async () => 'tenant', cost: (request) => (request as { weight: number }).weight },
      },
    ]);
    const request = async (weight: number) =>
      (await engine.limit(route, 'identity', { ...caller, request: { weight } }, 'GET')).outcome;
    expect([await request(6), await request(6), await request(4)]).toEqual(['allow', 'block', 'block']);
    await expect(engine.rateLimits.set('/items/:id', { limit: '1/minute', key: 'custom' })).rejects.toThrow(AmbiguousRouteError);
    await expect(engine.rateLimits.set('GET:/items/:id', { limit: '1/minute', key: 'custom' })).rejects.toMatchObject({
      field: 'rateLimit.key',
    });
  });

  it('takes what functions of the app give for what it is: numbers, promises of any make', async () => {
    const route = engine.rateLimits.declare('GET:/orders', [
      { limit: '1/minute', key: 'custom', functions: { key: (request) => (request as { key: string }).key } },
    ]);
    const request = async (key: unknown) =>
      (await engine.limit(route, 'identity', { ...caller, request: { key } }, 'GET')).outcome;
    const promiseOfAnotherRealm = (value: unknown): unknown => runInNewContext('Promise.resolve(value)', { value });
    expect([await request(1), await request(2), await request(1), await request('2')]).toEqual([
      'allow',
      'allow',
      'block',
      'block',
    ]);
    expect([await request(promiseOfAnotherRealm('x')), await request(promiseOfAnotherRealm('y')), await request('x')]).toEqual([
      'allow',
      'allow',
      'block',
    ]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no database'))],
    ['gives what is no key', () => ({}) as string],
    ['never answers', () => new Promise<string>(() => undefined)],
  ])('treats a caller as one without a key when the function for it %s', async (_what, key) => {
    vi.useFakeTimers();
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const routes = (['exempt', 'fallback_ip', 'block'] as const).map((onMissingKey, index) =>
      engine.rateLimits.declare(['GET:/orders', 'GET:/ledger', 'GET:/items/:id'][index] as string, [
        { limit: '0/minute', key: 'custom', onMissingKey, functions: { key } },
      ]),
    );
    const outcomes = Promise.all(routes.map(async (route) => engine.limit(route, 'identity', caller, 'GET')));
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await outcomes).map((outcome) => ('caller' in outcome ? outcome.caller : outcome.outcome))).toEqual([
      'allow',
      'ip:192.0.2.1',
      '',
    ]);
    expect(warned).toHaveBeenCalledTimes(3);
    warned.mockRestore();
    vi.useRealTimers();
  });

  it.each([1e20, Number.MAX_VALUE])('refuses a request that weighs %d, and no other for it', async (weight) => {
    const route = engine.rateLimits.declare('GET:/orders', [
      {
        limit: '10/minute',
        algorithm: 'moving_window',
        functions: { cost: (request) => (request as { weight: number }).weight },
      },
    ]);
    const request = async (cost: number) =>
      (await engine.limit(route, 'origin', { ...caller, request: { weight: cost } }, 'GET')).outcome;
    expect([await request(weight), await request(10), await request(1)]).toEqual(['block', 'allow', 'block']);
  });

  it('shows no API key, and knows its holder by what it shows', async () => {
    const request = await limited([{ limit: '1/hour', key: 'api_key' }], 'identity');
    const holder = { apiKey: 'sk_live_very_secret' };
    expect([await request(holder), await request({ apiKey: 'another' }), await request(holder)]).toEqual([
      'allow',
      'allow',
      'block',
    ]);
    const { items } = await engine.rateLimits.hits();
    expect(JSON.stringify(items)).not.toContain('secret');
    await engine.rateLimits.reset('/orders', { caller: items[0]?.caller as string });
    expect([await request(holder), await request(holder)]).toEqual(['allow', 'block']);
  });

  it('counts requests without an address together, rather than not at all', async () => {
    const request = await limited([{ limit: '1/minute' }]);
    expect([await request({ ip: null }), await request({ ip: null }), await request()]).toEqual(['allow', 'block', 'allow']);
  });

  it('counts in shadow mode only what got as far', async () => {
    const request = await limited([{ limit: '2/minute', mode: 'shadow' }]);
    await engine.rateLimits.global.set({ limit: '2/minute' });
    for (let i = 0; i < 5; i++) await request();
    const { items } = await engine.rateLimits.hits();
    expect(items.map(({ shadow }) => shadow)).toEqual([false, false, false]);
  });

  it('begins to count anew when the limit is another one', async () => {
    const request = await limited([{ limit: '1/minute' }]);
    expect([await request(), await request()]).toEqual(['allow', 'block']);
    await engine.rateLimits.set('/orders', { limit: '2/minute' });
    expect([await request(), await request(), await request()]).toEqual(['allow', 'allow', 'block']);
  });

  it.each([
    [{ limit: '10/min' }, InvalidLimitError],
    [{ limit: '1/second;2/hour' }, InvalidLimitError],
    [{ limit: '1/minute', algorithm: 'leaky' }, ValidationError],
    [{ limit: '1/minute', key: 'session' }, ValidationError],
    [{ limit: '1/minute', burst: -1 }, ValidationError],
    [{ limit: '1/minute', burst: 1.5 }, ValidationError],
    [{ limit: '1/minute', exemptIps: ['10.0.0.0/33'] }, ValidationError],
    [{ limit: '1/minute', exemptIps: ['nowhere'] }, ValidationError],
    [{ limit: '1/minute', tiers: [{ name: 'a', limit: 'lots' }] }, InvalidLimitError],
    [{ limit: '1/minute', mode: 'on' }, ValidationError],
  ])('refuses %j and changes nothing', async (input, error) => {
    const { revision } = engine;
    await expect(engine.rateLimits.set('/orders', input as never)).rejects.toThrow(error);
    await expect(engine.rateLimits.global.set(input as never)).rejects.toThrow(error);
    expect(engine.revision).toBe(revision);
  });

  it('refuses limits of routes that are not registered, or never limited', async () => {
    await expect(engine.rateLimits.set('/nowhere', { limit: '1/minute' })).rejects.toThrow(RouteNotFoundError);
    await expect(engine.rateLimits.set('/health', { limit: '1/minute' })).rejects.toThrow(RouteProtectedError);
    await expect(engine.rateLimits.set('/health', { limit: '1/minute' })).rejects.toThrow('cannot be limited');
    expect(await engine.rateLimits.list()).toEqual([]);
  });

  it('counts a request that no route answers to also where the limit asks who is calling', async () => {
    await engine.rateLimits.global.set({ limit: '1/minute', exemptRoles: ['staff'] });
    const staff = { ...caller, roles: ['staff'] };
    const outcomes = [];
    for (const who of [caller, caller, staff]) outcomes.push((await engine.limitUnmatched(who, 'GET')).outcome);
    expect(outcomes).toEqual(['allow', 'block', 'allow']);
  });

  it('says which limits of the route hold as well when one refuses', async () => {
    const route = engine.rateLimits.declare('GET:/orders', [{ limit: '0/minute' }, { limit: '5/hour', burst: 1 }]);
    expect(await engine.limit(route, 'origin', caller, 'GET')).toMatchObject({
      reports: [{ policy: 'default' }],
      unasked: [{ scope: 'route', policy: 'limit-2', limit: 6, periodMs: 3_600_000 }],
    });
    await engine.rateLimits.global.set({ limit: '0/minute' });
    expect(await engine.limit(route, 'origin', caller, 'GET')).toMatchObject({ scope: 'global', unasked: [] });
  });

  describe('keeps asking functions of the app', () => {
    const weighed = { ...caller, request: { weight: 3, plan: 'pro' } };
    const functions = {
      cost: (request: unknown) => (request as { weight: number }).weight,
      tier: (request: unknown) => (request as { plan: string }).plan,
    };
    const tiers = [{ name: 'pro', limit: '6/minute' }];
    async function passing(input: Parameters<WaygateEngine['rateLimits']['set']>[1]): Promise<number> {
      const route = engine.rateLimits.declare('GET:/orders', [{ limit: '30/minute', key: 'ip', tiers, functions }]);
      await engine.rateLimits.set('/orders', input);
      let passed = 0;
      while ((await engine.limit(route, 'identity', weighed, 'GET')).outcome === 'allow' && passed < 100) passed++;
      return passed;
    }

    it.each([
      ['the weight, under another limit', { limit: '12/minute', key: 'ip', exemptRoles: ['staff'] }, 4],
      ['no weight that the operator set', { limit: '12/minute', key: 'ip', exemptRoles: ['staff'], cost: 2 }, 6],
      ['the tier, where tiers are set', { limit: '12/minute', key: 'ip', tiers: [{ name: 'pro', limit: '9/minute' }] }, 3],
      ['no tier that is another attribute', { limit: '12/minute', key: 'ip', tiers, tierResolver: 'level' }, 4],
    ] as const)('for %s', async (_what, input, passed) => {
      expect(await passing(input)).toBe(passed);
    });

    it('for a limit, when an operator switches its mode and back', async () => {
      const limit = () => ({ limit: 2, periodMs: 60_000 });
      const route = engine.rateLimits.declare('GET:/orders', [{ limit: '0/minute', functions: { limit } }]);
      const request = async () => (await engine.limit(route, 'identity', caller, 'GET')).outcome;
      const [declared] = (await engine.rateLimits.get('/orders')).policies;
      if (declared === undefined) throw new Error('nothing is declared');
      await engine.rateLimits.set('/orders', { ...declared, mode: 'shadow' });
      expect([await request(), await request(), await request()]).toEqual(['allow', 'allow', 'allow']);
      await engine.rateLimits.reset('/orders');
      await engine.rateLimits.set('/orders', { ...declared, mode: 'enforce' });
      expect([await request(), await request(), await request()]).toEqual(['allow', 'allow', 'block']);
      await engine.rateLimits.set('/orders', { limit: '1/hour' });
      const set = async () => (await engine.limit(route, 'origin', caller, 'GET')).outcome;
      expect([await set(), await set()]).toEqual(['allow', 'block']);
    });

    it('and what else only the code says, when the mode is switched', async () => {
      const route = engine.rateLimits.declare('GET:/orders', [{ limit: '1/minute', phase: 'identity', blockMs: 3_600_000 }]);
      await engine.rateLimits.set('/orders', { limit: '1/minute', mode: 'shadow' });
      await engine.rateLimits.set('/orders', { limit: '1/minute', mode: 'enforce' });
      const answers = async (phase: 'origin' | 'identity') => engine.limit(route, phase, caller, 'GET');
      expect([await answers('origin'), await answers('origin')]).toMatchObject([{ reports: [] }, { reports: [] }]);
      expect([await answers('identity'), await answers('identity')]).toMatchObject([
        { outcome: 'allow' },
        { outcome: 'block', retryAfterMs: 3_600_000 },
      ]);
    });
  });
});
