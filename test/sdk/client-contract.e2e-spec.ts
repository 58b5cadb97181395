import { createServer, type Server } from 'node:http';
import { WaygateClient } from '@waygate/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { listening } from '../support/listening.js';

interface Described {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string; readonly properties?: object } }>>;
  };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: object;
}

const INSTANT = '2031-01-01T00:00:00Z';
const EXPIRY = { expires_in: '2h', expires_at: INSTANT };
const LIMIT = {
  limit: '1/minute',
  algorithm: 'fixed_window',
  key_strategy: 'ip',
  on_missing_key: 'block',
  burst: 1,
  tiers: [{ name: 'pro', limit: '2/minute' }],
  tier_resolver: 'plan',
  exempt_ips: [],
  exempt_roles: [],
  cost: 1,
  mode: 'enforce',
  on_store_error: 'local',
  ...EXPIRY,
};
const PLAN = { start: INSTANT, end: INSTANT, recurrence: { cron: '0 0 * * *', duration: '1h', time_zone: 'UTC' } };
const FLAG = { key: 'f', name: 'F', type: 'boolean', variations: [], off_variation: 'off', fallthrough: 'off' } as const;

/** Everything the client can ask, with every field it can say. */
async function askEverything(waygate: WaygateClient): Promise<void> {
  await waygate.changes.apply([{ kind: 'route.disable', key: 'GET:/a' }], { reason: 'x', dryRun: true });
  const { auth, routes, maintenance, rateLimits, flags, segments, audit, revisions, webhooks, tokens, operations, sdk } = waygate;
  await auth.login('admin', 'secret');
  await auth.me();
  await auth.logout();
  await routes.list({ service: 'shop' });
  await routes.services();
  await routes.get('GET:/x');
  await routes.enable('GET:/x', { reason: 'r', ...EXPIRY });
  await routes.disable('GET:/x', { reason: 'r', ...EXPIRY });
  await routes.maintenance('GET:/x', { reason: 'r', start: INSTANT, end: INSTANT, ...EXPIRY });
  await routes.setEnvironments('GET:/x', ['dev'], { reason: 'r', ...EXPIRY });
  await routes.schedule('GET:/x', { reason: 'r', ...PLAN });
  await routes.cancelSchedule('GET:/x');
  await routes.clear('GET:/x');
  await maintenance.list();
  for (const one of [maintenance, maintenance.forService('shop')]) {
    const input = { reason: 'r', exempt_paths: [], include_force_active: true };
    await one.get();
    await one.enable({ ...input, ...EXPIRY });
    await one.disable({ reason: 'r' });
    await one.schedule({ ...input, ...PLAN });
    await one.cancelSchedule();
    await one.setExempt([]);
  }
  await rateLimits.list();
  await rateLimits.set({ path: '/x', method: 'GET', name: 'burst', ...LIMIT });
  await rateLimits.delete('GET', '/x');
  await rateLimits.reset('/x', 'GET');
  await rateLimits.hits({ route: '/x', limit: 1 });
  for (const one of [rateLimits.global, rateLimits.forService('shop')]) {
    await one.get();
    await one.set({ ...LIMIT, exempt_routes: [] });
    await one.delete();
    await one.reset();
    await one.enable();
    await one.disable({ reason: 'r', ...EXPIRY });
  }
  await flags.list({ type: 'boolean', status: 'active', tag: 't', q: 'q' });
  await flags.get('f');
  await flags.create(FLAG);
  await flags.put(FLAG);
  await flags.patch('f', { name: 'G' });
  await flags.enable('f', { reason: 'r', expires_in: '2h' });
  await flags.disable('f', { reason: 'r', expires_in: '2h' });
  await flags.archive('f', { reason: 'r' });
  await flags.restore('f', { reason: 'r' });
  await flags.delete('f');
  await flags.evaluate('f', { key: 'u' });
  await flags.explain('f', { key: 'u' });
  await flags.explainAll({ key: 'u' }, { type: 'boolean', status: 'active', tag: 't', q: 'q' });
  await flags.schedule('f', { action: 'enable', execute_at: INSTANT, payload: {} });
  await flags.unschedule('f', 'c');
  const rollout = { variation: 'on', otherwise: 'off', rule_id: 'r', steps: [], bucket_by: 'b', salt: 's', reason: 'r' };
  await flags.startRollout('f', rollout);
  await flags.pauseRollout('f', { reason: 'r' });
  await flags.resumeRollout('f', { reason: 'r' });
  await flags.abortRollout('f', { reason: 'r' });
  await flags.stale({ after: '30d' });
  await flags.counts({ flag: 'f' });
  await flags.evaluations({ flag: 'f', variation: 'on', key: 'u' });
  await segments.list();
  await segments.get('s');
  await segments.create({ key: 's', name: 'S' });
  await segments.put({ key: 's', name: 'S' });
  await segments.delete('s');
  await segments.include('s', ['u']);
  await segments.exclude('s', ['u']);
  await segments.forget('s', ['u']);
  await segments.addRule('s', { clauses: [] });
  await segments.removeRule('s', 'r');
  await audit.list({
    route: 'GET:/x',
    service: 's',
    actor: 'a',
    action: 'enable',
    since: INSTANT,
    until: INSTANT,
    limit: 1,
    cursor: 'c',
  });
  const selection = { route: 'GET:/x', service: 's', actor: 'a', action: 'enable', since: INSTANT, until: INSTANT };
  for await (const chunk of audit.export({ ...selection, format: 'jsonl' })) expect(chunk).toBeInstanceOf(Buffer);
  await revisions.list({ limit: 1 });
  await revisions.diff(1, 2);
  await revisions.revert(1, { force: true, reason: 'r' });
  const hook = { url: 'https://x.example', events: [], formatter: 'slack', description: 'd' };
  await webhooks.list();
  await webhooks.get('w');
  await webhooks.add({ ...hook, name: 'w', secret: 's' });
  await webhooks.update('w', hook);
  await webhooks.delete('w');
  await webhooks.enable('w', { reason: 'r' });
  await webhooks.disable('w', { reason: 'r' });
  await webhooks.rotateSecret('w', { secret: 's', overlap: '2h' });
  await webhooks.test('w');
  await webhooks.deliveries({ state: 'dead', limit: 1, cursor: 'c' });
  await webhooks.deliveries({ webhook: 'w' });
  await webhooks.resend('d');
  await tokens.list();
  await tokens.create({ name: 't', role: 'viewer', services: ['s'], expires_at: INSTANT });
  await tokens.revoke('t');
  await operations.health();
  await operations.acceptState({ reason: 'backup' });
  await operations.instances();
  await operations.upcoming({ limit: 1 });
  await operations.stats({ route: 'GET:/x', minutes: 1 });
  const caller = { ip: '127.0.0.1', user: 'u', api_key: 'k', roles: [], attributes: {} };
  await operations.explain({ method: 'GET', path: '/x', service: 's', version: '1', ...caller });
  await sdk.snapshot();
  await sdk.register('shop', []);
}

