import { request as httpRequest } from 'node:http';
import { hashPassword } from '@waygate/admin';
import { MemoryBackend } from '@waygate/nestjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { PLATFORMS } from '../support/nest-app.js';

let running: AdminApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

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

  it('under names nobody has is turned away before there is more to compare than anybody waits for', async () => {
    // Dear enough for the guesses to arrive faster than they are compared, on a busy machine too.
    const password = await hashPassword('right', { ln: 14, r: 8, p: 1 });
    const signInLimits = { perAccount: 1_000, perAddress: 10_000 };
    const admin = (running = await startAdmin('express', { admin: { auth: { username: 'admin', password }, signInLimits } }));
    const attempts = Array.from({ length: 150 }, (_, i) =>
      admin.call('POST', '/api/auth/login', { username: `nobody-${i}`, password: 'a guess' }),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(20);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    await expect(admin.signIn('admin', 'right')).resolves.toBeDefined();
  });

  it('keeps nobody out by filling the counters of the app', async () => {
    const admin = (running = await startAdmin('express', { configure: trusting }));
    const rule = { id: 'flood', algorithm: 'fixed_window', limit: 1, burst: 0, periodMs: 600_000 } as const;
    for (let i = 0; i < 300_000; i++) await admin.engine.counters.consume([{ rule, caller: `invented-${i >> 1}`, cost: 1 }]);
    await expect(admin.signIn()).resolves.toBeDefined();
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

describe('choosing a theme', () => {
  it('leads back to a page of the admin, and to no other host', async () => {
    const admin = (running = await startAdmin('express', { admin: { path: '' } }));
    const form = new URLSearchParams(ADMIN).toString();
    const cookie = ((await admin.call('POST', '/login', form)).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const { csrf_token: csrf } = (await admin.call('GET', '/api/auth/me', undefined, { cookie })).json as { csrf_token: string };
    const backTo = async (referer: string) => {
      const headers = { cookie, 'x-waygate-csrf': csrf, referer };
      return (await admin.call('POST', '/theme', 'theme=dark', headers)).headers.get('location');
    };
    expect(await backTo(`${admin.url}/audit?actor=x`)).toBe('/audit?actor=x');
    expect(await backTo(`${admin.url}//evil.example/x`)).toBe('/evil.example/x');
    expect(await backTo(`${admin.url}/\\evil.example`)).toBe('/evil.example');
    expect(await backTo('https://evil.example/x')).toBe('/');
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

describe.each(PLATFORMS)('a page of a site whose name resolves to this process, on %s', (platform) => {
  /** As a browser asks that took the name of the page for one of this process. */
  const ask = (admin: AdminApp, host: string, method: string, path: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { host, ...(method === 'GET' ? {} : { origin: `http://${host}`, 'content-type': 'application/json' }) };
      const request = httpRequest(`${admin.url}/waygate${path}`, { method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.on('error', reject).end(method === 'GET' ? undefined : '{}');
    });

  it.each(['evil.example', 'evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example', 'notlocalhost', 'a b'])(
    'neither reads nor changes anything as %s where nobody need sign in',
    async (host) => {
      const admin = (running = await startAdmin(platform, { admin: { auth: 'none', hosts: ['dev.shop.example'] } }));
      for (const [method, path] of [
        ['GET', '/api/routes'],
        ['GET', '/api/events'],
        ['GET', '/'],
        ['GET', '/api/metrics'],
        ['POST', '/api/global/enable'],
      ] as const) {
        const answer = await ask(admin, host, method, path);
        expect([method, path, answer.status]).toEqual([method, path, 421]);
        expect(answer.text).toContain("option 'hosts'");
      }
      expect(admin.engine.sync.maintenance.get().enabled).toBe(false);
    },
  );

  it.each([
    '127.0.0.1',
    '192.168.1.7:3000',
    '[::1]:3000',
    'localhost:3000',
    'localhost.',
    'shop.localhost',
    'dev.shop.example:3000',
  ])('is not taken for what asks for %s', async (host) => {
    const admin = (running = await startAdmin(platform, { admin: { auth: 'none', hosts: ['dev.shop.example'] } }));
    expect((await ask(admin, host, 'GET', '/api/routes')).status).toBe(200);
    expect((await ask(admin, host, 'POST', '/api/global/enable')).status).toBe(200);
  });

  it('is for sign-in to keep out where there is one, and probes answer at every name', async () => {
    const admin = (running = await startAdmin(platform));
    expect((await ask(admin, 'evil.example', 'GET', '/api/routes')).status).toBe(401);
    expect((await ask(admin, 'evil.example', 'GET', '/api/health/live')).status).toBe(200);
  });
});
