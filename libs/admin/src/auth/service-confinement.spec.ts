import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { MemoryBackend, WaygateEngine } from '@waygate/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, pathKey, startAdmin, type AdminApp } from '../../../../test/support/admin-app.js';
import { AdminApiModule } from '../admin-api.module.js';
import { readAdminOptions } from '../config/admin-config.js';
import { EndpointRegistry, type Endpoint } from '../http/endpoint-registry.js';

/** Stands in the key of a route of another service. */
const MARK = 'kumquat';
/** Stands in everything that is set on it. */
const SECRET = 'quince';

let endpoints: readonly Endpoint[];

beforeAll(async () => {
  const module = AdminApiModule.register(new WaygateEngine({ backend: new MemoryBackend() }), readAdminOptions({ auth: ADMIN }));
  endpoints = (await NestFactory.create(module, { logger: ['fatal'] })).get(EndpointRegistry).all();
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
      // Streams do not end: what they begin with comes at once, without a pause.
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      const pause = isStream ? setTimeout(done, 60).unref() : undefined;
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        pause?.refresh();
      });
      response.on('end', done);
    });
    request.on('error', (error) => (error.message.includes('aborted') ? undefined : reject(error)));
    request.end();
  });
}

describe('who is confined to one service', () => {
  let admin: AdminApp;
  const tokens = new Map<string, Record<string, string>>();

  beforeAll(async () => {
    admin = await startAdmin('fastify', { waygate: { service: 'home' } });
    const { engine } = admin;
    const other = `other:GET:/${MARK}`;
    for (const [service, key] of [
      ['shop', 'shop:GET:/cart'],
      ['other', other],
    ] as const)
      await engine.reportedRoutes.register([{ key, service, declaration: {} }]);
    const actor = `${SECRET}-actor`;
    await engine.routes.disable(other, { actor, reason: `${SECRET} reason`, expiresIn: '2h' });
    await engine.rateLimits.set(other, { limit: '1/minute', name: `${SECRET}-policy` }, { actor });
    await engine.rateLimits.forService('other').set({ limit: '77/minute', exemptRoutes: [`/${MARK}`] }, { actor });
    await engine.maintenance.forService('other').enable({ reason: `${SECRET} maintenance`, actor });
    await engine.webhooks.add('https://hooks.invalid/quince', { name: 'quince' });
    const root = await admin.signIn();
    for (const role of ['viewer', 'operator', 'admin', 'sdk']) {
      const made = await admin.call('POST', '/api/tokens', { name: role, role, services: ['shop'] }, root);
      tokens.set(role, { 'x-waygate-token': (made.json as { token: string }).token });
    }
    const sdk = await admin.call('POST', '/api/tokens', { name: `${SECRET}-token`, role: 'sdk', services: ['other'] }, root);
    const own = { 'x-waygate-token': (sdk.json as { token: string }).token };
    const hit = {
      id: '1',
      at: '2027-01-01T00:00:00Z',
      route: other,
      method: 'GET',
      caller: `${SECRET}-caller`,
      policy: 'p',
      limit: '1/minute',
      tier: null,
      resetAt: '2027-01-01T00:00:00Z',
      shadow: false,
    };
    const hits = await admin.call('POST', '/api/sdk/hits', { hits: [hit] }, own);
    const instances = await admin.call('POST', '/api/sdk/instances', { id: `${SECRET}-instance`, revision: 1 }, own);
    assert.deepEqual([hits.status, instances.status], [200, 200]);
  });

  afterAll(() => admin.app.close());

  /** What an answer tells of the other service: its route's key, or what is set on it. */
  const toldBy = (text: string, isEchoed: boolean): string | null => {
    // A page repeats what it is asked for.
    const found = new RegExp(isEchoed ? `.{0,60}${SECRET}.{0,20}` : `.{0,60}(?:${MARK}|${SECRET}).{0,20}`, 's').exec(text);
    return found?.[0] ?? null;
  };

  const other = `other:GET:/${MARK}`;
  const asked = { service: 'other', from: '0', limit: '1000' };
  const QUERIES: readonly (readonly [Record<string, string>, boolean])[] = [
    [{}, false],
    [asked, false],
    [{ ...asked, key: other, route: other, q: MARK }, true],
  ];

  /** Everything that can be read, as one token may ask for it. */
  async function* answersTo(headers: Record<string, string>): AsyncGenerator<{ target: string; told: string | null }> {
    for (const { path } of endpoints.filter(({ method }) => method === 'GET')) {
      for (const key of path.includes(':key') ? [other, 'shop:GET:/cart'] : ['none']) {
        const parts: Record<string, string> = { key: pathKey(key), service: 'other', action: 'disable', id: '1' };
        const url = path.replaceAll(/:(\w+)/g, (_part, name: string) => parts[name] ?? 'none').replace('*path', 'x');
        for (const [query, isEchoed] of QUERIES) {
          for (const app of <Record<string, string>[]>[{}, { 'x-waygate-app-id': 'other' }]) {
            const target = `${url}?${new URLSearchParams(query).toString()}`;
            const { status, text } = await beginningOf(admin, target, { ...headers, ...app });
            yield { target, told: status < 400 ? toldBy(text, isEchoed) : null };
          }
        }
      }
    }
  }

  it('reads nothing of another anywhere', async () => {
    // All at once: most of the time is spent on streams, of which only the beginning is read.
    const toldTo = async (role: string) => {
      const told: string[] = [];
      for await (const answer of answersTo(tokens.get(role) ?? {}))
        if (answer.told !== null) told.push(`${role} ${answer.target}: ${answer.told}`);
      return told;
    };
    expect((await Promise.all(['viewer', 'admin', 'sdk'].map(toldTo))).flat()).toEqual([]);
    // Who is confined to nothing reads it in many places.
    const open = new Set<string>();
    for await (const { target, told } of answersTo(await admin.signIn())) if (told !== null) open.add(target.split('?')[0] ?? '');
    expect(open.size).toBeGreaterThan(20);
  }, 300_000);
});
