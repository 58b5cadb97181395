import { mkdtempSync, rmSync } from 'node:fs';
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WaygateServerBackend, type WaygateServerBackendOptions } from '@waygate/client/backend';
import { WaygateEngine, type WaygateEngineOptions } from '@waygate/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, SECRET, startAdmin, type AdminApp, type AdminAppOptions } from '../support/admin-app.js';
import { ON_OFF } from '../support/flag.js';
import { startLegacyServer, type LegacyServerOptions } from '../support/legacy-server.js';
import { freePort } from '../support/free-port.js';
import { OwnTime, Pauses } from '../support/measure.js';
import { LONG_PATIENCE } from '../support/patience.mjs';
import { ServerProcess } from '../support/server-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const open: { close(): Promise<unknown> }[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waygate-sdk-'));
});
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
  rmSync(folder, { recursive: true });
});

async function server(options: AdminAppOptions = {}): Promise<AdminApp> {
  const admin = await startAdmin('express', { controllers: [], ...options, admin: { path: '', ...options.admin } });
  open.push({ close: () => admin.app.close() });
  return admin;
}

/** A process of a service. */
async function service(
  name: string,
  backend: WaygateServerBackendOptions,
  options: WaygateEngineOptions = {},
  routes: readonly string[] = ['GET:/items', 'GET:/payments'],
): Promise<WaygateEngine> {
  const engine = new WaygateEngine({
    backend: new WaygateServerBackend({ appId: name, ...backend }),
    service: name,
    environment: 'test',
    // A server that is there is waited for, however busy the machine is.
    initTimeout: LONG_PATIENCE.timeout,
    ...options,
  });
  open.push(engine);
  await engine.open();
  await engine.routes.register(routes.map((key) => ({ key, declaration: {} })));
  return engine;
}

const limited = async (engine: WaygateEngine, key = 'GET:/items') => {
  const handle = engine.rateLimits.declare(`shop:${key}`, []);
  const outcome = await engine.limit(handle, 'origin', { ip: '192.0.2.1' } as never, 'GET');
  return outcome.outcome === 'block';
};

describe('what was set before a service started holds in it', () => {
  it('maintenance of everything', async () => {
    const { engine, url } = await server();
    await engine.maintenance.enable({ reason: 'moving' });
    const shop = await service('shop', { url, ...ADMIN });
    expect(shop.decide('GET:/items')).toMatchObject({ kind: 'maintenance', scope: 'global', reason: 'moving' });
    expect(shop.decideUnmatched()).toMatchObject({ kind: 'maintenance' });
  });

  it('maintenance of the service, and of no other', async () => {
    const { engine, url } = await server();
    await engine.maintenance.forService('shop').enable({ reason: 'stock-taking', exempt: ['GET:/payments'] });
    const shop = await service('shop', { url, ...ADMIN });
    const other = await service('other', { url, ...ADMIN });
    expect(shop.decide('GET:/items')).toMatchObject({ kind: 'maintenance', scope: 'service', reason: 'stock-taking' });
    expect(shop.decide('GET:/payments').outcome).toBe('allow');
    expect(other.decide('GET:/items').outcome).toBe('allow');
  });

  it('a window that opens and closes by the clock of the service', async () => {
    const { engine, url } = await server();
    await service('shop', { url, ...ADMIN });
    const start = Date.now() + 3_600_000;
    const window = { start: new Date(start).toISOString(), end: new Date(start + 1_000).toISOString() };
    await engine.routes.setMaintenance('shop:GET:/items', { window });
    let now = Date.now();
    const shop = await service('shop', { url, ...ADMIN }, { clock: () => now });
    expect(shop.decide('GET:/items').outcome).toBe('allow');
    now = start + 500;
    expect(shop.decide('GET:/items').outcome).toBe('block');
    now = start + 1_500;
    expect(shop.decide('GET:/items').outcome).toBe('allow');
  });

  it.each(['global', 'service', 'route'] as const)('a %s limit', async (scope) => {
    const { engine, url } = await server();
    await service('shop', { url, ...ADMIN });
    if (scope === 'global') await engine.rateLimits.global.set({ limit: '2/hour' });
    else if (scope === 'service') await engine.rateLimits.forService('shop').set({ limit: '2/hour' });
    else await engine.rateLimits.set('shop:GET:/items', { limit: '2/hour' });
    const shop = await service('shop', { url, ...ADMIN });
    expect([await limited(shop), await limited(shop), await limited(shop)]).toEqual([false, false, true]);
  });

  it('flags and segments', async () => {
    const { engine, url } = await server();
    await engine.segments.save({ key: 'staff', name: 'Staff', included: ['ann'] });
    await engine.flags.save({
      key: 'checkout',
      name: 'Checkout',
      ...ON_OFF,
      fallthrough: 'off',
      rules: [{ clauses: [{ attribute: 'key', operator: 'in_segment', values: ['staff'] }], variation: 'on' }],
    } as never);
    const shop = await service('shop', { url, ...ADMIN });
    expect(shop.sync.flags.evaluate('checkout', { targetingKey: 'ann' })).toMatchObject({ value: true });
    expect(shop.sync.flags.evaluate('checkout', { targetingKey: 'bob' })).toMatchObject({ value: false });
    await engine.flags.disable('checkout');
    await expect.poll(() => shop.sync.flags.evaluate('checkout', { targetingKey: 'ann' })).toMatchObject({ value: false });
  });
});