/** For browsers, probes, and the SDK's own backend; streams are followed in another test. */
const NOT_ASKED = [
  'GET /api/events',
  'GET /api/flags/evaluations/stream',
  'GET /api/health/live',
  'GET /api/health/ready',
  'GET /api/metrics',
  'GET /api/openapi.json',
  'GET /api/sdk/audit',
  'GET /api/sdk/events',
  'GET /api/sdk/hits',
  'GET /api/sdk/records',
  'GET /api/sdk/records/changes',
  'GET /login/oidc',
  'GET /login/oidc/callback',
  'GET /ofrep/v1/events',
  'POST /api/sdk/audit',
  'POST /api/sdk/commit',
  'POST /api/sdk/hits',
  'POST /api/sdk/instances',
  'POST /login',
  'POST /logout',
  'POST /ofrep/v1/evaluate/flags',
  'POST /ofrep/v1/evaluate/flags/{flag}',
];

describe('The client and the description the server gives of itself', () => {
  let admin: AdminApp;
  let recorder: Server;
  let document: Document;
  const asked: Asked[] = [];

  beforeAll(async () => {
    admin = await startAdmin('express');
    document = (await admin.call('GET', '/api/openapi.json', undefined, await admin.signIn())).json as Document;
    recorder = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const [path = ''] = (request.url ?? '').split('?');
        asked.push({ method: request.method ?? '', path, body: JSON.parse(text === '' ? '{}' : text) as object });
        response.writeHead(200, { 'content-type': request.headers.accept ?? 'application/json' }).end('{}');
      });
    });
    await askEverything(new WaygateClient({ baseUrl: `http://127.0.0.1:${await listening(recorder)}`, proxy: false }));
  });
  afterAll(async () => {
    recorder.close();
    await admin.app.close();
  });

  /** The endpoint a request is for: one without parameters before one with. */
  const endpointOf = ({ method, path }: Asked): string | undefined =>
    Object.entries(document.paths)
      .filter(([template, operations]) => method.toLowerCase() in operations && matches(template, path))
      .map(([template]) => template)
      .toSorted((a, b) => a.split('{').length - b.split('{').length)[0];

  it('agree on every path', () => {
    expect(asked.filter((one) => endpointOf(one) === undefined)).toEqual([]);
  });

  it('agree on every field of every body', () => {
    const fields = asked.flatMap((one) => {
      const operation = document.paths[endpointOf(one) ?? '']?.[one.method.toLowerCase()];
      const { schema } = operation?.requestBody?.content['application/json'] ?? {};
      if (schema === undefined) return [];
      const known = schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
      return Object.keys(one.body).map((name) => ({
        field: `${one.method} ${one.path}: ${name}`,
        isKnown: name in (known?.properties ?? {}),
      }));
    });
    expect(fields.length).toBeGreaterThan(100);
    expect(fields.filter(({ isKnown }) => !isKnown).map(({ field }) => field)).toEqual([]);
  });

  it('cover each other, but for what is not the client’s business', () => {
    const known = new Set(asked.map((one) => `${one.method} ${endpointOf(one)}`));
    const all = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(all.filter((endpoint) => !known.has(endpoint)).toSorted()).toEqual(NOT_ASKED);
  });
});

function matches(template: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = template.split('/');
  return wanted.length === parts.length && wanted.every((part, index) => part.startsWith('{') || part === parts[index]);
}
