import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { ADMIN, pathKey, startAdmin, type AdminApp } from '../support/admin-app.js';
import { ON_OFF } from '../support/flag.js';
import { PLATFORMS } from '../support/nest-app.js';
import { Receiver } from '../support/receiver.js';

const PAYMENTS = pathKey('GET:/payments');
const USERS = [
  { ...ADMIN },
  { username: 'viewer', password: 'viewer', role: 'viewer' },
  { username: 'operator', password: 'operator', role: 'operator' },
  { username: 'operator-shop', password: 'shop', role: 'operator', services: ['shop'] },
] as const;

describe.each(PLATFORMS)('revisions on %s', (platform) => {
  let admin: AdminApp;
  let root: Record<string, string>;

  beforeEach(async () => {
    admin = await startAdmin(platform, { admin: { auth: USERS } });
    root = await admin.signIn();
    for (const service of ['shop', 'other'])
      await admin.engine.reportedRoutes.register([{ key: `${service}:GET:/cart`, service, declaration: {} }]);
  });

  afterEach(() => admin.app.close());

  it('are taken back as a new revision, and say what came in between', async () => {
    const { revision } = await admin.engine.routes.disable('GET:/payments', { reason: 'by mistake', actor: 'bob' });
    const reverted = await admin.call('POST', `/api/revisions/${revision}/revert`, { reason: 'sorry' }, root);
    expect(reverted).toMatchObject({ status: 200, json: { reverted: revision, revision: revision + 1 } });
    expect(admin.engine.sync.routes.get('GET:/payments').override).toBeNull();
    const diff = await admin.call('GET', `/api/revisions/diff?from=${revision - 1}&to=${revision}`, undefined, root);
    expect(diff).toMatchObject({
      status: 200,
      json: {
        from: revision - 1,
        to: revision,
        complete: true,
        records: [{ kind: 'route', path: 'GET:/payments', entries: [{ actor: 'bob', action: 'disable', revision }] }],
      },
    });
    const { revisions } = (await admin.call('GET', '/api/revisions?limit=1', undefined, root)).json as { revisions: object[] };
    expect(revisions).toMatchObject([{ action: 'revert', actor: 'admin', reason: 'sorry', path: 'GET:/payments' }]);
  });

  it('are not taken back over a later change, unless that is meant', async () => {
    const { revision } = await admin.engine.routes.disable('GET:/payments');
    const later = await admin.engine.routes.setMaintenance('GET:/payments', { actor: 'carol' });
    const refused = await admin.call('POST', `/api/revisions/${revision}/revert`, undefined, root);
    expect(refused).toMatchObject({
      status: 409,
      json: { later: { revision: later.revision, actor: 'carol', action: 'maintenance_on' } },
    });
    expect((refused.json as { error: string }).error).toContain(`by revision ${later.revision}`);
    expect(admin.engine.sync.routes.get('GET:/payments').status).toBe('maintenance');
    expect((await admin.call('POST', `/api/revisions/${revision}/revert`, { force: true }, root)).status).toBe(200);
    expect(admin.engine.sync.routes.get('GET:/payments').status).toBe('active');
  });

  it.each([
    ['that never were', 'POST', '/api/revisions/4711/revert', 404],
    ['that are no numbers', 'POST', '/api/revisions/latest/revert', 400],
    ['between nothing', 'GET', '/api/revisions/diff', 400],
    ['between things that are no numbers', 'GET', '/api/revisions/diff?from=-1', 400],
  ])('%s are refused', async (_what, method, path, status) => {
    expect((await admin.call(method, path, undefined, root)).status).toBe(status);
  });

  it('of other services are neither shown to nor taken back by who is confined to one', async () => {
    const shop = await admin.signIn('operator-shop', 'shop');
    const theirs = await admin.engine.routes.disable('other:GET:/cart');
    const own = await admin.engine.routes.disable('shop:GET:/cart');
    const everything = await admin.engine.maintenance.enable();
    for (const { revision } of [theirs, everything])
      expect((await admin.call('POST', `/api/revisions/${revision}/revert`, { force: true }, shop)).status).toBe(403);
    const diff = await admin.call('GET', `/api/revisions/diff?from=${theirs.revision - 1}`, undefined, shop);
    expect((diff.json as { records: { path: string }[] }).records.map(({ path }) => path)).toEqual(['shop:GET:/cart']);
    expect((await admin.call('POST', `/api/revisions/${own.revision}/revert`, undefined, shop)).status).toBe(200);
    expect(admin.engine.sync.routes.get('shop:GET:/cart').status).toBe('active');
    expect(admin.engine.sync.routes.get('other:GET:/cart').status).toBe('disabled');
  });
});