describe('a service whose server is away when it starts', () => {
  it('decides by the last known good copy, ready within 3 s, and is in step when the server is there', async () => {
    const first = await server();
    const proxy = await TcpProxy.start(first.port);
    open.push({ close: () => proxy.stop() });
    const url = `http://127.0.0.1:${proxy.port}`;
    const snapshotPath = join(folder, 'copy');
    const before = await service('shop', { url, ...ADMIN }, { snapshotPath });
    await first.engine.routes.disable('shop:GET:/items', { reason: 'kept' });
    await expect.poll(() => before.decide('GET:/items').outcome).toBe('block');
    await before.close();
    proxy.freeze();
    const time = new OwnTime();
    const began = time.now();
    const shop = await service('shop', { url, ...ADMIN }, { snapshotPath, initTimeout: 1_000 });
    expect(time.now() - began).toBeLessThan(3_000);
    time.stop();
    expect(shop.health.status).toBe('stale');
    expect(shop.decide('GET:/items')).toMatchObject({ kind: 'disabled', reason: 'kept' });
    await expect(shop.routes.enable('GET:/items')).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    proxy.thaw();
    await expect.poll(() => shop.health.status).toBe('ready');
  });

  it('decides by what its code declares where there is no copy, and registers that later', async () => {
    const port = await freePort();
    const shop = await service('shop', { url: `http://127.0.0.1:${port}`, ...ADMIN }, { initTimeout: 300 }, []);
    await shop.routes.register([{ key: 'GET:/old', declaration: { disabled: { reason: 'gone' } } }]);
    expect(shop.health.status).toBe('stale');
    expect(shop.decide('GET:/old')).toMatchObject({ kind: 'disabled', reason: 'gone' });
    const late = await ServerProcess.start([], { port });
    open.push({ close: () => late.kill9() });
    await expect.poll(() => shop.health.status).toBe('ready');
    const headers = await late.signIn();
    await expect
      .poll(async () => (await late.call('GET', '/api/routes', undefined, headers)).json)
      .toMatchObject([{ path: 'shop:GET:/old', status: 'disabled', reason: 'gone' }]);
  });

  it('says error when that lasts, and decides all the same', async () => {
    const shop = new WaygateEngine({
      backend: new WaygateServerBackend({ appId: 'shop', url: 'http://127.0.0.1:9', ...ADMIN }),
      service: 'shop',
      initTimeout: 100,
      errorAfter: 200,
    });
    open.push(shop);
    const told: string[] = [];
    shop.events.on('health', ({ status }) => told.push(status));
    await shop.open();
    await shop.routes.register([{ key: 'GET:/items', declaration: {} }]);
    await expect.poll(() => shop.health.status).toBe('error');
    expect(told).toContain('error');
    expect(shop.decide('GET:/items').outcome).toBe('allow');
  });
});

describe('tags of its routes', () => {
  it.each(['this server', 'one that knows the wire contract and nothing else'])(
    'reach %s, and go with the code',
    async (kind) => {
      const admin = await server({ admin: { secretKey: SECRET } });
      const legacy = kind === 'this server' ? null : await startLegacyServer(admin.url);
      if (legacy !== null) open.push(legacy);
      const deploy = async (tags: readonly string[]) => {
        const shop = await service('shop', { url: legacy?.url ?? admin.url, ...ADMIN }, {}, []);
        await shop.routes.register([{ key: 'GET:/items', declaration: { tags } }]);
        expect(shop.sync.routes.get('GET:/items').tags).toEqual(tags);
        return shop;
      };
      const known = () => admin.engine.sync.routes.get('shop:GET:/items');
      await (await deploy([])).close();
      await admin.engine.routes.disable('shop:GET:/items', { reason: 'kept' });
      await (await deploy(['billing', 'shop'])).close();
      expect(known()).toMatchObject({ tags: ['billing', 'shop'], reason: 'kept' });
      const { revision } = known();
      await (await deploy(['billing', 'shop'])).close();
      expect(known().revision).toBe(revision);
      await (await deploy([])).close();
      expect(known()).toMatchObject({ tags: [], reason: 'kept' });
    },
  );
});

