import { createHook } from 'node:async_hooks';
import { connect } from 'node:net';
import { WaygateAdminModule, hashPassword, type WaygateAdminOptions } from '@waygate/admin';
import { ConfigurationError, MemoryBackend, WaygateModule } from '@waygate/nestjs';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisCounterStore } from '@waygate/redis';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ADMIN, pathKey, startAdmin, type AdminApp } from '../support/admin-app.js';
import { Conformance } from '../support/conformance.js';
import { PLATFORMS } from '../support/nest-app.js';
import { PATIENCE_MS } from '../support/patience.mjs';
import { RedisServer } from '../support/redis-server.js';
import { valuesOf } from '../support/schema-arbitrary.js';

const USERS = (['viewer', 'operator', 'admin'] as const).flatMap((role) => [
  { username: role, password: role, role },
  { username: `${role}-shop`, password: role, role, services: ['shop'] },
]);

describe.each(PLATFORMS)('access on %s', (platform) => {
  let admin: AdminApp;
  const tokens = new Map<string, Record<string, string>>();

  beforeAll(async () => {
    admin = await startAdmin(platform, { admin: { auth: USERS, signInLimits: { perAddress: 1_000 } } });
    for (const service of ['shop', 'other'])
      await admin.engine.reportedRoutes.register([{ key: `${service}:GET:/cart`, service, declaration: {} }]);
    for (const service of ['shop', 'other']) await admin.engine.routes.disable(`${service}:GET:/cart`);
    for (const { username, password } of USERS) tokens.set(username, await admin.signIn(username, password));
    const sdk = await admin.call(
      'POST',
      '/api/auth/login',
      { username: 'admin', password: 'admin', platform: 'sdk' },
      { 'x-waygate-app-id': 'shop' },
    );
    tokens.set('sdk-shop', { 'x-waygate-token': (sdk.json as { token: string }).token });
  });

  afterAll(() => admin.app.close());

  it('lets a service of its own be seen, and no other', async () => {
    const shop = tokens.get('viewer-shop') ?? {};
    const routes = (await admin.call('GET', '/api/routes', undefined, shop)).json as { service: string }[];
    expect(new Set(routes.map(({ service }) => service))).toEqual(new Set(['shop']));
    expect((await admin.call('GET', '/api/services', undefined, shop)).json).toEqual(['shop']);
    await admin.engine.routes.disable('other:GET:/cart');
    await admin.engine.routes.enable('shop:GET:/cart');
    const audit = (await admin.call('GET', '/api/audit?limit=1000', undefined, shop)).json as { service: string }[];
    expect(new Set(audit.map(({ service }) => service))).toEqual(new Set(['shop']));
    const lines = (await admin.call('GET', '/api/audit/export', undefined, shop)).text;
    expect(lines).not.toContain('other:GET:/cart');
  });

  it('confines an SDK to its own service', async () => {
    const sdk = tokens.get('sdk-shop') ?? {};
    const register = (app: string) =>
      admin.call('POST', '/api/sdk/register', { app_id: app, states: [{ path: `${app}:GET:/sdk` }] }, sdk);
    expect([(await register('shop')).status, (await register('other')).status]).toEqual([200, 403]);
    const entry = { id: 'x', timestamp: '2026-01-01', path: 'other:GET:/cart', action: 'disable' };
    expect((await admin.call('POST', '/api/sdk/audit', entry, sdk)).status).toBe(403);
    const forged = { ...entry, path: 'shop:GET:/sdk', actor: 'ceo', platform: 'dashboard' };
    expect((await admin.call('POST', '/api/sdk/audit', forged, sdk)).status).toBe(200);
    const [kept] = (await admin.engine.audit.list({ key: 'shop:GET:/sdk' })).items;
    expect(kept).toMatchObject({ platform: 'sdk', claimed: { actor: 'ceo', platform: 'dashboard' } });
    expect([kept?.actor === 'ceo', kept?.at.startsWith('2026-01-01')]).toEqual([false, false]);
    const other = (await admin.call('GET', '/api/routes', undefined, { ...sdk, 'x-waygate-app-id': 'other' })).json as {
      service: string | null;
    }[];
    expect(other.map(({ service }) => service)).not.toContain('other');
    expect((await admin.call('POST', `/api/routes/${pathKey('shop:GET:/cart')}/disable`, {}, sdk)).status).toBe(403);
  });

  it('takes named tokens, until they are revoked', async () => {
    const root = tokens.get('admin') ?? {};
    const ours = { name: 'ci', role: 'operator', services: ['shop'] };
    expect((await admin.call('POST', '/api/tokens', { ...ours, hash: 'x', id: 'mine' }, root)).status).toBe(400);
    const made = await admin.call('POST', '/api/tokens', ours, root);
    const { token, id } = made.json as { token: string; id: string };
    expect(made).toMatchObject({ status: 201, json: { name: 'ci', created_by: 'admin', services: ['shop'] } });
    const headers = { 'x-waygate-token': token };
    expect((await admin.call('GET', '/api/auth/me', undefined, headers)).json).toMatchObject({
      username: 'ci',
      platform: 'api',
      role: 'operator',
    });
    expect((await admin.call('POST', `/api/routes/${pathKey('shop:GET:/cart')}/disable`, {}, headers)).status).toBe(200);
    expect((await admin.call('POST', `/api/routes/${pathKey('other:GET:/cart')}/disable`, {}, headers)).status).toBe(403);
    const listed = JSON.stringify((await admin.call('GET', '/api/tokens', undefined, root)).json);
    // The end of the token is its secret; short pieces of it stand in any text.
    expect([token.length > 30, listed.includes(token), listed.includes(token.slice(-20))]).toEqual([true, false, false]);
    expect((await admin.call('DELETE', `/api/tokens/${id}`, undefined, root)).status).toBe(200);
    expect((await admin.call('GET', '/api/auth/me', undefined, headers)).status).toBe(401);
    expect((await admin.call('DELETE', `/api/tokens/${id}`, undefined, root)).status).toBe(404);
  });

  it('takes no token that was changed, cut, signed by somebody else or made for something else', async () => {
    const token = tokens.get('viewer')?.['x-waygate-token'] ?? '';
    const [payload = '', mac = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const forged = (change: object) => `${Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')}.${mac}`;
    const tampered = [
      forged({ role: 'admin' }),
      forged({ exp: 9e9 }),
      forged({ sub: 'admin' }),
      forged({ alg: 'none' }),
      `${payload}.`,
      `${payload}.${'0'.repeat(64)}`,
      `${payload}.${mac.toUpperCase()}`,
      payload,
      `.${mac}`,
      `${payload}.${payload}.${mac}`,
      `${payload}=.${mac}`,
      'x'.repeat(100_00),
      `${Buffer.from('null').toString('base64url')}.${mac}`,
      `${Buffer.from('{"__proto__":{}}').toString('base64url')}.${mac}`,
    ];
    for (const text of tampered) {
      expect((await admin.call('GET', '/api/auth/me', undefined, { 'x-waygate-token': text })).status).toBe(401);
    }
    expect((await admin.call('GET', '/api/auth/me', undefined, { 'x-waygate-token': token })).status).toBe(200);
  });
});

/** Every operation of the REST API, as the OpenAPI document describes it. */
async function apiOperations(): Promise<{ method: string; path: string; isStream: boolean }[]> {
  const { document } = await Conformance.load();
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        path,
        isStream: JSON.stringify(responses).includes('text/event-stream'),
      })),
    );
}