describe('webhooks over REST', () => {
  let admin: AdminApp;
  let root: Record<string, string>;
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await Receiver.start();
    admin = await startAdmin('express', {
      admin: { auth: USERS },
      waygate: { webhooks: { allow: ['127.0.0.1'] } },
    });
    root = await admin.signIn();
  });

  afterEach(async () => {
    await admin.app.close();
    await receiver.stop();
  });

  const add = (body: object) => admin.call('POST', '/api/webhooks', body, root);

  it('are added with a secret that is shown once and signs what is sent', async () => {
    const made = await add({ name: 'ops', url: receiver.url, events: ['disable'] });
    const { secret } = made.json as { secret: string };
    expect(made).toMatchObject({ status: 201, json: { key: 'ops', url: receiver.url, events: ['disable'], enabled: true } });
    expect(secret).toMatch(/^whsec_/);
    await admin.engine.routes.disable('GET:/payments', { reason: 'hotfix' });
    await expect.poll(() => receiver.received.length).toBe(1);
    const [received] = receiver.received;
    expect(() => new Webhook(secret).verify(received?.body ?? '', received?.headers as Record<string, string>)).not.toThrow();
    for (const path of ['/api/webhooks', '/api/webhooks/ops', '/api/revisions', '/api/audit', '/api/sdk/snapshot'])
      expect((await admin.call('GET', path, undefined, root)).text).not.toContain(secret);
    const again = await add({ name: 'ops', url: receiver.url });
    expect(again).toMatchObject({ status: 200, json: { key: 'ops', secret: null, events: ['disable'] } });
  });

  it('show what was delivered, and deliver it again', async () => {
    await add({ name: 'ops', url: receiver.url });
    await admin.engine.routes.disable('GET:/payments', { actor: 'alice' });
    const deliveries = async (query: string) =>
      (await admin.call('GET', `/api/webhooks/${query}`, undefined, root)).json as { deliveries: { id: string }[] };
    await expect
      .poll(async () => (await deliveries('ops/deliveries?state=delivered')).deliveries)
      .toMatchObject([
        { webhook: 'ops', event: 'disable', path: 'GET:/payments', actor: 'alice', attempts: 1, last_status: 204 },
      ]);
    const id = (await deliveries('deliveries?webhook=ops')).deliveries[0]?.id ?? '';
    expect((await admin.call('POST', `/api/webhooks/deliveries/${id}/resend`, undefined, root)).status).toBe(200);
    await expect.poll(() => receiver.ids).toEqual([id, id]);
  });

  it('are changed only from the revision that was read, switched, tested, rotated and removed', async () => {
    await add({ name: 'ops', url: receiver.url });
    const patch = (revision: number) =>
      admin.call('PATCH', '/api/webhooks/ops', { description: 'for us' }, { ...root, 'if-match': `"${revision}"` });
    const { revision } = (await admin.call('GET', '/api/webhooks/ops', undefined, root)).json as { revision: number };
    expect((await patch(revision)).json).toMatchObject({ description: 'for us', url: receiver.url });
    expect((await patch(revision)).status).toBe(412);
    const post = (what: string, body?: object) => admin.call('POST', `/api/webhooks/ops/${what}`, body, root);
    expect((await post('disable', { reason: 'noisy' })).json).toMatchObject({ enabled: false, disabled_reason: 'noisy' });
    expect((await post('enable')).json).toMatchObject({ enabled: true, disabled_reason: '' });
    expect((await post('test')).json).toEqual({ ok: true, status: 204, error: '' });
    expect(receiver.events).toMatchObject([{ event: 'test' }]);
    const rotated = (await post('rotate-secret', { overlap: '0' })).json as { secret: string; secrets: object[] };
    expect([rotated.secret.startsWith('whsec_'), rotated.secrets.length]).toEqual([true, 1]);
    expect((await admin.call('DELETE', '/api/webhooks/ops', undefined, root)).json).toEqual({ ok: true });
    expect((await admin.call('GET', '/api/webhooks/ops', undefined, root)).status).toBe(404);
  });

  it.each([
    ['without a URL', {}, 'url is required'],
    ['to this machine', { url: 'https://localhost/x' }, 'url: '],
    ['by http', { url: 'http://example.com/x' }, 'url: '],
    ['with an unknown format', { url: 'https://example.com/x', formatter: 'fax' }, 'formatter: '],
    ['with a weak secret', { url: 'https://example.com/x', secret: 'weak' }, 'secret: '],
    ['under a name that is a path', { url: 'https://example.com/x', name: 'deliveries' }, 'name: '],
  ])('are refused %s', async (_what, body, error) => {
    const answer = await add(body);
    expect(answer.status).toBe(400);
    expect((answer.json as { error: string }).error).toContain(error);
    expect(await admin.engine.webhooks.list()).toEqual([]);
  });

  it('hide from operators where they lead, and from viewers that there are any', async () => {
    await add({ name: 'ops', url: `${receiver.url}?token=hidden` });
    const shown = await admin.call('GET', '/api/webhooks', undefined, await admin.signIn('operator', 'operator'));
    expect([shown.status, shown.text.includes('hidden')]).toEqual([200, false]);
    expect((await admin.call('GET', '/api/webhooks', undefined, await admin.signIn('viewer', 'viewer'))).status).toBe(403);
  });

  it('never appear in a stream or a snapshot, and tokens neither', async () => {
    const stream = await fetch(`${admin.url}/waygate/api/sdk/events`, { headers: root });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    const read = (async () => {
      for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) told += piece.value;
    })().catch(() => undefined);
    const { secret } = (await add({ name: 'ops', url: receiver.url })).json as { secret: string };
    const { token } = (await admin.call('POST', '/api/tokens', { name: 'ci', role: 'viewer' }, root)).json as { token: string };
    await admin.call('POST', '/api/auth/logout', undefined, await admin.signIn());
    await admin.engine.routes.disable('GET:/payments', { reason: 'the last of all' });
    await expect.poll(() => told).toContain('the last of all');
    const snapshot = (await admin.call('GET', '/api/sdk/snapshot', undefined, root)).text;
    for (const text of [told, snapshot])
      for (const hidden of ['webhook', 'token', 'revocation', secret, token, receiver.url]) expect(text).not.toContain(hidden);
    await reader?.cancel();
    await read;
  });
});