describe('a service that is not let in', () => {
  const watched = async (admin: AdminApp): Promise<{ url: string; refusals: readonly number[] }> => {
    const refusals: number[] = [];
    const legacy = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      const pass = async () => {
        const { host: _host, connection: _connection, 'content-length': _length, ...headers } = incoming.headers;
        const abort = new AbortController();
        outgoing.on('close', () => abort.abort());
        const answer = await fetch(admin.url + (incoming.url ?? ''), {
          method: incoming.method,
          headers: headers as Record<string, string>,
          signal: abort.signal,
          ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
        }).catch(() => undefined);
        if (answer === undefined) return void outgoing.destroy();
        if (answer.status === 401 || answer.status === 403) refusals.push(Date.now());
        outgoing.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        try {
          for await (const chunk of answer.body ?? []) outgoing.write(chunk);
          outgoing.end();
        } catch {
          outgoing.destroy();
        }
      };
      incoming.on('end', () => void pass());
    });
    await new Promise<void>((resolve) => legacy.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () => {
        legacy.closeAllConnections();
        return new Promise((resolve) => legacy.close(resolve));
      },
    });
    return { url: `http://127.0.0.1:${(legacy.address() as AddressInfo).port}`, refusals };
  };

  it('asks at most twice a minute with a wrong password, and starts all the same', async () => {
    const { url, refusals } = await watched(await server());
    const shop = await service('shop', { url, username: 'admin', password: 'wrong' }, { initTimeout: 1_000 });
    expect(shop.health).toMatchObject({ status: 'stale' });
    expect(shop.decide('GET:/items').outcome).toBe('allow');
    await expect.poll(() => refusals.length, { timeout: 90_000, interval: 200 }).toBe(2);
    const [first = 0, second = 0] = refusals;
    expect(second - first).toBeGreaterThan(29_000);
  }, 120_000);

  it('loses its stream at once when its token is revoked, and does not come back in a hurry', async () => {
    const admin = await server();
    const { url, refusals } = await watched(admin);
    const { token, view } = await admin.engine.access.createToken({ name: 'shop', role: 'sdk', services: ['shop'] });
    const shop = await service('shop', { url, token, reconnectDelay: 50 });
    expect(shop.health.status).toBe('ready');
    await admin.engine.access.revokeToken(view.id);
    await expect.poll(() => shop.health.status, { timeout: 3_000 }).toBe('stale');
    const began = Date.now();
    await expect.poll(() => Date.now() - began, { interval: 500 }).toBeGreaterThan(8_000);
    expect(refusals).toHaveLength(1);
    expect(shop.health.reason).toMatch(/does not let this process in/);
  });

  it('signs in anew when its session has run out', async () => {
    const admin = await server({ admin: { sdkTokenExpiry: '2s' } });
    const shop = await service('shop', { url: admin.url, ...ADMIN, reconnectDelay: 50 });
    const began = Date.now();
    await expect.poll(() => Date.now() - began).toBeGreaterThan(2_500);
    await shop.routes.disable('GET:/items', { reason: 'by a new session' });
    expect(admin.engine.decide('shop:GET:/items')).toMatchObject({ reason: 'by a new session' });
  });
});

