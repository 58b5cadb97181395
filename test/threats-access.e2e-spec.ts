import { request as httpRequest } from 'node:http';
import { MemoryBackend } from '@waygate/nestjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
// What is attacked is everything there is, as the handlers themselves say.
import { EndpointRegistry, type Endpoint } from '../libs/admin/src/http/endpoint-registry.js';
import { AdminApiModule } from '../libs/admin/src/admin-api.module.js';
import { readAdminOptions } from '../libs/admin/src/admin-config.js';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WaygateEngine } from '@waygate/nestjs';
import { ADMIN, pathKey, startAdmin, type AdminApp } from './support/admin-app.js';
import { PLATFORMS } from './support/nest-app.js';

const MARK = 'kumquat';

let endpoints: readonly Endpoint[];
let running: AdminApp | undefined;

beforeAll(async () => {
  const module = AdminApiModule.register(new WaygateEngine({ backend: new MemoryBackend() }), readAdminOptions({ auth: ADMIN }));
  endpoints = (await NestFactory.create(module, { logger: ['fatal'] })).get(EndpointRegistry).all();
});

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

/** The first part of an answer, however long it lasts. */
function beginningOf(admin: AdminApp, path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${admin.url}/waygate${path}`, { headers }, (response) => {
      let text = '';
      const done = () => {
        resolve({ status: response.statusCode ?? 0, text });
        response.destroy();
      };
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', done);
      // Streams do not end: what they begin with comes at once.
      setTimeout(done, 150).unref();
    });
    request.on('error', (error) => (error.message.includes('aborted') ? undefined : reject(error)));
    request.end();
  });
}

describe('somebody who may only look', () => {
  it('does not get to change anything by signing in as an SDK', async () => {
    const admin = (running = await startAdmin('express', {
      admin: { auth: [{ username: 'eve', password: 'eve', role: 'viewer' }] },
    }));
    await admin.engine.reportedRoutes.register([{ key: 'shop:GET:/cart', service: 'shop', declaration: {} }]);
    for (const headers of [{}, { 'x-waygate-app-id': 'shop' }] as Record<string, string>[]) {
      const signedIn = await admin.call(
        'POST',
        '/api/auth/login',
        { username: 'eve', password: 'eve', platform: 'sdk' },
        headers,
      );
      const token = (signedIn.json as { token?: string }).token ?? 'none';
      const sdk = { 'x-waygate-token': token, 'x-waygate-app-id': 'shop' };
      const states = [{ path: 'shop:shop:GET:/cart', status: 'disabled', reason: 'by somebody who may only look' }];
      const answer = await admin.call('POST', '/api/sdk/register', { app_id: 'shop', states }, sdk);
      expect([signedIn.status, answer.status]).toEqual([403, 401]);
      expect(admin.engine.sync.routes.get('shop:GET:/cart').state).toBe('active');
    }
  });

  it('has no SDK session left from when they might change things', async () => {
    const user = { username: 'eve', password: 'eve' };
    const backend = new MemoryBackend();
    const before = await startAdmin('express', { admin: { auth: { ...user, role: 'operator' } }, waygate: { backend } });
    const headers = { 'x-waygate-app-id': 'shop' };
    const signedIn = await before.call('POST', '/api/auth/login', { ...user, platform: 'sdk' }, headers);
    const sdk = { ...headers, 'x-waygate-token': (signedIn.json as { token: string }).token };
    expect((await before.call('GET', '/api/sdk/snapshot', undefined, sdk)).status).toBe(200);
    await before.app.close();
    const after = (running = await startAdmin('express', { admin: { auth: { ...user, role: 'viewer' } }, waygate: { backend } }));
    expect((await after.call('POST', '/api/sdk/register', { app_id: 'shop', states: [] }, sdk)).status).toBe(401);
  });
});

describe('somebody who guesses passwords', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const trusting = (app: INestApplication) => void (app as NestExpressApplication).set('trust proxy', true);

  it('does not keep those out whose account it is, where they signed in before', async () => {
    const admin = (running = await startAdmin('express', { configure: trusting }));
    const signIn = async (password: string, address: string) =>
      (await admin.call('POST', '/api/auth/login', { username: 'admin', password }, from(address))).status;
    expect(await signIn(ADMIN.password, '192.0.2.1')).toBe(200);
    const guesses: number[] = [];
    for (let i = 0; i < 40; i++) guesses.push(await signIn('a guess', `198.51.100.${i}`));
    expect(guesses.filter((status) => status === 401)).toHaveLength(10);
    expect([await signIn(ADMIN.password, '198.51.100.200'), await signIn(ADMIN.password, '192.0.2.1')]).toEqual([429, 200]);
    // Nor do they give whoever guesses more guesses by it.
    expect(await signIn('a guess', '198.51.100.201')).toBe(429);
  });

  it('gets no more tries from where somebody else signed in', async () => {
    const admin = (running = await startAdmin('express', { configure: trusting }));
    const signIn = async (password: string) =>
      (await admin.call('POST', '/api/auth/login', { username: 'admin', password }, from('192.0.2.1'))).status;
    expect(await signIn(ADMIN.password)).toBe(200);
    const guesses: number[] = [];
    for (let i = 0; i < 12; i++) guesses.push(await signIn('a guess'));
    expect(guesses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });
});

describe.each(PLATFORMS)('a page of another site that the app lets in by CORS, on %s', (platform) => {
  const configure = (app: INestApplication) => {
    const methods = ['GET', 'POST', 'DELETE'];
    app.enableCors({ origin: true, credentials: true, methods, allowedHeaders: ['x-waygate-token', 'content-type'] });
  };
  const elsewhere = { origin: 'https://app.example.com' };

  it('reads nothing of the admin, while it reads what the app answers', async () => {
    const admin = (running = await startAdmin(platform, { configure }));
    const token = await admin.signIn();
    const own = await admin.request('/payments', { headers: elsewhere });
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    for (const path of ['/api/auth/me', '/api/routes', '/', '/login', '/api/health/live', '/nowhere']) {
      const { headers } = await admin.call('GET', path, undefined, { ...token, ...elsewhere });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('changes nothing where nobody need sign in, whatever headers it sends', async () => {
    const admin = (running = await startAdmin(platform, { configure, admin: { auth: 'none' } }));
    for (const headers of [elsewhere, { ...elsewhere, 'x-waygate-token': 'anything' }])
      expect((await admin.call('POST', '/api/global/enable', { reason: 'x' }, headers)).status).toBe(403);
    expect(admin.engine.sync.maintenance.get().enabled).toBe(false);
    expect((await admin.call('POST', '/api/global/enable', { reason: 'x' }, { 'x-waygate-token': 'anything' })).status).toBe(200);
  });
});

describe.each(PLATFORMS)('who is confined to one service, on %s', (platform) => {
  let admin: AdminApp;
  const tokens = new Map<string, Record<string, string>>();

  beforeAll(async () => {
    admin = await startAdmin(platform, { waygate: { service: 'home' } });
    const { engine } = admin;
    const other = `other:GET:/${MARK}`;
    for (const [service, key] of [
      ['shop', 'shop:GET:/cart'],
      ['other', other],
    ] as const)
      await engine.reportedRoutes.register([{ key, service, declaration: {} }]);
    const actor = `${MARK}-actor`;
    await engine.routes.disable(other, { actor, reason: `${MARK} reason`, expiresIn: '2h' });
    await engine.rateLimits.set(other, { limit: '1/minute', name: `${MARK}-policy` }, { actor });
    await engine.rateLimits.forService('other').set({ limit: '77/minute', exemptRoutes: [`/${MARK}`] }, { actor });
    await engine.maintenance.forService('other').enable({ reason: `${MARK} maintenance`, actor });
    await engine.webhooks.add('https://example.com/kumquat', { name: 'kumquat', actor } as never).catch(() => undefined);
    const root = await admin.signIn();
    for (const role of ['viewer', 'operator', 'admin', 'sdk']) {
      const made = await admin.call('POST', '/api/tokens', { name: role, role, services: ['shop'] }, root);
      tokens.set(role, { 'x-waygate-token': (made.json as { token: string }).token });
    }
    const sdk = await admin.call('POST', '/api/tokens', { name: `${MARK}-token`, role: 'sdk', services: ['other'] }, root);
    const own = { 'x-waygate-token': (sdk.json as { token: string }).token };
    const hit = {
      id: '1',
      at: '2027-01-01T00:00:00Z',
      route: other,
      method: 'GET',
      caller: `${MARK}-caller`,
      policy: 'p',
      limit: '1/minute',
      tier: null,
      resetAt: '2027-01-01T00:00:00Z',
      shadow: false,
    };
    expect((await admin.call('POST', '/api/sdk/hits', { hits: [hit] }, own)).status).toBe(200);
    expect((await admin.call('POST', '/api/sdk/instances', { id: `${MARK}-instance`, revision: 1 }, own)).status).toBe(200);
  });

  afterAll(() => admin.app.close());

  it('reads nothing of another anywhere', async () => {
    const told: string[] = [];
    let read = 0;
    for (const [role, headers] of tokens) {
      for (const { method, path } of endpoints.filter((endpoint) => endpoint.method === 'GET')) {
        for (const key of [`other:GET:/${MARK}`, 'shop:GET:/cart', 'none']) {
          for (const app of [{}, { 'x-waygate-app-id': 'other' }, { 'x-waygate-app-id': 'shop' }] as Record<string, string>[]) {
            if (!path.includes(':key') && key !== 'none') continue;
            const parts: Record<string, string> = {
              key: pathKey(key),
              service: 'other',
              action: 'disable',
              id: '1',
              revision: '3',
            };
            const url = path.replaceAll(/:(\w+)/g, (_part, name: string) => parts[name] ?? 'none').replace('*path', 'x');
            const query = new URLSearchParams({
              key: `other:GET:/${MARK}`,
              from: '0',
              q: '',
              limit: '1000',
              service: 'other',
              route: `other:GET:/${MARK}`,
            });
            for (const target of [url, `${url}?from=0`, `${url}?${query.toString()}`]) {
              const answer = await beginningOf(admin, target, { ...headers, ...app });
              read++;
              const text = answer.text.replaceAll(new RegExp(`(?:%2F|/)${MARK}(?=["&'])`, 'g'), '');
              if (answer.status < 400 && text.includes(MARK))
                told.push(
                  `${role} ${method} ${target}: ${text.slice(Math.max(0, text.indexOf(MARK) - 80), text.indexOf(MARK) + 30)}`,
                );
            }
          }
        }
      }
    }
    expect(told).toEqual([]);
    expect(read).toBeGreaterThan(400);
  }, 120_000);
});