describe('what is planned', () => {
  let admin: AdminApp;
  let root: Record<string, string>;
  /** Epoch ms; a Sunday. */
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2027-01-03T12:00:00Z');
    admin = await startAdmin('express', { admin: { auth: USERS }, waygate: { clock: () => now } });
    root = await admin.signIn();
  });

  afterEach(() => admin.app.close());

  const call = async (method: string, path: string, body?: object) => {
    const answer = await admin.call(method, path, body, root);
    return { status: answer.status, json: answer.json as Record<string, unknown> };
  };
  const upcoming = async (headers = root) =>
    (await admin.call('GET', '/api/schedule', undefined, headers)).json as Record<string, unknown>[];

  it('recurs in its own time zone, and can be taken back', async () => {
    const recurrence = { cron: '0 2 * * 1', duration: '2h', time_zone: 'Europe/Berlin' };
    const planned = await call('POST', `/api/routes/${PAYMENTS}/schedule`, { reason: 'weekly', recurrence });
    expect(planned).toMatchObject({
      status: 200,
      json: {
        status: 'active',
        next_change: '2027-01-04T01:00:00Z',
        window: { start: '2027-01-04T01:00:00Z', end: '2027-01-04T03:00:00Z', reason: 'weekly' },
      },
    });
    expect(await upcoming()).toEqual([
      {
        at: '2027-01-04T01:00:00Z',
        path: 'GET:/payments',
        service: null,
        kind: 'route',
        change: 'window_opened',
        reason: 'weekly',
      },
    ]);
    now = Date.parse('2027-01-04T01:30:00Z');
    expect((await call('GET', `/api/routes/${PAYMENTS}`)).json).toMatchObject({ status: 'maintenance' });
    expect(await upcoming()).toMatchObject([{ at: '2027-01-04T03:00:00Z', change: 'window_closed' }]);
    await call('DELETE', `/api/routes/${PAYMENTS}/schedule`);
    expect(await upcoming()).toEqual([]);
  });

  it.each(['/api/global', '/api/services/shop/maintenance'])('%s is scheduled, shown and cancelled', async (path) => {
    const start = '2027-01-03T13:00:00Z';
    const planned = await call('POST', `${path}/schedule`, { start, end: '2027-01-03T14:00:00Z', exempt_paths: ['/health'] });
    expect(planned).toMatchObject({
      status: 200,
      json: { enabled: false, window: { start, end: '2027-01-03T14:00:00Z', recurrence: null }, next_change: start },
    });
    now = Date.parse('2027-01-03T13:00:00Z');
    expect((await call('GET', path)).json).toMatchObject({ enabled: true, exempt_paths: ['/health'] });
    expect((await call('DELETE', `${path}/schedule`)).json).toMatchObject({ enabled: false, window: null, next_change: null });
    const recurrence = { cron: '0 3 * * *', duration: '30m' };
    expect((await call('POST', `${path}/schedule`, { recurrence })).json).toMatchObject({
      window: { recurrence: { cron: '0 3 * * *', duration_ms: 1_800_000, time_zone: 'UTC' } },
      next_change: '2027-01-04T03:00:00Z',
    });
  });

  it.each([
    ['enable', `/api/routes/${PAYMENTS}/enable`, {}],
    ['disable', `/api/routes/${PAYMENTS}/disable`, {}],
    ['maintenance', `/api/routes/${PAYMENTS}/maintenance`, {}],
    ['env', `/api/routes/${PAYMENTS}/env`, { envs: ['dev'] }],
    ['global maintenance', '/api/global/enable', {}],
    ['maintenance of a service', '/api/services/shop/maintenance/enable', {}],
    ['a limit', '/api/rate-limits', { path: '/payments', limit: '1/minute' }],
    ['the limit over everything', '/api/global-rate-limit', { limit: '1/minute' }],
    ['the limit over a service', '/api/services/shop/rate-limit', { limit: '1/minute' }],
  ])('%s ends by itself, after a length of time or at a moment', async (_what, path, body) => {
    const both = await call('POST', path, { ...body, expires_in: '1h', expires_at: '2027-01-03T13:00:00Z' });
    expect(both).toMatchObject({ status: 400, json: { error: expect.stringContaining('expires_in') as string } });
    expect((await call('POST', path, { ...body, expires_at: '2026-01-01' })).status).toBe(400);
    expect(await upcoming()).toEqual([]);
    // An enable of what is enabled changes nothing that anybody could see later.
    await admin.engine.routes.disable('GET:/payments', { reason: 'before' });
    expect((await call('POST', path, { ...body, expires_in: '1h' })).status).toBeLessThan(300);
    expect(await upcoming()).toMatchObject([{ at: '2027-01-03T13:00:00Z', change: 'override_expired' }]);
    now = Date.parse('2027-01-03T13:00:00Z');
    expect((await call('GET', `/api/routes/${PAYMENTS}`)).json).toMatchObject({ status: 'disabled', reason: 'before' });
    expect((await call('GET', '/api/global')).json).toMatchObject({ enabled: false });
    expect((await call('GET', '/api/rate-limits')).json).toEqual([]);
    expect((await call('GET', '/api/global-rate-limit')).json).toMatchObject({ policy: null });
  });

  it('pauses the limit over everything for a time', async () => {
    await call('POST', '/api/global-rate-limit', { limit: '1/minute' });
    await call('POST', '/api/global-rate-limit/disable', { expires_in: '10m' });
    expect((await call('GET', '/api/global-rate-limit')).json).toMatchObject({ enabled: false });
    now += 600_000;
    expect((await call('GET', '/api/global-rate-limit')).json).toMatchObject({ enabled: true });
  });

  it('is told of flags too, and of one service only to who is confined to it', async () => {
    await admin.engine.reportedRoutes.register([{ key: 'shop:GET:/cart', service: 'shop', declaration: {} }]);
    await admin.engine.routes.disable('shop:GET:/cart', { expiresIn: '3h' });
    await admin.engine.flags.save({
      key: 'checkout',
      name: 'checkout',
      ...ON_OFF,
      fallthrough: 'on',
      scheduledChanges: [{ executeAt: '2027-01-03T14:00:00Z', action: 'enable' }],
    });
    expect(await upcoming()).toMatchObject([
      { at: '2027-01-03T14:00:00Z', path: 'flag:checkout', change: 'scheduled_change' },
      { at: '2027-01-03T15:00:00Z', path: 'shop:GET:/cart', service: 'shop' },
    ]);
    expect(await upcoming(await admin.signIn('operator-shop', 'shop'))).toMatchObject([{ path: 'shop:GET:/cart' }]);
  });

  it('of limits has every field of a policy, also over everything', async () => {
    const policy = {
      limit: '10/minute',
      algorithm: 'token_bucket',
      key_strategy: 'user',
      on_missing_key: 'block',
      burst: 3,
      mode: 'shadow',
      tiers: [{ name: 'pro', limit: 'unlimited' }],
      tier_resolver: 'plan',
      exempt_ips: ['10.0.0.0/8'],
      exempt_roles: ['ops'],
      cost: 2,
      on_store_error: 'deny',
    };
    const expires = { expires_in: '1h' };
    const answered = { ...policy, expires_at: '2027-01-03T13:00:00Z' };
    expect(
      (await call('POST', '/api/rate-limits', { path: '/payments', name: 'main', ...policy, ...expires })).json,
    ).toMatchObject({
      ...answered,
      name: 'main',
    });
    expect((await call('POST', '/api/global-rate-limit', { ...policy, ...expires })).json).toMatchObject(answered);
  });

  it.each([
    ['no times', {}, 'start and end are required'],
    ['half of them', { start: '2028-01-01' }, 'start and end are required'],
    ['no dates', { start: 'soon', end: 'later' }, 'Invalid datetime for start/end'],
    ['a recurrence that is none', { recurrence: 'daily' }, 'recurrence'],
    ['a wrong cron', { recurrence: { cron: 'x', duration: '1h' } }, 'recurrence.cron'],
    ['no length', { recurrence: { cron: '0 1 * * *' } }, 'recurrence: duration'],
    ['an unknown zone', { recurrence: { cron: '0 1 * * *', duration: '1h', time_zone: 'Mars' } }, 'recurrence.time_zone'],
  ])('is refused with %s', async (_what, body, message) => {
    for (const path of [`/api/routes/${PAYMENTS}/schedule`, '/api/global/schedule']) {
      const refused = await call('POST', path, body);
      expect([refused.status, String(refused.json['error'])]).toEqual([400, expect.stringContaining(message)]);
    }
  });
});

