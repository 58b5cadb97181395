import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';

const KEYS = ['shop:GET:/a', 'shop:GET:/b', 'shop:GET:/c'];

describe('a bulk action on three routes', () => {
  let admin: AdminApp;
  let root: Record<string, string>;
  let form: URLSearchParams;

  beforeEach(async () => {
    admin = await startAdmin('express');
    root = await admin.signIn();
    await admin.engine.reportedRoutes.register(KEYS.map((key) => ({ key, service: 'shop', declaration: {} })));
    form = new URLSearchParams({ reason: 'upgrade' });
    for (const key of KEYS) {
      form.append('key', key);
      form.append('seen', String(admin.engine.sync.routes.get(key).revision));
    }
  });

  afterEach(() => admin.app.close());

  const send = (action: string) =>
    admin.request(`/waygate/routes/act/${action}`, {
      method: 'POST',
      headers: { ...root, 'content-type': 'application/x-www-form-urlencoded', 'hx-request': 'true' },
      body: form.toString(),
    });

  it('changes nothing when the second is stale, and the dialog lists what conflicted and why', async () => {
    await admin.engine.routes.disable('shop:GET:/b', { actor: 'bob', reason: 'broken' });
    const { revision } = admin.engine;
    const { status, text } = await send('maintenance');
    expect(status).toBe(409);
    expect(admin.engine.revision).toBe(revision);
    expect(KEYS.map((key) => admin.engine.sync.routes.get(key).status)).toEqual(['active', 'disabled', 'active']);
    for (const shown of ['Nothing was changed', 'shop:GET:/b', 'bob', 'broken']) expect(text).toContain(shown);
  });

  it('lists all that are stale', async () => {
    await admin.engine.routes.disable('shop:GET:/b', { actor: 'bob' });
    await admin.engine.routes.disable('shop:GET:/c', { actor: 'carol' });
    const { text } = await send('maintenance');
    for (const shown of ['bob', 'carol']) expect(text).toContain(shown);
  });

  it('is one revision, which one revert takes back', async () => {
    const { revision } = admin.engine;
    expect((await send('maintenance')).status).toBeLessThan(400);
    expect(admin.engine.revision).toBe(revision + 1);
    expect(KEYS.map((key) => admin.engine.sync.routes.get(key).status)).toEqual(KEYS.map(() => 'maintenance'));
    await admin.engine.audit.revert(revision + 1);
    expect(KEYS.map((key) => admin.engine.sync.routes.get(key).status)).toEqual(KEYS.map(() => 'active'));
  });
});
