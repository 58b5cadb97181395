import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, pathKey, startAdmin, type AdminApp } from './support/admin-app.js';
import { PLATFORMS } from './support/nest-app.js';

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