describe('explaining a request', () => {
  let admin: AdminApp;
  let root: Record<string, string>;

  beforeEach(async () => {
    admin = await startAdmin('express', { admin: { auth: USERS } });
    root = await admin.signIn();
  });

  afterEach(() => admin.app.close());

  const explain = async (path: string, more: object = {}, headers = root) => {
    const answer = await admin.call('POST', '/api/explain', { method: 'GET', path, ...more }, headers);
    return { status: answer.status, json: answer.json as Record<string, unknown> };
  };

  it('finds the route, and says what lets the request through', async () => {
    expect((await explain('/items/%31?x=1')).json).toEqual({
      route: 'GET:/items/:id',
      service: null,
      also_matching: [],
      outcome: 'allow',
      block: null,
      deprecated: false,
      steps: [
        { check: 'global_maintenance', outcome: 'pass', why: 'off', block: null },
        { check: 'service_maintenance', outcome: 'pass', why: 'off', block: null },
        { check: 'route', outcome: 'pass', why: 'open', block: null },
      ],
      limits: [],
    });
    expect(await explain('/nowhere')).toMatchObject({ status: 404, json: { error: 'No route answers GET /nowhere' } });
    expect((await explain('/payments', { method: 'HEAD' })).json).toMatchObject({ route: 'GET:/payments' });
    expect((await explain('/payments', { method: 'POST' })).status).toBe(404);
  });

  it('says what stops the request and what else would, as requests see it', async () => {
    await admin.engine.routes.setEnvironments('GET:/payments', ['prod']);
    await admin.engine.maintenance.enable({ reason: 'moving', exempt: ['/items/:id'] });
    expect((await explain('/payments')).json).toMatchObject({
      outcome: 'block',
      block: { kind: 'maintenance', scope: 'global', reason: 'moving' },
      steps: [
        { check: 'global_maintenance', outcome: 'block' },
        { check: 'service_maintenance', outcome: 'pass' },
        { check: 'route', outcome: 'block', why: 'env_gated', block: { allowed_envs: ['prod'] } },
      ],
    });
    const passes = async (path: string) => ((await explain(path)).json['steps'] as { why: string }[])[0]?.why;
    expect([await passes('/items/1'), await passes('/vital')]).toEqual(['exempt', 'force_active']);
    expect((await explain('/nowhere')).json).toMatchObject({ route: null, outcome: 'block', block: { scope: 'global' } });
    for (const [path, status] of [
      ['/payments', 503],
      ['/items/1', 200],
      ['/vital', 200],
      ['/nowhere', 503],
    ] as const)
      expect((await admin.request(path)).status).toBe(status);
  });

  it('says which limits count the request, and counts nothing', async () => {
    await admin.engine.rateLimits.global.set({ limit: '1/minute' });
    await admin.engine.rateLimits.set('GET:/payments', {
      name: 'plan',
      limit: '2/minute',
      key: 'user',
      tiers: [{ name: 'pro', limit: '9/minute' }],
      exemptRoles: ['ops'],
    });
    const limits = async (more: object) => (await explain('/payments', { ip: '10.0.0.1', ...more })).json['limits'];
    for (let i = 0; i < 3; i++)
      expect(await limits({ user: 'alice', attributes: { plan: 'pro' } })).toMatchObject([
        { scope: 'global', name: 'default', result: 'count', caller: '10.0.0.1', limit: '1/minute' },
        { scope: 'route', name: 'plan', phase: 'identity', result: 'count', caller: 'alice', tier: 'pro', limit: '9/minute' },
      ]);
    expect(await limits({})).toMatchObject([{}, { result: 'exempt', caller: null }]);
    expect(await limits({ user: 'bob', roles: ['ops'] })).toMatchObject([{}, { result: 'exempt' }]);
    expect((await admin.request('/payments')).status).toBe(200);
    expect((await admin.request('/payments')).status).toBe(429);
  });

  it('says that a caller who is over a limit would be refused, when the limit resets, and counts nothing', async () => {
    await admin.engine.rateLimits.set('GET:/payments', { limit: '2/minute' });
    const ask = async () => (await explain('/payments', { ip: '127.0.0.1' })).json;
    expect(await ask()).toMatchObject({ outcome: 'allow', limits: [{ usage: { used: 0, limit: 2, refuses: false } }] });
    for (const status of [200, 200, 429]) expect((await admin.request('/payments')).status).toBe(status);
    for (let i = 0; i < 2; i++)
      expect(await ask()).toMatchObject({
        outcome: 'block',
        block: { kind: 'rate_limited', scope: 'route', reason: '2 of 2 used (default: 2/minute)' },
        limits: [{ usage: { used: 2, limit: 2, refuses: true, counted_by: 'process' } }],
      });
    await admin.engine.rateLimits.set('GET:/payments', { limit: '2/minute', mode: 'shadow' });
    expect(await ask()).toMatchObject({ outcome: 'allow' });
  });

  it('finds the one service that answers a path, and lists all of them where there are several', async () => {
    const report = (key: string, service: string) =>
      admin.engine.reportedRoutes.register([{ key: `${service}:GET:${key}`, service, declaration: {} }]);
    await report('/refunds', 'payments-service');
    await report('/cart', 'shop');
    await report('/cart', 'other');
    expect(await explain('/refunds')).toMatchObject({ status: 200, json: { route: 'payments-service:GET:/refunds' } });
    expect(await explain('/cart')).toMatchObject({
      status: 409,
      json: { error: 'Several services answer GET /cart: other, shop. Name one as service' },
    });
    expect((await explain('/cart', { service: 'shop' })).json).toMatchObject({ route: 'shop:GET:/cart' });
  });

  it('knows routes of services, and tells nobody of those that are not theirs', async () => {
    for (const service of ['shop', 'other'])
      await admin.engine.reportedRoutes.register([{ key: `${service}:GET:/cart/{id}`, service, declaration: {} }]);
    await admin.engine.rateLimits.set('shop:GET:/cart/{id}', { limit: '5/minute' });
    expect((await explain('/cart/1', { service: 'shop', ip: '::1' })).json).toMatchObject({
      route: 'shop:GET:/cart/{id}',
      limits: [{ scope: 'route', result: 'count' }],
    });
    const shop = await admin.signIn('operator-shop', 'shop');
    const statuses = [];
    for (const more of [{ service: 'shop' }, { service: 'other' }, {}])
      statuses.push((await explain('/cart/1', more, shop)).status);
    expect(statuses).toEqual([200, 403, 403]);
  });

  it.each([
    ['a path that is none', { path: 'payments' }],
    ['a path that cannot be decoded', { path: '/%zz' }],
    ['a method that is none', { method: 'FETCH' }],
    ['an address that is none', { ip: 'here' }],
  ])('refuses %s', async (_what, more) => {
    expect((await explain('/payments', more)).status).toBe(400);
  });
});

