import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WaygateClient } from '@waygate/client';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { ON_OFF } from '../support/flag.js';

const { offVariation: off_variation, ...SHAPE } = ON_OFF;
/** A flag on the wire. */
const FLAG = { ...SHAPE, off_variation, fallthrough: 'on' };

const USERS = [
  { ...ADMIN },
  { username: 'viewer', password: 'viewer', role: 'viewer' },
  { username: 'operator', password: 'operator', role: 'operator' },
  { username: 'operator-shop', password: 'shop', role: 'operator', services: ['shop'] },
] as const;

describe('POST /api/changes', () => {
  let admin: AdminApp;
  let root: Record<string, string>;

  beforeEach(async () => {
    admin = await startAdmin('express', { admin: { auth: USERS } });
    root = await admin.signIn();
    for (const service of ['shop', 'other'])
      await admin.engine.reportedRoutes.register([{ key: `${service}:GET:/cart`, service, declaration: {} }]);
  });

  afterEach(() => admin.app.close());

  it('makes changes of every capability as one revision, which one revert takes back', async () => {
    const { revision } = admin.engine;
    const changes = [
      { kind: 'route.disable', key: 'shop:GET:/cart', expires_in: '2h', expires_at: null },
      {
        kind: 'limit.set',
        key: 'other:GET:/cart',
        rate_limit: { limit: '10/minute', key_strategy: 'global', on_missing_key: null },
      },
      { kind: 'maintenance.enable', service: 'shop', include_force_active: true },
      { kind: 'flag.create', flag: { ...FLAG, key: 'cart' } },
      { kind: 'flag.update', key: 'cart', patch: { client_visible: true } },
      { kind: 'segment.create', segment: { key: 'staff', included: ['ann'] } },
    ];
    const made = await admin.call('POST', '/api/changes', { changes, reason: 'incident' }, root);
    expect(made).toMatchObject({
      status: 200,
      json: {
        revision: revision + 1,
        changed: [{ key: 'shop:GET:/cart', changes: [0] }, {}, {}, { key: 'cart', changes: [3, 4] }, {}],
      },
    });
    expect(admin.engine.sync.rateLimits.find('other:GET:/cart')?.policies).toMatchObject([{ limit: '10/minute', key: 'global' }]);
    expect(admin.engine.sync.flags.get('cart').clientVisible).toBe(true);
    expect(admin.engine.sync.routes.get('shop:GET:/cart').override).toMatchObject({ reason: 'incident', setBy: 'admin' });
    expect((await admin.call('POST', `/api/revisions/${revision + 1}/revert`, undefined, root)).status).toBe(200);
    expect(admin.engine.sync.routes.get('shop:GET:/cart').override).toBeNull();
    expect(admin.engine.sync.flags.list()).toEqual([]);
  });

  it('answers with dry_run what would change, and changes nothing', async () => {
    const { revision } = admin.engine;
    const changes = [{ kind: 'maintenance.enable', service: 'shop', reason: 'upgrade' }];
    const { status, json } = await admin.call('POST', '/api/changes', { changes, dry_run: true }, root);
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        revision,
        records: [{ kind: 'maintenance', key: 'shop', before: null, changes: [0] }],
        handlers: [
          {
            key: 'shop:GET:/cart',
            before: { status: 'active', blocked_by: null },
            after: { status: 'maintenance', blocked_by: 'service', reason: 'upgrade' },
          },
        ],
        conflicts: [],
        warnings: [],
      },
    });
    expect(admin.engine.revision).toBe(revision);
  });

  it('lists with 409 every change whose record is at another revision, and changes nothing', async () => {
    const seen = admin.engine.sync.routes.get('shop:GET:/cart').revision;
    await admin.engine.routes.disable('other:GET:/cart', { actor: 'bob' });
    const { revision } = admin.engine;
    const changes = ['shop:GET:/cart', 'other:GET:/cart'].map((key) => ({ kind: 'route.enable', key, expected_revision: seen }));
    expect(await admin.call('POST', '/api/changes', { changes }, root)).toMatchObject({
      status: 409,
      json: { conflicts: [{ index: 1, key: 'other:GET:/cart', actual: revision, last: { actor: 'bob', action: 'disable' } }] },
    });
    expect(admin.engine.revision).toBe(revision);
  });

  it.each<[string, unknown, number, string]>([
    ['no list', { changes: {} }, 400, 'changes must be a list of changes'],
    ['an unknown member', { changes: [], dryRun: true }, 400, 'dryRun is not a field of this'],
    ['no change', { changes: [7] }, 400, 'changes[0]: must be an object'],
    ['an unknown kind', { changes: [{ kind: 'route.explode' }] }, 400, "changes[0].kind: 'route.explode' is not a kind"],
    [
      'a misspelled member',
      { changes: [{ kind: 'route.clear', key: '/a', resaon: '' }] },
      400,
      'changes[0].resaon: is not known',
    ],
    ['a member in camel case', { changes: [{ kind: 'route.disable', expiresIn: '1h' }] }, 400, "Use 'expires_in'"],
    ['a wrong type', { changes: [{ kind: 'route.disable', key: 7 }] }, 400, 'changes[0].key: must be text'],
    [
      'a wrong window',
      { changes: [{ kind: 'route.maintenance', key: '/a', window: { start: true } }] },
      400,
      'changes[0].window.start',
    ],
    [
      'a wrong limit',
      { changes: [{ kind: 'limit.set', key: 'shop:GET:/cart', rate_limit: { limit: 'lots' } }] },
      400,
      'changes[0].rate_limit.limit',
    ],
    ['an unknown route', { changes: [{ kind: 'route.clear', key: 'GET:/nope' }] }, 404, 'changes[0]: Route'],
    [
      'too many',
      { changes: Array.from({ length: 1_001 }, () => ({ kind: 'route.clear', key: '/a' })) },
      400,
      'changes must be at most 1000',
    ],
  ])('refuses %s, and says where', async (_what, body, status, text) => {
    const answer = await admin.call('POST', '/api/changes', body, root);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.json)).toContain(text);
  });

  it('asks of each change what its own endpoint asks: the role, and the service', async () => {
    const operator = await admin.signIn('operator', 'operator');
    const shop = await admin.signIn('operator-shop', 'shop');
    const viewer = await admin.signIn('viewer', 'viewer');
    const own = { kind: 'route.disable', key: 'shop:GET:/cart' };
    const post = async (changes: readonly object[], headers: Record<string, string>) =>
      (await admin.call('POST', '/api/changes', { changes, dry_run: true }, headers)).status;
    expect(await post([own], viewer)).toBe(403);
    expect(await post([own], shop)).toBe(200);
    expect(await post([own, { kind: 'route.disable', key: 'other:GET:/cart' }], shop)).toBe(403);
    for (const change of [
      { kind: 'maintenance.enable' },
      { kind: 'maintenance.enable', service: 'other' },
      { kind: 'limit-scope.clear' },
      { kind: 'flag.set', flag: { ...FLAG, key: 'cart' } },
      { kind: 'limit.set', key: 'other:GET:/cart', rate_limit: { limit: '1/minute' } },
    ])
      expect(await post([change], shop)).toBe(403);
    expect(await post([{ kind: 'maintenance.enable', service: 'shop' }], shop)).toBe(200);
    const webhook = { kind: 'webhook.set', url: 'https://hooks.invalid/hook' };
    expect(await post([webhook], operator)).toBe(403);
    expect(await post([webhook], root)).toBe(200);
  });

  it('takes from the client what the engine takes', async () => {
    const token = (await admin.engine.access.createToken({ name: 'ci', role: 'admin' })).token;
    const waygate = new WaygateClient({ baseUrl: `${admin.url}/waygate`, token });
    const changes = [
      { kind: 'limit.set', key: 'shop:GET:/cart', rateLimit: { limit: '1/minute', key: 'global' } },
      {
        kind: 'flag.create',
        flag: { ...ON_OFF, key: 'cart', fallthrough: 'on', clientVisible: true, targets: { on: ['Ann_B'] } },
      },
    ];
    expect((await waygate.changes.apply(changes, { dryRun: true })).records).toHaveLength(2);
    expect((await waygate.changes.apply(changes)).changed).toHaveLength(2);
    expect(admin.engine.sync.rateLimits.find('shop:GET:/cart')?.policies).toMatchObject([{ key: 'global' }]);
    expect(admin.engine.sync.flags.get('cart')).toMatchObject({ clientVisible: true, targets: { on: ['Ann_B'] } });
    waygate.close();
  });
});