describe('a token of one service', () => {
  let admin: AdminApp;
  let headers: Record<string, string>;
  let close: () => Promise<unknown>;

  beforeAll(async () => {
    // Deliveries to where nobody is would be noted at any time.
    admin = await startAdmin('express', { controllers: [], admin: { path: '' }, waygate: { webhooks: { deliver: false } } });
    close = () => admin.app.close();
    for (const name of ['shop', 'other']) {
      await admin.engine.reportedRoutes.register([{ key: `${name}:GET:/items`, service: name, declaration: {} }]);
      await admin.engine.maintenance.forService(name).enable({ reason: `of ${name}` });
      await admin.engine.rateLimits.set(`${name}:GET:/items`, { limit: '5/minute' });
    }
    await admin.engine.webhooks.add('https://hooks.example/secret-path', { name: 'hook' });
    const { token } = (await admin.engine.access.createToken({
      name: 'shop-token',
      role: 'sdk',
      services: ['shop'],
    })) as never as {
      token: string;
    };
    headers = { 'x-waygate-token': token };
  });
  afterAll(() => close());

  it('reads its own state and what concerns all, and no secret of anybody', async () => {
    const { status, text, json } = await admin.call('GET', '/api/sdk/records', undefined, headers);
    expect(status).toBe(200);
    const { records } = json as { records: { kind: string; key: string }[] };
    expect(records.map(({ kind, key }) => `${kind} ${key}`).toSorted()).toEqual(
      ['maintenance shop', 'rate-limit shop:GET:/items', 'route shop:GET:/items'].toSorted(),
    );
    expect(text).not.toMatch(/other|hooks\.example|shop-token/);
  });

  it.each(['/api/sdk/records', '/api/sdk/records/changes', '/api/sdk/audit', '/api/sdk/hits'])(
    'is refused for another service: %s',
    async (path) => {
      expect((await admin.call('GET', path, undefined, { ...headers, 'x-waygate-app-id': 'other' })).status).toBe(403);
    },
  );

  it('reads its own audit entries only', async () => {
    const { json } = await admin.call('GET', '/api/sdk/audit?service=other&limit=100', undefined, headers);
    const { items } = json as { items: { service: string; kind: string }[] };
    expect(items.length).toBeGreaterThan(0);
    expect(new Set(items.map(({ service }) => service))).toEqual(new Set(['shop']));
  });

  const value = (service: string | null) => ({
    service,
    declared: { state: 'active', reason: '', window: null, environments: null, deprecation: null, forceActive: false },
    override: null,
  });
  const maintenance = {
    enabled: true,
    reason: 'x',
    exempt: [],
    includeForceActive: false,
    window: null,
    setAt: null,
    setBy: null,
    beneath: null,
  };

  it.each([
    ['a route of another service', { kind: 'route', key: 'other:GET:/new', expected: 0, value: value('other') }, 403],
    ['a route of no service', { kind: 'route', key: 'GET:/new', expected: 0, value: value(null) }, 403],
    ['its own key in the name of another', { kind: 'route', key: 'shop:GET:/new', expected: 0, value: value('other') }, 403],
    ['another spelling of its key', { kind: 'route', key: 'shop:get:/new', expected: 0, value: value('shop') }, 403],
    ['maintenance of everything', { kind: 'maintenance', key: '*', expected: 0, value: maintenance }, 403],
    ['maintenance of another service', { kind: 'maintenance', key: 'other', expected: 2, value: maintenance }, 403],
    ['a limit over everything', { kind: 'limit-scope', key: '*', expected: 0, value: {} }, 403],
    ['a flag', { kind: 'flag', key: 'f', expected: 0, value: {} }, 403],
    ['a token', { kind: 'token', key: 't', expected: 0, value: {} }, 403],
    ['a webhook', { kind: 'webhook', key: 'hook', expected: 0, value: null }, 403],
    [
      'an edge',
      { kind: 'edge', key: 'route shop:GET:/items', expected: 0, value: { recordedUntil: '2026-01-01T00:00:00Z' } },
      403,
    ],
    [
      'what nobody could decide by',
      { kind: 'route', key: 'shop:GET:/new', expected: 0, value: { service: 'shop', declared: 5 } },
      400,
    ],
    ['a kind there is not', { kind: 'nonsense', key: 'x', expected: 0, value: {} }, 403],
    ['its maintenance without an audit entry', { kind: 'maintenance', key: 'shop', expected: 2, value: maintenance }, 400],
  ])('cannot write %s', async (_what, write, status) => {
    // That the token was used is noted meanwhile.
    const known = () => admin.engine.replication.snapshot.toImage().records.filter(({ kind }) => kind !== 'token');
    const before = known();
    const answer = await admin.call('POST', '/api/sdk/commit', { writes: [write], audit: [] }, headers);
    expect([answer.status, typeof (answer.json as { error?: unknown }).error]).toEqual([status, 'string']);
    expect(known()).toEqual(before);
  });

  it('writes nothing of a change set of which one part is refused', async () => {
    const writes = [
      { kind: 'route', key: 'shop:GET:/half', expected: 0, value: value('shop') },
      { kind: 'route', key: 'other:GET:/half', expected: 0, value: value('other') },
    ];
    expect((await admin.call('POST', '/api/sdk/commit', { writes, audit: [] }, headers)).status).toBe(403);
    expect(admin.engine.sync.routes.list().map(({ key }) => key)).not.toContain('shop:GET:/half');
  });

  it('signs what it changes by its own name, whatever it says', async () => {
    const shop = new WaygateEngine({
      backend: new WaygateServerBackend({ url: admin.url, appId: 'shop', token: headers['x-waygate-token'] ?? '' }),
      service: 'shop',
      initTimeout: LONG_PATIENCE.timeout,
    });
    await shop.open();
    await shop.routes.disable('GET:/items', { actor: 'the-boss', platform: 'dashboard', reason: 'said so' });
    await shop.close();
    const [entry] = (await admin.engine.audit.list({ limit: 1 })).items;
    expect(entry).toMatchObject({ actor: 'shop-token', platform: 'sdk', reason: 'said so', service: 'shop', action: 'disable' });
    expect(entry?.before).toMatchObject({ override: null });
    expect(admin.engine.sync.routes.get('shop:GET:/items').override).toMatchObject({ setBy: 'shop-token' });
  });

  it('does not change flags from within a process, and says why', async () => {
    const shop = new WaygateEngine({
      backend: new WaygateServerBackend({ url: admin.url, appId: 'shop', token: headers['x-waygate-token'] ?? '' }),
      service: 'shop',
      initTimeout: LONG_PATIENCE.timeout,
    });
    await shop.open();
    await expect(shop.segments.save({ key: 's', name: 'S' } as never)).rejects.toMatchObject({ code: 'CHANGE_REFUSED' });
    await shop.close();
  });

  it('may send more than other requests where it commits, and nobody unknown may', async () => {
    const writes = Array.from({ length: 1_000 }, (_, i) => ({
      kind: 'route',
      key: `shop:GET:/many/${i}`,
      expected: 0,
      value: value('shop'),
    }));
    const body = { writes, audit: [] };
    expect(JSON.stringify(body).length).toBeGreaterThan(256 * 1024 - 60_000);
    const padded = { ...body, writes: [...writes, { ...writes[0], key: `shop:GET:/${'x'.repeat(900)}` }] };
    const large = JSON.stringify(padded) + ' '.repeat(200_000);
    expect((await admin.call('POST', '/api/sdk/commit', large, headers)).status).toBe(200);
    expect((await admin.call('POST', '/api/sdk/commit', large, { 'x-waygate-token': 'nobody' })).status).toBe(413);
    expect((await admin.call('POST', '/api/sdk/register', large, headers)).status).toBe(413);
  });
});