describe.each(PLATFORMS)('figures on %s', (platform) => {
  interface Stats {
    readonly routes: readonly Record<string, unknown>[];
    readonly series: readonly Record<string, unknown>[];
    readonly revisions: readonly Record<string, unknown>[];
  }
  let admin: AdminApp;
  let root: Record<string, string>;

  beforeEach(async () => {
    admin = await startAdmin(platform, { admin: { auth: USERS } });
    root = await admin.signIn();
  });

  afterEach(() => admin.app.close());

  const stats = async (query = '', headers = root) =>
    (await admin.call('GET', `/api/stats${query}`, undefined, headers)).json as Stats;

  it('tell requests, blocks, latencies and changes by route', async () => {
    for (let i = 0; i < 3; i++) await admin.request(`/items/${i}`);
    await admin.engine.routes.disable('GET:/payments', { actor: 'bob' });
    await admin.request('/payments');
    await admin.engine.maintenance.enable({ exempt: ['/items/:id'] });
    await admin.request('/nowhere');
    await expect
      .poll(async () => (await stats()).routes)
      .toMatchObject([
        { path: 'GET:/items/:id', requests: 3, server_errors: 0, blocked: 0 },
        { path: 'GET:/payments', requests: 1, server_errors: 1, blocked: 1 },
        { path: null, blocked: 1 },
      ]);
    const { routes, series, revisions } = await stats('?minutes=5');
    expect(routes[0]?.['p50_ms']).toBeGreaterThan(0);
    expect(routes[0]?.['p95_ms']).toBeGreaterThanOrEqual(Number(routes[0]?.['p50_ms']));
    expect(series).toHaveLength(5);
    expect(series.reduce((sum, { requests }) => sum + Number(requests), 0)).toBe(4);
    expect(revisions).toMatchObject([{ action: 'disable', path: 'GET:/payments', actor: 'bob' }, { path: '__global__' }]);
    expect((await stats('?route=GET:/payments')).routes).toMatchObject([{ path: 'GET:/payments' }]);
    expect((await stats('', await admin.signIn('operator-shop', 'shop'))).routes).toEqual([]);
    expect((await admin.call('GET', '/api/stats?minutes=61', undefined, root)).status).toBe(400);
  });

  it('are not kept where nobody wants them', async () => {
    const silent = await startAdmin(platform, { admin: { auth: USERS, stats: false } });
    await silent.request('/payments');
    expect((await silent.call('GET', '/api/stats', undefined, await silent.signIn())).json).toMatchObject({ routes: [] });
    await silent.app.close();
  });
});

