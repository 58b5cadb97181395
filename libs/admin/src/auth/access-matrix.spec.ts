import { request as httpRequest } from 'node:http';
import { MemoryBackend, WaygateEngine } from '@waygate/core';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, pathKey, startAdmin, type AdminApp } from '../../../../test/support/admin-app.js';
import { PLATFORMS, rawRequest } from '../../../../test/support/nest-app.js';
import { AdminApiModule } from '../admin-api.module.js';
import { readAdminOptions } from '../config/admin-config.js';
import { EndpointRegistry, type Endpoint } from '../http/endpoint-registry.js';
import { OPERATIONS } from '../openapi/operations.js';

const USERS = (['viewer', 'operator', 'admin'] as const).flatMap((role) => [
  { username: role, password: role, role },
  { username: `${role}-shop`, password: role, role, services: ['shop'] },
]);
const RANK: Record<string, number> = { viewer: 1, operator: 2, admin: 3 };
let endpoints: readonly Endpoint[];

beforeAll(async () => {
  const module = AdminApiModule.register(new WaygateEngine({ backend: new MemoryBackend() }), readAdminOptions({ auth: ADMIN }));
  const app = await NestFactory.create(module, { logger: ['fatal'] });
  endpoints = app.get(EndpointRegistry).all();
});

/** The endpoint as a URL that concerns a service. */
function urlOf({ path }: Endpoint, service: string): string {
  const key = path.startsWith('/api/rate-limits') ? `GET:${service}:/cart` : `${service}:GET:/cart`;
  const revision = String(revisions.get(service) ?? 0);
  const parts: Record<string, string> = { service, key: pathKey(key), id: 'none', revision };
  return path.replaceAll(/:(\w+)/g, (_part, name: string) => parts[name] ?? 'none').replace('*path', 'unknown');
}

/** Whether the answer has no end. */
function isStream({ method, path }: Endpoint): boolean {
  return OPERATIONS[`${method} ${path}`]?.type === 'text/event-stream' || path === '/live';
}

/** A revision that changed a route of the service. */
const revisions = new Map<string, number>();

/** A body that is right for every endpoint at once. */
function bodyFor(service: string): object {
  return {
    path: `${service}:/cart`,
    service,
    method: 'GET',
    limit: '5/minute',
    envs: ['dev'],
    exempt_paths: [],
    start: '2098-01-01',
    end: '2099-01-01',
    app_id: service,
    states: [],
    name: 'ci',
    role: 'viewer',
  };
}

/** Fields of a form that are right for every page at once. */
function formFor(service: string): string {
  return new URLSearchParams({ key: `${service}:GET:/cart`, limit: '5/minute', name: 'default' }).toString();
}

/** Sends a request and gives its status as soon as it is known: streams never end. */
function statusOf(
  admin: AdminApp,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = httpRequest(`${admin.url}/waygate${path}`, { method, headers: { ...headers, ...length } }, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on('error', reject);
    request.end(body);
  });
}
describe.each(PLATFORMS)('access on %s', (platform) => {
  let admin: AdminApp;
  const tokens = new Map<string, Record<string, string>>();

  beforeAll(async () => {
    admin = await startAdmin(platform, { admin: { auth: USERS, signInLimits: { perAddress: 1_000 } } });
    for (const service of ['shop', 'other'])
      await admin.engine.reportedRoutes.register([{ key: `${service}:GET:/cart`, service, declaration: {} }]);
    for (const service of ['shop', 'other'])
      revisions.set(service, (await admin.engine.routes.disable(`${service}:GET:/cart`)).revision);
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
  it('is decided for every endpoint there is', () => {
    expect(endpoints.filter(({ requirement }) => requirement === undefined)).toEqual([]);
    expect(
      endpoints
        .filter(({ requirement }) => requirement?.access === 'public')
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual([
      '/api/auth/login',
      '/api/auth/logout',
      '/api/health/live',
      '/api/health/ready',
      '/assets/:file',
      '/login',
      '/login',
      '/login/oidc',
      '/login/oidc/callback',
      '/logout',
    ]);
    expect(endpoints.length).toBeGreaterThan(45);
  });

  it('is described for every endpoint there is', () => {
    // Pages are for people; the document is of what programs use.
    const forPrograms = endpoints.filter(({ path }) => path.startsWith('/api/') || path.startsWith('/ofrep/'));
    const missing = forPrograms.filter(({ method, path }) => method !== 'ALL' && OPERATIONS[`${method} ${path}`] === undefined);
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    const known = new Set(endpoints.map(({ method, path }) => `${method} ${path}`));
    expect(Object.keys(OPERATIONS).filter((operation) => !known.has(operation))).toEqual([]);
  });

  it('follows role, endpoint and service without an exception', { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    let checked = 0;
    for (const endpoint of endpoints) {
      const { requirement } = endpoint;
      if (requirement?.access !== 'role') continue;
      for (const [user, headers] of tokens) {
        for (const service of ['shop', 'other']) {
          const [role = '', scope] = user.split('-');
          const method = endpoint.method === 'ALL' ? 'GET' : endpoint.method;
          const status = await statusOf(
            admin,
            method,
            urlOf(endpoint, service),
            headers,
            method === 'GET'
              ? undefined
              : endpoint.path.startsWith('/api/')
                ? JSON.stringify(bodyFor(service))
                : formFor(service),
          );
          const ranked = role === 'sdk' ? requirement.sdk : (RANK[role] ?? 0) >= (RANK[requirement.role] ?? 0);
          const inScope =
            scope === undefined || requirement.scope === 'filtered' || (requirement.scope !== 'everything' && service === scope);
          // What names a service in its body alone is checked there.
          const named = !endpoint.path.startsWith('/api/sdk/register') || scope === undefined || service === scope;
          const allowed = ranked && inScope && named;
          checked++;
          if ((status === 403) === allowed || status === 401 || status >= 500)
            wrong.push(`${user} ${method} ${urlOf(endpoint, service)}: ${status}, allowed: ${allowed}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(600);
  });

  it('needs a token for everything else, however it is spelled', { timeout: 120_000 }, async () => {
    const open: string[] = [];
    for (const endpoint of endpoints.filter(({ requirement }) => requirement?.access === 'role')) {
      const method = endpoint.method === 'ALL' ? 'GET' : endpoint.method;
      const url = urlOf(endpoint, 'shop');
      const spellings = [
        url,
        `${url}/`,
        `/${url}`,
        url.toUpperCase(),
        url.replace('/api/', '/api//'),
        url.replace('/api/', '/api%2f'),
        `${url}/login`,
        `${url}/logout`,
        `${url}/../login`,
        `${url}/static/x`,
        `/static/..${url}`,
        `${url};/login`,
        `${url}?x=/login`,
        `${url}%2flogin`,
        url.replace('api', '%61pi'),
        `/login/..${url}`,
        `/./${url.slice(1)}`,
        `${url}%00`,
        `${url}%`,
      ];
      for (const target of new Set(spellings.filter((spelling) => !isStream(endpoint) || spelling === url))) {
        for (const verb of method === 'GET' ? ['GET', 'HEAD', 'OPTIONS'] : [method]) {
          const status = await rawRequest(admin.port, `/waygate${target}`, verb);
          if (![302, 400, 401, 404].includes(status)) open.push(`${verb} ${target}: ${status}`);
        }
      }
    }
    expect(open).toEqual([]);
  });
});