describe.each(PLATFORMS)('attacks on %s', (platform) => {
  let admin: AdminApp;
  let token: Record<string, string>;

  beforeEach(async () => {
    admin = await startAdmin(platform);
    token = await admin.signIn();
  });

  afterEach(() => admin.app.close());

  const form = (username: string, password: string) => new URLSearchParams({ username, password }).toString();
  const cookieOf = (answer: { headers: Headers }) => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

  it('by guessing a password end after a few attempts, for the account and for the address', async () => {
    const guess = (username: string) => admin.call('POST', '/api/auth/login', { username, password: 'wrong' });
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) statuses.push((await guess('admin')).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const right = await admin.call('POST', '/api/auth/login', ADMIN);
    expect([right.status, Number(right.headers.get('retry-after')) > 0]).toEqual([429, true]);
    const others: number[] = [];
    for (let i = 0; i < 45; i++) others.push((await guess(`user-${i}`)).status);
    expect(others.at(-1)).toBe(429);
  });

  it('by another site fail: a cookie alone writes nothing', async () => {
    const signedIn = await admin.call('POST', '/login', form('admin', ADMIN.password));
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([302, '/waygate/']);
    expect(signedIn.headers.get('set-cookie')).toMatch(
      /^waygate_session=[^;]+; Path=\/waygate; Max-Age=86\d{3}; HttpOnly; SameSite=Strict$/,
    );
    const cookie = cookieOf(signedIn);
    const me = await admin.call('GET', '/api/auth/me', undefined, { cookie });
    const { csrf_token: csrf } = me.json as { csrf_token: string };
    const disable = (headers: Record<string, string | undefined>) =>
      admin.call('POST', `/api/routes/${pathKey('GET:/payments')}/disable`, {}, { cookie, ...headers });
    const refused: Record<string, string>[] = [
      {},
      { 'x-waygate-csrf': 'x' },
      { 'x-waygate-csrf': csrf, origin: 'https://evil.example' },
      { 'x-waygate-csrf': csrf, 'sec-fetch-site': 'cross-site' },
      { 'x-waygate-csrf': csrf, 'sec-fetch-site': 'same-site' },
      { 'x-waygate-csrf': csrf, origin: 'null' },
    ];
    for (const headers of refused) expect((await disable(headers)).status).toBe(403);
    expect((await admin.engine.audit.list()).items).toEqual([]);
    expect((await disable({ 'x-waygate-csrf': csrf, origin: admin.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await admin.call('POST', '/login', form('admin', ADMIN.password), { origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect((await admin.call('GET', '/logout', undefined, { cookie })).status).toBe(405);
    expect((await admin.call('POST', '/logout', undefined, { cookie })).status).toBe(302);
    expect((await admin.call('GET', '/api/auth/me', undefined, { cookie })).status).toBe(401);
    expect((await admin.call('POST', '/login', form('admin', 'wrong'))).headers.get('location')).toBe(
      'login?error=Invalid+credentials',
    );
  });

  it('by a wrong token do not fall back to the cookie', async () => {
    const cookie = cookieOf(await admin.call('POST', '/login', form('admin', ADMIN.password)));
    expect((await admin.call('GET', '/api/auth/me', undefined, { cookie, 'x-waygate-token': 'wrong' })).status).toBe(401);
  });

  it('by large bodies are cut off', async () => {
    const large = JSON.stringify({ reason: 'x'.repeat(300_000) });
    expect((await admin.call('POST', '/api/global/enable', large, token)).status).toBe(413);
    // What is sent on can reset the connection before the answer is read: then it is tried again.
    const answer = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(admin.port, '127.0.0.1', () => {
          socket.write('POST /waygate/api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
          const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
          const pump = setInterval(() => socket.write(chunk), 5);
          socket.once('close', () => clearInterval(pump));
        });
        let text = '';
        socket.on('data', (data: Buffer) => (text += data.toString()));
        socket.on('close', () => resolve(text));
        socket.on('error', () => resolve(text));
        setTimeout(() => reject(new Error('still open')), PATIENCE_MS).unref();
      });
    await expect.poll(answer).toMatch(/^HTTP\/1\.1 413/);
  });

  it('by keys that are no keys, and by fields that are not theirs to set, change nothing', async () => {
    const url = `/api/routes/${pathKey('GET:/payments')}`;
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      expect((await admin.call('POST', `${url}/disable`, `{"${key}":{"polluted":true}}`, token)).status).toBe(400);
      expect(
        (await admin.call('POST', '/api/rate-limits', `{"path":"/payments","limit":"1/minute","tiers":[{"${key}":{}}]}`, token))
          .status,
      ).toBe(400);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    await admin.call(
      'POST',
      `${url}/disable`,
      { reason: 'r', actor: 'mallory', platform: 'code', revision: 99, forceActive: true, expectedRevision: 7 },
      token,
    );
    const [entry] = (await admin.engine.audit.list()).items;
    expect(entry).toMatchObject({ actor: 'admin', platform: 'cli', reason: 'r' });
  });

  it('by invented forwarding headers do not become somebody else', async () => {
    for (let i = 0; i < 52; i++)
      await admin.call('POST', '/api/auth/login', { username: `u${i}`, password: 'x' }, { 'x-forwarded-for': `10.0.0.${i}` });
    const last = await admin.call('POST', '/api/auth/login', { username: 'u', password: 'x' }, { 'x-forwarded-for': '10.9.9.9' });
    expect(last.status).toBe(429);
  });

  it('by nonsense never break it, change nothing, and learn nothing', async () => {
    const writes = (await apiOperations()).filter(({ method, path }) => method !== 'GET' && !path.includes('auth'));
    const key = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom(
        'reason',
        'path',
        'limit',
        'envs',
        'states',
        'start',
        'end',
        'tiers',
        'burst',
        'name',
        'role',
        'exempt_paths',
        'recurrence',
        'expires_in',
        'expires_at',
        'url',
        'events',
        'secret',
        'overlap',
        'method',
        'service',
        'roles',
        'attributes',
        'force',
      ),
    );
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('9'.repeat(400), '\u0000', '🔧', '\ud800', -1, 1e308, 'GET:/payments', '2026-02-30', null),
    );
    const body = fc.oneof(
      fc.dictionary(key, value, { maxKeys: 6 }).map((object) => JSON.stringify(object)),
      fc.string({ maxLength: 200 }),
      fc.jsonValue().map((json) => JSON.stringify(json)),
    );
    const param = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60 }).map((text) => Buffer.from(text).toString('base64url') || '_'),
      fc.webPath().map((path) => encodeURIComponent(path) || '_'),
    );
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), param, body, async (endpoint, text, payload) => {
        const before = admin.engine.revision;
        const path = endpoint.path.replace(/\{\w+\}/g, () => text);
        const answer = await admin.call(endpoint.method, path, payload, token);
        seen.add(answer.status);
        expect(answer.status).toBeLessThan(500);
        expect(answer.json).toBeDefined();
        expect(answer.text).not.toMatch(/node_modules|\.ts:|\.js:|\/src\/|\bat .+\(/);
        if (answer.status >= 400) expect(admin.engine.revision).toBe(before);
      }),
      { numRuns: 400 },
    );
    expect(seen).toContain(400);
  });

  it('by nearly right bodies, as the document describes them, never break it and change nothing where they are refused', async () => {
    const names = [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ];
    await admin.engine.segments.save({ key: 's' });
    await admin.engine.flags.save({ key: 'f', type: 'boolean', variations: names, offVariation: 'off', fallthrough: 'on' });
    const { document } = await Conformance.load();
    const { schemas } = document.components;
    const writes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== 'get' && /^\/(api|ofrep)\//.test(path) && !path.includes('/auth/'))
        .map(([method, { requestBody }]) => {
          const schema = requestBody?.content['application/json'].schema;
          const body = schema === undefined ? fc.constant(undefined) : valuesOf(schema, schemas);
          return { method: method.toUpperCase(), path, body };
        }),
    );
    const key = (path: string) => (path.startsWith('/api/flags') ? 'f' : path.startsWith('/api/segments') ? 's' : null);
    const lastChange = async () => (await admin.engine.audit.list({ actor: 'admin', limit: 1 })).items[0]?.id;
    const refused = new Set<string>();
    const done = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...writes).chain(({ method, path, body }) => fc.tuple(fc.constant({ method, path }), body)),
        async ([{ method, path }, body]) => {
          const before = await lastChange();
          const url = path
            .replace('{key}', key(path) ?? pathKey('GET:/payments'))
            .replace('{flag}', 'f')
            .replaceAll(/\{\w+\}/g, 'shop');
          // As text: what is taken of it may be less than the document promises.
          const answer = await admin.call(method, url, body === undefined ? undefined : JSON.stringify(body), token);
          expect(answer.status).toBeLessThan(500);
          expect(answer.text).not.toMatch(/node_modules|\.[jt]s:\d|\bat .+\(/);
          (answer.status < 400 ? done : refused).add(`${method} ${path}`);
          if (answer.status >= 400) expect(await lastChange()).toBe(before);
          for (const flag of admin.engine.sync.flags.list())
            expect(admin.engine.sync.flags.evaluate(flag.key, { targetingKey: 'ann' }).errorCode).not.toBe('GENERAL');
        },
      ),
      { numRuns: 300 },
    );
    // Bodies were neither all refused nor all taken.
    expect([done.size > 10, refused.size > 20]).toEqual([true, true]);
  });

  it('by nonsense in queries never break what is read', async () => {
    const reads = (await apiOperations()).filter(({ method, isStream }) => method === 'GET' && !isStream);
    const name = fc.constantFrom(
      'limit',
      'cursor',
      'from',
      'to',
      'minutes',
      'route',
      'service',
      'since',
      'until',
      'state',
      'webhook',
      'format',
      'action',
    );
    const value = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom('-1', '1e9', '__proto__', '2026-02-30', '9'.repeat(40), '\0'),
    );
    const text = fc.string({ minLength: 1, maxLength: 40 }).map((key) => Buffer.from(key).toString('base64url'));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...reads),
        text,
        fc.array(fc.tuple(name, value), { maxLength: 4 }),
        async (read, key, query) => {
          const revision = admin.engine.revision;
          const path = `${read.path.replace(/\{\w+\}/g, key)}?${new URLSearchParams(query).toString()}`;
          const answer = await admin.call('GET', path, undefined, token);
          expect(answer.status).toBeLessThan(500);
          expect(/node_modules|\.[jt]s:\d|\\n +at /.test(answer.text)).toBe(false);
          expect(admin.engine.revision).toBe(revision);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are answered with headers that leave nothing to guess', async () => {
    for (const path of ['/api/auth/me', '/api/health/live', '/nowhere']) {
      const { headers } = await admin.call('GET', path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'none'") as string,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      });
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

describe('the admin', () => {
  afterEach(() => vi.unstubAllEnvs());

  const boot = async (admin: object, nodeEnv = 'test') => {
    vi.stubEnv('NODE_ENV', nodeEnv);
    const options = admin as WaygateAdminOptions;
    @Module({ imports: [WaygateModule.forRoot({ backend: new MemoryBackend() }), WaygateAdminModule.forRoot(options)] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    return app.close();
  };

  it.each([
    ['without auth', {}, "needs option 'auth'"],
    ['without users', { auth: [] }, 'names no user'],
    ['with an empty password', { auth: { username: 'a', password: '' } }, 'Is the variable it comes from set?'],
    ['with the same user twice', { auth: [ADMIN, ADMIN] }, 'stands there twice'],
    ['with an unknown role', { auth: { ...ADMIN, role: 'root' } }, 'must be one of viewer, operator, admin'],
    ['with a broken hash', { auth: { username: 'a', password: 'scrypt$ln=17' } }, 'cannot be read as one'],
    ['with a short secret', { auth: ADMIN, secretKey: 'short' }, 'at least 16 characters'],
    ['with an impossible path', { auth: ADMIN, path: 'a b' }, "Option 'path'"],
    ['with an impossible path for flags', { auth: ADMIN, ofrep: { path: 'a b' } }, "Option 'ofrep.path'"],
    ['with an origin that is none', { auth: ADMIN, ofrep: { cors: ['https://shop.example/'] } }, "Option 'ofrep.cors'"],
    ['with a host that is a URL', { auth: 'none', hosts: ['http://shop.example'] }, "Option 'hosts'"],
    ['with a host and its port', { auth: 'none', hosts: ['shop.example:3000'] }, "Option 'hosts'"],
    ['with an impossible lifetime', { auth: ADMIN, tokenExpiry: 'soon' }, "Option 'tokenExpiry'"],
  ])('refuses to start %s', async (_what, options, message) => {
    await expect(boot(options)).rejects.toThrow(message);
    await expect(boot(options)).rejects.toBeInstanceOf(ConfigurationError);
  });

  it('refuses to be open in production, unless that is said twice', async () => {
    await expect(boot({ auth: 'none' }, 'production')).rejects.toThrow("refused while NODE_ENV is 'production'");
    await expect(boot({ auth: 'none', allowInsecure: true }, 'production')).resolves.toBeUndefined();
    await expect(boot({ auth: 'none' }, 'development')).resolves.toBeUndefined();
  });

  it('without auth believes what requests say about themselves', async () => {
    const admin = await startAdmin('express', { admin: { auth: 'none' } });
    const headers = { 'x-waygate-actor': 'alice', 'x-waygate-platform': 'cli' };
    expect((await admin.call('GET', '/api/auth/me')).json).toMatchObject({ username: 'anonymous', platform: 'cli' });
    expect(await admin.call('POST', '/api/auth/login', 'nonsense')).toMatchObject({
      status: 501,
      json: { error: 'Auth not configured on this server' },
    });
    const elsewhere = { ...headers, origin: 'https://evil.example' };
    expect((await admin.call('POST', '/api/global/enable', {}, elsewhere)).status).toBe(403);
    await admin.call('POST', `/api/routes/${pathKey('GET:/payments')}/disable`, {}, headers);
    expect((await admin.engine.audit.list()).items[0]).toMatchObject({ actor: 'alice', platform: 'cli' });
    await admin.app.close();
  });

  it('knows hashed passwords, users of your own, and ends sessions with the password they began with', async () => {
    const backend = new MemoryBackend();
    const hash = await hashPassword('secret', { ln: 12, r: 8, p: 1 });
    expect(hash).toMatch(/^scrypt\$ln=12,r=8,p=1\$/);
    const hashed = await startAdmin('express', { admin: { auth: { username: 'admin', password: hash } }, waygate: { backend } });
    const token = await hashed.signIn('admin', 'secret');
    expect((await hashed.call('POST', '/api/auth/login', { username: 'admin', password: hash })).status).toBe(401);
    await hashed.app.close();
    const same = await startAdmin('express', { admin: { auth: { username: 'admin', password: hash } } });
    expect((await same.call('GET', '/api/auth/me', undefined, token)).status).toBe(200);
    await same.app.close();
    const changed = await startAdmin('express', { admin: { auth: { username: 'admin', password: 'another one' } } });
    expect((await changed.call('GET', '/api/auth/me', undefined, token)).status).toBe(401);
    await changed.app.close();
    const own = await startAdmin('fastify', {
      admin: {
        auth: {
          authenticate(username, password) {
            if (username === 'broken') throw new Error('no directory');
            return password === 'yes' && { role: 'viewer' as const, services: ['shop'] };
          },
        },
      },
    });
    expect((await own.call('GET', '/api/auth/me', undefined, await own.signIn('x', 'yes'))).json).toMatchObject({
      role: 'viewer',
      services: ['shop'],
    });
    expect((await own.call('POST', '/api/auth/login', { username: 'broken', password: 'x' })).status).toBe(401);
    await own.app.close();
  });

  it('does the same work for a name that does not exist as for one that does', async () => {
    const auth = [
      { username: 'hashed', password: await hashPassword('x', { ln: 15, r: 8, p: 1 }) },
      { username: 'plain', password: 'y' },
    ];
    const admin = await startAdmin('express', { admin: { auth } });
    let hashed = 0;
    const hook = createHook({ init: (_id, type) => void (type === 'SCRYPTREQUEST' && hashed++) }).enable();
    onTestFinished(() => void hook.disable());
    const work: [string, number][] = [];
    for (const username of ['hashed', 'plain', 'nobody']) {
      hashed = 0;
      expect((await admin.call('POST', '/api/auth/login', { username, password: 'wrong' })).status).toBe(401);
      work.push([username, hashed]);
    }
    expect(work).toEqual([
      ['hashed', 1],
      ['plain', 1],
      ['nobody', 1],
    ]);
    await admin.app.close();
  });

  it('counts attempts to sign in over all nodes where counters are shared', async () => {
    const redis = await RedisServer.start();
    const nodes = await Promise.all(
      [1, 2].map(() =>
        startAdmin('express', { waygate: { counterStore: new RedisCounterStore(redis.url, { budgetMs: 5_000 }) } }),
      ),
    );
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const node = nodes[i % 2] as AdminApp;
      statuses.push((await node.call('POST', '/api/auth/login', { username: 'admin', password: 'wrong' })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    await Promise.all(nodes.map(({ app }) => app.close()));
    await redis.stop();
  });

  it('accepts sessions signed with an older key while keys are rotated, and revoked ones nowhere', async () => {
    const [older, newer] = ['the older of two keys', 'the newer of two keys'];
    const backend = new MemoryBackend();
    const before = await startAdmin('express', { admin: { secretKey: older }, waygate: { backend } });
    const token = await before.signIn();
    const after = await startAdmin('express', { admin: { secretKey: [newer, older] }, waygate: { backend } });
    expect((await after.call('GET', '/api/auth/me', undefined, token)).status).toBe(200);
    await before.call('POST', '/api/auth/logout', undefined, token);
    await expect
      .poll(async () => (await after.call('GET', '/api/auth/me', undefined, token)).status, { timeout: 2_000 })
      .toBe(401);
    await Promise.all([before.app.close(), after.app.close()]);
    const without = await startAdmin('express', { admin: { secretKey: newer } });
    expect((await without.call('GET', '/api/auth/me', undefined, token)).status).toBe(401);
    await without.app.close();
  });
});