describe.each(PLATFORMS)('bodies on %s', (platform) => {
  let admin: AdminApp;
  let token: Record<string, string>;

  beforeAll(async () => {
    admin = await startAdmin(platform);
    token = await admin.signIn();
    const names = [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ];
    await admin.engine.flags.create({ key: 'f', type: 'boolean', variations: names, offVariation: 'off', fallthrough: 'off' });
    await admin.engine.segments.create({ key: 's' });
  });
  afterAll(() => admin.app.close());

  it.each([
    [
      '/api/tokens',
      { name: 'ci', role: 'viewer', service: ['shop'] },
      /^service is not a field of this; there are expires_at, name/,
    ],
    ['/api/explain', { method: 'GET', path: '/', usr: 'ann' }, /^usr is not a field/],
    ['/api/webhooks', { url: 'https://example.com', event: [] }, /^event is not a field/],
    ['/api/webhooks/none/rotate-secret', { overlp: '0' }, /^overlp is not a field of this; there are overlap, secret$/],
    ['/api/revisions/1/revert', { forse: true }, /^forse is not a field of this; there are force, reason$/],
    ['/api/global/schedule', { start: '2098-01-01', end: '2099-01-01', exempt: [] }, /^exempt is not a field/],
    [
      '/api/global/schedule',
      { recurrence: { cron: '0 2 * * 1', duration: '2h', timezone: 'UTC' } },
      /^recurrence: timezone is not a field of this; there are cron, duration, time_zone$/,
    ],
    ['/api/flags/f/disable', { expire_in: '2h' }, /^expire_in is not a field of this; there are expires_at, expires_in, reason$/],
    ['/api/flags/f/archive', { because: 'x' }, /^because is not a field/],
    ['/api/flags/f/schedule', { action: 'disable', at: '2099-01-01', execute_at: '2099-01-01' }, /^at is not a field/],
    ['/api/flags/f/rollout', { variation: 'on', otherwise: 'off', steps: [{ weight: 1, afer: '1d' }] }, /afer is not a field/],
    ['/api/flags/f/explain', { contxt: {} }, /^contxt is not a field/],
    ['/api/segments/s/include', { keys: [], key: 'x' }, /^key is not a field/],
    ['/api/flags/f/disable', '{nonsense', /^Invalid JSON body$/],
    ['/api/flags/f/disable', '[]', /^JSON body must be an object$/],
  ])('at %s say that a field is misspelled, and change nothing: %j', async (path, body, error) => {
    const before = admin.engine.revision;
    const answer = await admin.call('POST', path, body, token);
    expect(answer).toMatchObject({ status: 400, json: { error: expect.stringMatching(error) as string } });
    expect(admin.engine.revision).toBe(before);
  });

  it('of the wire contract may have fields that nobody knows', async () => {
    const { status, json } = await admin.call('POST', '/api/global/enable', { reason: 'x', later: 1 }, token);
    expect([status, json]).toMatchObject([200, { enabled: true, reason: 'x' }]);
    await admin.call('POST', '/api/global/disable', undefined, token);
  });
});