describe('how far an instance is', () => {
  let admin: AdminApp;
  let headers: Record<string, string>;

  beforeEach(async () => {
    admin = await server();
    for (const name of ['shop', 'other'])
      await admin.engine.reportedRoutes.register([{ key: `${name}:GET:/items`, service: name, declaration: {} }]);
    headers = await admin.signIn();
  });

  /** Follows as an instance of `shop`. @returns reads what it is told next */
  async function follow(position: string): Promise<() => Promise<string>> {
    const stop = new AbortController();
    open.push({ close: async () => stop.abort() });
    const response = await fetch(`${admin.url}/api/sdk/records/changes?${position}`, {
      headers: { ...headers, 'x-waygate-app-id': 'shop', 'x-waygate-instance': 'shop-1' },
      signal: stop.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    return async () => (await reader?.read())?.value ?? '';
  }

  const listed = async () => {
    const { json } = await admin.call('GET', '/api/instances', undefined, headers);
    const { revision, instances } = json as { revision: number; instances: { revision: number }[] };
    return { latest: revision, instance: instances[0]?.revision };
  };

  it('counts changes that do not concern it, and none that does before it says so', async () => {
    const { revision, epoch } = admin.engine.replication.snapshot;
    const next = await follow(`since=${revision}&epoch=${epoch}`);
    expect(await next()).toMatch(/"resumed":true/);
    await admin.engine.routes.disable('other:GET:/items');
    await expect.poll(listed).toEqual({ latest: revision + 1, instance: revision + 1 });
    await admin.engine.routes.disable('shop:GET:/items');
    expect(await next()).toMatch(`"revision":${revision + 2},`);
    expect(await listed()).toEqual({ latest: revision + 2, instance: revision + 1 });
    const report = { id: 'shop-1', revision: revision + 2 };
    await admin.call('POST', '/api/sdk/instances', report, { ...headers, 'x-waygate-app-id': 'shop' });
    await admin.engine.routes.enable('other:GET:/items');
    await expect.poll(listed).toEqual({ latest: revision + 3, instance: revision + 3 });
  });

  it.each([
    ['another store', 'since=150&epoch=another'],
    ['a newer state than there is', 'since=150'],
  ])('is not known where it comes from %s', async (_where, position) => {
    const next = await follow(position);
    expect(await next()).toMatch(/"resumed":false/);
    await admin.engine.routes.disable('other:GET:/items');
    expect(await listed()).toMatchObject({ instance: 0 });
  });
});

describe('a relay of a relay', () => {
  it('keeps services in step with the server at the root, and passes on what they change', async () => {
    const root = await server();
    const relays: AdminApp[] = [];
    for (const above of [root, 0]) {
      const { url } = above === 0 ? (relays[0] as AdminApp) : (above as AdminApp);
      const backend = new WaygateServerBackend({ url, ...ADMIN, reconnectDelay: 200 });
      relays.push(await server({ waygate: { backend, initTimeout: LONG_PATIENCE.timeout } }));
    }
    const [, near] = relays as [AdminApp, AdminApp];
    const shop = await service('shop', { url: near.url, ...ADMIN });
    expect(root.engine.sync.routes.list().map(({ key }) => key)).toContain('shop:GET:/items');

    await root.engine.routes.disable('shop:GET:/items', { reason: 'from the root', actor: 'ann' });
    await expect.poll(() => shop.decide('GET:/items')).toMatchObject({ reason: 'from the root' });
    await shop.routes.enable('GET:/items', { reason: 'from the leaf' });
    expect(root.engine.decide('shop:GET:/items').outcome).toBe('allow');
    const [entry] = (await root.engine.audit.list({ limit: 1 })).items;
    expect(entry).toMatchObject({ actor: 'admin', platform: 'sdk', reason: 'from the leaf', service: 'shop' });

    await near.engine.flags.save({
      key: 'f',
      name: 'F',
      ...ON_OFF,
      fallthrough: 'on',
    } as never);
    await expect.poll(() => root.engine.sync.flags.list().map(({ key }) => key)).toEqual(['f']);
    expect((await near.engine.audit.list({ limit: 3 })).items.map(({ id }) => id)).toEqual(
      (await root.engine.audit.list({ limit: 3 })).items.map(({ id }) => id),
    );
  });

  it('honours tokens made at the root, and their revocation', async () => {
    const root = await server();
    const relay = await server({
      waygate: {
        backend: new WaygateServerBackend({ url: root.url, ...ADMIN, reconnectDelay: 200 }),
        initTimeout: LONG_PATIENCE.timeout,
      },
    });
    const { token, view } = await root.engine.access.createToken({ name: 'shop', role: 'sdk', services: ['shop'] });
    const headers = { 'x-waygate-token': token };
    await expect.poll(async () => (await relay.call('GET', '/api/sdk/records', undefined, headers)).status).toBe(200);
    await root.engine.access.revokeToken(view.id);
    await expect
      .poll(async () => (await relay.call('GET', '/api/sdk/records', undefined, headers)).status, { timeout: 2_000 })
      .toBe(401);
  });
});

describe('200 processes that lose their server at the same moment', () => {
  it('come back spread out: at most a tenth of them in any 100 ms', async () => {
    const root = await ServerProcess.start();
    open.push({ close: () => root.kill9() });
    const proxy = await TcpProxy.start(root.port);
    open.push({ close: () => proxy.stop() });
    const login = await root.signIn({ platform: 'sdk' }, { 'x-waygate-app-id': 'shop' });
    const crowd = JSON.stringify({ url: `http://127.0.0.1:${proxy.port}`, token: login['x-waygate-token'], count: 200 });
    const child = fork('test/support/sdk-crowd.mjs', { env: { ...process.env, CROWD: crowd } });
    open.push({ close: async () => void child.kill('SIGKILL') });
    const pauses = new Pauses(60);
    let ready = 0;
    child.on('message', (message: { ready: number; at: number }) => {
      ({ ready } = message);
      pauses.sign(message.at);
    });
    await expect.poll(() => ready, { timeout: 150_000 }).toBe(200);
    /** The server is away for a moment. @returns how many came back within the busiest 100 ms in which the machine did not stand still */
    const outage = async (): Promise<number> => {
      await root.kill9();
      proxy.cut();
      await expect.poll(() => ready).toBe(0);
      proxy.connections.length = 0;
      await root.restart();
      await expect.poll(() => ready, { timeout: 150_000 }).toBe(200);
      const streams = proxy.connections.filter(({ head }) => head.startsWith('GET /api/sdk/records/changes'));
      expect(streams.length).toBeGreaterThanOrEqual(200);
      const times = streams.map(({ at }) => performance.timeOrigin + at);
      // Who was due while it stood still comes right afterwards, with all others.
      const calm = times.filter((at) => !pauses.touch(at - 40, at + 100));
      const most = Math.max(...calm.map((at) => times.filter((other) => other >= at && other < at + 100).length));
      const ms = Math.round(Math.max(...times) - Math.min(...times));
      console.log(`${times.length} streams over ${ms} ms, at most ${most} in 100 ms after one of ${calm.length} at calm moments`);
      return calm.length >= 50 ? most : Infinity;
    };
    const busiest: number[] = [];
    while (busiest.length < 4 && !busiest.some((most) => most <= 20)) busiest.push(await outage());
    expect(Math.min(...busiest)).toBeLessThanOrEqual(20);
  }, 900_000);
});

describe('a server that ends streams cleanly', () => {
  it('is not asked in a tight loop', async () => {
    let streams = 0;
    const rude = createServer((request, response) => {
      if (request.url?.startsWith('/api/sdk/records/changes') === true) {
        streams++;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('event: hello\ndata: {"format":1,"epoch":null,"revision":0,"heartbeat_ms":12000,"resumed":false}\n\n');
      } else {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"format":1,"epoch":null,"revision":0,"records":[],"token":"x"}');
      }
    });
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => rude.close(resolve)) });
    const { port } = rude.address() as AddressInfo;
    await service('shop', { url: `http://127.0.0.1:${port}` }, { initTimeout: 2_500 }, []);
    const began = Date.now();
    await expect.poll(() => Date.now() - began).toBeGreaterThan(3_000);
    expect(streams).toBeGreaterThan(0);
    // Ten in three seconds; on a busy machine it may have been longer.
    expect(streams).toBeLessThanOrEqual((10 * (Date.now() - began)) / 3_000);
  });
});