describe('a change of what was read at an earlier revision', () => {
  let admin: AdminApp;
  let token: Record<string, string>;

  beforeAll(async () => {
    admin = await startAdmin('fastify');
    token = await admin.signIn();
    const variations = [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ];
    const flag = { type: 'boolean' as const, variations, offVariation: 'off', fallthrough: 'off' };
    await admin.engine.flags.create({ ...flag, key: 'f' });
    await admin.engine.flags.schedule('f', { id: 'planned', action: 'enable', executeAt: '2099-01-01' } as never);
    await admin.engine.flags.rollout('f', { variation: 'on', steps: [{ weight: 5, after: '1d' }] });
    await admin.engine.segments.create({ key: 's', rules: [{ id: 'r', clauses: [] }] });
    await admin.engine.maintenance.setExempt(['/health']);
    await admin.engine.maintenance.forService('shop').setExempt(['/health']);
    await admin.engine.rateLimits.global.set({ limit: '5/minute' });
    await admin.engine.rateLimits.forService('shop').set({ limit: '5/minute' });
  });
  afterAll(() => admin.app.close());

  const SEGMENT_RULE = { clauses: [] };
  const EXEMPT = { exempt_paths: ['/other'] };
  it.each([
    ['PATCH', '/api/flags/f', { name: 'x' }],
    ['POST', '/api/flags/f/enable', undefined],
    ['POST', '/api/flags/f/disable', undefined],
    ['POST', '/api/flags/f/archive', undefined],
    ['POST', '/api/flags/f/restore', undefined],
    ['POST', '/api/flags/f/schedule', { action: 'enable', execute_at: '2099-01-01' }],
    ['DELETE', '/api/flags/f/schedule/planned', undefined],
    ['POST', '/api/flags/f/rollout/pause', undefined],
    ['POST', '/api/flags/f/rollout/resume', undefined],
    ['POST', '/api/flags/f/rollout/abort', undefined],
    ['DELETE', '/api/flags/f', undefined],
    ['PUT', '/api/segments/s', { name: 'x' }],
    ['POST', '/api/segments/s/include', { keys: ['ann'] }],
    ['POST', '/api/segments/s/exclude', { keys: ['ann'] }],
    ['POST', '/api/segments/s/forget', { keys: ['ann'] }],
    ['POST', '/api/segments/s/rules', SEGMENT_RULE],
    ['DELETE', '/api/segments/s/rules/r', undefined],
    ['DELETE', '/api/segments/s', undefined],
    ['PUT', '/api/global/exempt', EXEMPT],
    ['POST', '/api/global/enable', undefined],
    ['POST', '/api/global/disable', undefined],
    ['PUT', '/api/services/shop/maintenance/exempt', EXEMPT],
    ['POST', '/api/global-rate-limit', { limit: '6/minute' }],
    ['POST', '/api/global-rate-limit/disable', undefined],
    ['POST', '/api/global-rate-limit/enable', undefined],
    ['DELETE', '/api/global-rate-limit', undefined],
    ['POST', '/api/services/shop/rate-limit/disable', undefined],
    ['POST', '/api/services/shop/rate-limit/enable', undefined],
    ['DELETE', '/api/services/shop/rate-limit', undefined],
  ])('is refused: %s %s', async (method, path, body) => {
    const before = admin.engine.revision;
    const stale = { ...token, 'if-match': '"999999"' };
    expect(await admin.call(method, path, body, stale)).toMatchObject({
      status: 412,
      json: { error: expect.stringContaining('expected revision 999999') as string },
    });
    expect(admin.engine.revision).toBe(before);
  });
});