describe('a server that knows the wire contract and nothing else', () => {
  const start = async (options?: LegacyServerOptions) => {
    const admin = await server({ admin: { secretKey: SECRET } });
    const legacy = await startLegacyServer(admin.url, options);
    open.push(legacy);
    return { admin, url: legacy.url };
  };
  const saveFlags = async ({ engine }: AdminApp) => {
    await engine.segments.save({ key: 'staff', name: 'Staff', included: ['ann'] });
    await engine.flags.save({
      key: 'checkout',
      name: 'Checkout',
      type: 'string',
      variations: [
        { name: 'new', value: 'n' },
        { name: 'old', value: 'o' },
      ],
      offVariation: 'old',
      fallthrough: [
        { variation: 'new', weight: 30_000 },
        { variation: 'old', weight: 70_000 },
      ],
      targets: { new: ['tom'] },
      rules: [
        { clauses: [{ operator: 'in_segment', values: ['staff'] }], variation: 'new' },
        { clauses: [{ attribute: 'app_version', operator: 'semver_lt', values: ['2.0.0'] }], variation: 'old' },
      ],
    });
    await engine.flags.save({
      key: 'banner',
      name: 'Banner',
      ...ON_OFF,
      fallthrough: 'on',
      prerequisites: [{ flagKey: 'checkout', variation: 'new' }],
    });
  };

  it('registers the routes, and what was set before holds', async () => {
    const { admin, url } = await start();
    await admin.engine.maintenance.enable({ reason: 'moving' });
    const shop = await service('shop', { url, ...ADMIN });
    expect(shop.health.status).toBe('ready');
    expect(shop.decide('GET:/items')).toMatchObject({ kind: 'maintenance', scope: 'global', reason: 'moving' });
    expect(admin.engine.sync.routes.list().map(({ key }) => key)).toEqual(['shop:GET:/items', 'shop:GET:/payments']);
  });

  it('follows its events', async () => {
    const { admin, url } = await start();
    const shop = await service('shop', { url, ...ADMIN });
    await admin.engine.routes.disable('shop:GET:/items', { reason: 'now' });
    await expect.poll(() => shop.decide('GET:/items')).toMatchObject({ kind: 'disabled', reason: 'now' });
    await admin.engine.routes.enable('shop:GET:/items');
    await expect.poll(() => shop.decide('GET:/items').outcome).toBe('allow');
    await admin.engine.maintenance.forService('shop').enable({ reason: 'ours' });
    await expect.poll(() => shop.decide('GET:/payments')).toMatchObject({ kind: 'maintenance', scope: 'service' });
    await admin.engine.maintenance.forService('shop').disable();
    await admin.engine.rateLimits.set('shop:GET:/items', { limit: '1/hour' });
    await expect.poll(async () => (await limited(shop)) && (await limited(shop))).toBe(true);
  });

  it('does not open what an operator closed when it is declared open, nor close what was opened', async () => {
    const { admin, url } = await start();
    const first = await service('shop', { url, ...ADMIN }, {}, []);
    await first.routes.register([{ key: 'GET:/old', declaration: { maintenance: { reason: 'declared' } } }]);
    expect(first.decide('GET:/old')).toMatchObject({ kind: 'maintenance', reason: 'declared' });
    await admin.engine.routes.enable('shop:GET:/old');
    await expect.poll(() => first.decide('GET:/old').outcome).toBe('allow');
    const second = await service('shop', { url, ...ADMIN }, {}, []);
    await second.routes.register([{ key: 'GET:/old', declaration: { maintenance: { reason: 'declared' } } }]);
    expect(second.decide('GET:/old').outcome).toBe('allow');
  });

  it('evaluates its flags here, for everybody as the server itself does', async () => {
    const { admin, url } = await start();
    await saveFlags(admin);
    const shop = await service('shop', { url, ...ADMIN });
    const contexts = [
      { targetingKey: 'ann' },
      { targetingKey: 'tom' },
      { targetingKey: 'x', app_version: '1.9.0' },
      ...Array.from({ length: 200 }, (_, i) => ({ targetingKey: `user-${i}` })),
    ];
    const served = ({ sync }: WaygateEngine) =>
      contexts.map((context) => {
        const [checkout, banner] = [sync.flags.evaluate('checkout', context), sync.flags.evaluate('banner', context)];
        return [checkout.value, checkout.reason, banner.value, banner.reason];
      });
    expect(served(shop)).toEqual(served(admin.engine));
    expect(new Set(served(shop).map(String)).size).toBeGreaterThan(4);
  });

  it('asks for flags now and then, as nobody tells it when they change', async () => {
    const { admin, url } = await start();
    await saveFlags(admin);
    const shop = await service('shop', { url, ...ADMIN, flagsInterval: 100 });
    const value = (key: string, targetingKey: string) => shop.sync.flags.evaluate(key, { targetingKey }).value;
    expect(value('checkout', 'ann')).toBe('n');
    await admin.engine.segments.save({ key: 'staff', name: 'Staff', included: ['bob'], excluded: ['ann'] });
    await expect.poll(() => value('checkout', 'bob')).toBe('n');
    await admin.engine.flags.disable('checkout');
    await expect.poll(() => value('checkout', 'bob')).toBe('o');
    const { revision } = shop;
    await admin.engine.flags.delete('banner');
    await expect.poll(() => shop.sync.flags.list().map(({ key }) => key)).toEqual(['checkout']);
    expect(shop.revision).toBe(revision + 1);
  });

  it('hears of flags at once where the server tells of them', async () => {
    const { admin, url } = await start({ tellsFlags: true });
    const shop = await service('shop', { url, ...ADMIN });
    await saveFlags(admin);
    await expect.poll(() => shop.sync.flags.list().map(({ key }) => key)).toEqual(['banner', 'checkout']);
    await admin.engine.flags.disable('checkout');
    await expect.poll(() => shop.sync.flags.evaluate('checkout', { targetingKey: 'tom' })).toMatchObject({ value: 'o' });
    await admin.engine.flags.delete('banner');
    await expect.poll(() => shop.sync.flags.list().map(({ key }) => key)).toEqual(['checkout']);
  });

  it('does without where the server has no flags', async () => {
    const { admin, url } = await start({ flags: false });
    await saveFlags(admin);
    const shop = await service('shop', { url, ...ADMIN, flagsInterval: 50 });
    await admin.engine.routes.disable('shop:GET:/items', { reason: 'now' });
    await expect.poll(() => shop.decide('GET:/items')).toMatchObject({ reason: 'now' });
    expect(shop.sync.flags.list()).toEqual([]);
    expect(shop.health.status).toBe('ready');
    await expect(shop.flags.enable('checkout')).rejects.toMatchObject({ code: 'FLAG_NOT_FOUND' });
  });
});