describe('refused requests', () => {
  let admin: AdminApp;
  let root: Record<string, string>;
  const hit = (route: string) => ({
    id: `hit-of-${route}`,
    at: '2027-01-01T00:00:00Z',
    route,
    method: 'GET',
    caller: '192.0.2.1',
    policy: 'default',
    limit: '1/minute',
    tier: null,
    resetAt: '2027-01-01T00:01:00Z',
    shadow: false,
  });
  const post = async (...routes: string[]) =>
    admin.call('POST', '/api/sdk/hits', { hits: routes.map(hit) }, { ...root, 'x-waygate-app-id': 'shop' });
  const found = async (query: string) =>
    ((await admin.call('GET', `/api/rate-limits/hits${query}`, undefined, root)).json as { path: string }[]).map(
      ({ path }) => path,
    );

  beforeEach(async () => {
    admin = await startAdmin('express', { admin: { auth: USERS } });
    root = await admin.signIn();
    await admin.engine.reportedRoutes.register([{ key: 'shop:GET:/cart', service: 'shop', declaration: {} }]);
  });

  afterEach(() => admin.app.close());

  it.each(['shop:GET:/cart', 'shop:/cart', 'GET:/cart', '/cart'])('are found by their route, written as %s', async (route) => {
    expect((await post('shop:GET:/cart', 'shop:GET:/carts', '')).status).toBe(200);
    expect(await found(`?route=${encodeURIComponent(route)}`)).toEqual(['shop:/cart']);
    expect(await found('')).toHaveLength(3);
  });

  it('of what is no route are not taken, not even from a relay, as nobody could read the log any more', async () => {
    const hits = [hit('shop:GET:/cart'), hit('nowhere')];
    expect(await admin.call('POST', '/api/sdk/hits', { hits }, root)).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('hits[1].route') as string },
    });
    expect(await found('')).toEqual([]);
  });
});
