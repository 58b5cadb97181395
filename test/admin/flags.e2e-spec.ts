import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { readStream } from '../support/event-reader.js';
import { PLATFORMS } from '../support/nest-app.js';

type Json = Record<string, unknown>;

/** As an upstream client sends it. */
const FLAG = {
  key: 'new-checkout',
  name: 'New checkout',
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  off_variation: 'off',
  fallthrough: [
    { variation: 'on', weight: 25_000 },
    { variation: 'off', weight: 75_000 },
  ],
  targets: { on: ['ann'] },
  rules: [
    {
      id: 'staff',
      clauses: [{ attribute: 'key', operator: 'in_segment', values: ['staff'] }],
      variation: 'on',
      track_events: true,
    },
    {
      id: 'versions',
      clauses: [{ attribute: 'app_version', operator: 'semver_gte', values: ['2.0.0'], negate: false }],
      rollout: [
        { variation: 'on', weight: 100_000 },
        { variation: 'off', weight: 0 },
      ],
      bucketing: { bucket_by: 'team', salt: 's' },
    },
  ],
  prerequisites: [{ flag_key: 'shop', variation: 'on' }],
  tags: ['shop'],
  temporary: true,
  maintainer: 'ann',
  client_visible: true,
} as const;
const SHOP = {
  key: 'shop',
  name: 'Shop',
  type: 'boolean',
  variations: FLAG.variations,
  off_variation: 'off',
  fallthrough: 'on',
} as const;
const SHOP_AS_NEW = { ...SHOP, key: 'new' } as const;
const STAFF = { key: 'staff', name: 'Staff', included: ['bob'], rules: [], tags: [] } as const;

describe.each(PLATFORMS)('flags over REST on %s', (platform) => {
  let admin: AdminApp;
  let token: Record<string, string>;
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    admin.call(method, path, body, { ...token, ...headers });

  beforeAll(async () => {
    admin = await startAdmin(platform);
    token = await admin.signIn();
  });
  afterAll(() => admin.app.close());
  beforeEach(async () => {
    for (const { key } of admin.engine.sync.flags.list().toReversed()) {
      await admin.engine.flags.patch(key, { prerequisites: [], rules: [] });
    }
    for (const { key } of admin.engine.sync.flags.list()) await admin.engine.flags.delete(key);
    for (const { key } of admin.engine.sync.segments.list()) await admin.engine.segments.delete(key);
    await call('POST', '/api/segments', STAFF);
    await call('POST', '/api/flags', SHOP);
    await call('POST', '/api/flags', FLAG);
  });

  it('takes flags as they stand on the wire and gives them back the same', async () => {
    const { status, json } = await call('GET', '/api/flags/new-checkout');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...FLAG,
      variations: FLAG.variations.map((variation) => ({ ...variation, description: '' })),
      description: '',
      enabled: true,
      status: 'new',
      created_by: 'admin',
      switch_back_at: null,
      progressive_rollout: null,
    });
    expect((json as Json)['created_at']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const again = await call('PUT', '/api/flags/new-checkout', json);
    const { revision: _before, updated_at: _updated, ...before } = json as Json;
    const { revision: _after, updated_at: _at, ...after } = again.json as Json;
    expect(after).toEqual(before);
    expect(((await call('GET', '/api/flags')).json as Json[]).map(({ key }) => key)).toEqual(['new-checkout', 'shop']);
    expect(((await call('GET', '/api/flags?q=SHOP')).json as Json[]).map(({ key }) => key)).toEqual(['shop']);
  });

  it.each([
    ['GET', '/api/flags/none', undefined, 404, "Flag 'none' not found"],
    ['DELETE', '/api/flags/none', undefined, 404, "Flag 'none' not found"],
    ['POST', '/api/flags/none/enable', undefined, 404, "Flag 'none' not found"],
    ['POST', '/api/flags/none/evaluate', undefined, 404, "Flag 'none' not found"],
    ['GET', '/api/segments/none', undefined, 404, "Segment 'none' not found"],
    ['POST', '/api/flags', '{', 400, 'Invalid JSON body'],
    ['POST', '/api/flags', {}, 400, /^Invalid flag definition: key: /],
    ['POST', '/api/flags', SHOP, 409, "Flag 'shop' already exists. Use PUT to update."],
    ['POST', '/api/segments', STAFF, 409, "Segment 'staff' already exists. Use PUT to update."],
    ['POST', '/api/segments', { key: 'x', included: 5 }, 400, /^Invalid segment definition: included/],
    ['PUT', '/api/flags/shop', { ...SHOP, key: 'other' }, 400, 'Flag key in URL and body must match'],
    ['PUT', '/api/flags/shop', { ...SHOP, off_variation: 'no' }, 400, /^Invalid flag definition: off_variation: /],
    [
      'PUT',
      '/api/flags/shop',
      { ...SHOP, rules: [{ clauses: [{ operator: 'no' }] }] },
      400,
      /rules\[0\]\.clauses\[0\]\.operator/,
    ],
    ['PATCH', '/api/flags/shop', [], 400, 'Body must be a JSON object'],
    ['PATCH', '/api/flags/shop', { tags: 5 }, 400, /^Invalid patch: tags/],
    ['PATCH', '/api/flags/shop', { reason: 5 }, 400, 'Invalid patch: reason must be text'],
    ['PATCH', '/api/flags/shop', { off_variation: 'q' }, 400, "off_variation 'q' does not match any variation name"],
    ['PATCH', '/api/flags/shop', { fallthrough: 'q' }, 400, "fallthrough 'q' does not match any variation name"],
    ['DELETE', '/api/flags/shop', undefined, 409, /still used by .*new-checkout/],
    ['DELETE', '/api/segments/staff', undefined, 409, /still used by .*new-checkout/],
    ['POST', '/api/flags/shop/evaluate', { context: 5 }, 400, /^Evaluation error: /],
    ['GET', '/api/flags?type=colour', undefined, 400, /^type must be one of/],
    ['POST', '/api/flags', '{"__proto__":{},"key":"x"}', 400, /cannot be a key/],
    ['POST', '/api/flags', { ...SHOP, key: 'stale' }, 400, /^Invalid flag definition: key: 'stale' is taken/],
    ['PUT', '/api/flags/new', SHOP_AS_NEW, 400, /^Invalid flag definition: key: 'new' is taken/],
    ['POST', '/api/segments', { key: 'new' }, 400, /^Invalid segment definition: key: 'new' is taken/],
    ['POST', '/api/flags/explain?type=colour', undefined, 400, /^type must be one of/],
    ['POST', '/api/flags/explain', { context: { key: 5 } }, 400, /^Evaluation error: context.key/],
  ])('answers %s %s (%j) with %i %s', async (method, path, body, status, text) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect((answer.json as Json)['error']).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
  });

  it('explains all flags to one context, without counting it', async () => {
    const counted = (await call('GET', '/api/flags/counts')).json;
    const { status, json } = await call('POST', '/api/flags/explain', { context: { key: 'ann' } });
    expect(status).toBe(200);
    expect((json as Json[]).map(({ flag_key: key, details }) => [key, (details as Json)['reason']])).toEqual([
      ['new-checkout', 'TARGET_MATCH'],
      ['shop', 'FALLTHROUGH'],
    ]);
    expect((json as { steps: Json[] }[])[0]?.steps.map(({ step }) => step)).toEqual(['switch', 'prerequisite', 'targets']);
    expect((await call('GET', '/api/flags/counts')).json).toEqual(counted);
    expect(await call('POST', '/api/flags/explain?q=shop')).toMatchObject({ json: [{ flag_key: 'shop' }] });
  });

  it('remembers who planned a change when somebody else writes the flag back', async () => {
    const planned = { action: 'disable', execute_at: '2099-01-01T00:00:00Z' };
    const { token: other } = await admin.engine.access.createToken({ name: 'ci', role: 'operator' });
    const before = (await call('POST', '/api/flags/shop/schedule', planned)).json as { scheduled_changes: Json[] };
    const mine = { ...before.scheduled_changes[0], created_by: 'mallory', created_at: '2020-01-01T00:00:00Z' };
    const after = await call('PUT', '/api/flags/shop', { ...before, scheduled_changes: [mine] }, { 'x-waygate-token': other });
    expect(after).toMatchObject({ status: 200, json: { scheduled_changes: before.scheduled_changes } });
    expect(before.scheduled_changes).toMatchObject([{ created_by: 'admin' }]);
  });

  it('patches single fields, and leaves key and type alone', async () => {
    const { json } = await call('PATCH', '/api/flags/shop', { key: 'other', type: 'string', name: 'Renamed', unknown: 1 });
    expect(json).toMatchObject({ key: 'shop', type: 'boolean', name: 'Renamed' });
  });

  it('keeps the reason of a patch in the audit log', async () => {
    const { json } = await call('PATCH', '/api/flags/shop', { description: 'Of the shop', reason: 'it was asked for' });
    expect(json).not.toHaveProperty('reason');
    expect((await call('GET', '/api/audit?limit=1')).json).toMatchObject([{ path: 'flag:shop', reason: 'it was asked for' }]);
  });

  it('switches, for a time too, archives and deletes, each with its audit entry', async () => {
    expect((await call('POST', '/api/flags/shop/disable', { expires_in: '2h' })).json).toMatchObject({
      enabled: false,
      switch_back_at: expect.stringMatching(/Z$/),
    });
    expect((await call('POST', '/api/flags/shop/enable')).json).toMatchObject({ enabled: true, switch_back_at: null });
    expect((await call('POST', '/api/flags/shop/archive')).json).toMatchObject({ status: 'archived' });
    expect((await call('POST', '/api/flags/shop/restore')).json).toMatchObject({ status: 'new' });
    expect((await call('DELETE', '/api/flags/new-checkout')).json).toEqual({ ok: true, deleted: 'new-checkout' });
    const audit = (await call('GET', '/api/audit?limit=5')).json as Json[];
    expect(audit.map(({ action, path, actor }) => [action, path, actor])).toEqual([
      ['flag_deleted', 'flag:new-checkout', 'admin'],
      ['flag_updated', 'flag:shop', 'admin'],
      ['flag_updated', 'flag:shop', 'admin'],
      ['flag_enabled', 'flag:shop', 'admin'],
      ['flag_disabled', 'flag:shop', 'admin'],
    ]);
  });

  it('refuses a change of what somebody else changed', async () => {
    const { revision } = (await call('GET', '/api/flags/shop')).json as Json;
    await call('PATCH', '/api/flags/shop', { name: 'First' });
    const late = await call('PATCH', '/api/flags/shop', { name: 'Second' }, { 'if-match': `"${String(revision)}"` });
    expect(late.status).toBe(412);
    expect((await call('GET', '/api/flags/shop')).json).toMatchObject({ name: 'First' });
  });

  it.each([
    [{ key: 'ann' }, { value: true, variation: 'on', reason: 'TARGET_MATCH', rule_id: null }],
    [{ key: 'bob' }, { value: true, variation: 'on', reason: 'RULE_MATCH', rule_id: 'staff' }],
    [
      { key: 'carl', app_version: '2.1.0', attributes: { team: 'x' } },
      { value: true, reason: 'RULE_MATCH', rule_id: 'versions' },
    ],
    [undefined, { reason: 'FALLTHROUGH', rule_id: null, prerequisite_key: null, error_message: null }],
  ])('evaluates for the context %j', async (context, expected) => {
    const { status, json } = await call(
      'POST',
      '/api/flags/new-checkout/evaluate',
      context === undefined ? undefined : { context },
    );
    expect(status).toBe(200);
    expect(json).toMatchObject({ flag_key: 'new-checkout', ...expected });
  });

  it('explains every step of an evaluation', async () => {
    const { json } = await call('POST', '/api/flags/new-checkout/explain', {
      context: { key: 'dora', attributes: { team: 'x' } },
    });
    const { details, steps } = json as { details: Json; steps: Json[] };
    expect(details).toMatchObject({ flag_key: 'new-checkout', reason: 'FALLTHROUGH' });
    expect(steps.map(({ step }) => step)).toEqual(['switch', 'prerequisite', 'targets', 'rule', 'rule', 'rollout']);
    expect(steps[1]).toMatchObject({ flag_key: 'shop', wanted: 'on', got: 'on', holds: true });
    expect(steps[5]).toMatchObject({ of: 'fallthrough', bucket_by: 'key', hashed: 'new-checkout:user:dora' });
    expect(JSON.stringify(json)).not.toMatch(/"[a-z]+[A-Z][A-Za-z]*":/);
  });

  it('plans changes and rollouts', async () => {
    const planned = await call('POST', '/api/flags/shop/schedule', {
      action: 'update_rollout',
      execute_at: '2099-01-01T00:00:00Z',
      payload: { variation: 'off' },
    });
    expect(planned.status).toBe(201);
    const [change] = (planned.json as { scheduled_changes: Json[] }).scheduled_changes;
    expect(change).toMatchObject({
      action: 'update_rollout',
      execute_at: '2099-01-01T00:00:00Z',
      payload: { variation: 'off' },
      created_by: 'admin',
    });
    const gone = await call('DELETE', `/api/flags/shop/schedule/${String(change?.['id'])}`);
    expect(gone.json).toMatchObject({ scheduled_changes: [] });
    const rollout = { variation: 'off', otherwise: 'on', steps: [{ weight: 1_000 }, { weight: 100_000, after: '1d' }] };
    expect((await call('POST', '/api/flags/shop/rollout', rollout)).json).toMatchObject({
      progressive_rollout: {
        variation: 'off',
        steps: [
          { weight: 1_000, after_ms: 0 },
          { weight: 100_000, after_ms: 86_400_000 },
        ],
      },
    });
    expect((await call('POST', '/api/flags/shop/rollout/pause')).json).toMatchObject({
      progressive_rollout: { paused_at: expect.any(String) },
    });
    expect((await call('POST', '/api/flags/shop/rollout/resume')).json).toMatchObject({
      progressive_rollout: { paused_at: null },
    });
    expect((await call('POST', '/api/flags/shop/rollout/abort')).json).toMatchObject({ progressive_rollout: null });
    expect((await call('POST', '/api/flags/shop/rollout/abort')).status).toBe(400);
  });

  it('changes members and rules of segments one by one', async () => {
    expect((await call('POST', '/api/segments/staff/include', { keys: ['eve'] })).json).toMatchObject({
      included: ['bob', 'eve'],
    });
    expect((await call('POST', '/api/segments/staff/exclude', { keys: ['bob'] })).json).toMatchObject({
      included: ['eve'],
      excluded: ['bob'],
    });
    expect((await call('POST', '/api/segments/staff/forget', { keys: ['bob'] })).json).toMatchObject({ excluded: [] });
    const rule = { id: 'mail', clauses: [{ attribute: 'email', operator: 'ends_with', values: ['@shop.example'] }] };
    const added = await call('POST', '/api/segments/staff/rules', rule);
    expect([added.status, (added.json as { rules: unknown[] }).rules.length]).toEqual([201, 1]);
    expect((await call('DELETE', '/api/segments/staff/rules/mail')).json).toMatchObject({ rules: [] });
    expect((await call('PUT', '/api/segments/staff', { ...STAFF, included: [] })).json).toMatchObject({ included: [] });
  });

  it('tells what was evaluated, and what is stale', async () => {
    await call('POST', '/api/flags/new-checkout/evaluate', { context: { key: 'ann' } });
    const samples = (await call('GET', '/api/flags/evaluations?flag=new-checkout&key=ann')).json as Json[];
    expect(samples[0]).toMatchObject({ flag_key: 'new-checkout', variation: 'on', reason: 'TARGET_MATCH', key: 'ann' });
    const counts = (await call('GET', '/api/flags/counts?flag=new-checkout')).json as Json[];
    expect(counts).toContainEqual(expect.objectContaining({ flag_key: 'new-checkout', variation: 'on' }));
    expect((await call('GET', '/api/flags/stale')).json).toEqual([]);
  });

  it('tells of evaluations as they happen, those asked for, and how many were more than is told', async () => {
    const url = `${admin.url}/waygate/api/flags/evaluations/stream`;
    const [all, ofAnn] = [await readStream(url, token), await readStream(`${url}?flag=new-checkout&key=ann`, token)];
    try {
      const context = (targetingKey: string) => ({ targetingKey });
      admin.engine.sync.flags.boolean('new-checkout', false, context('bea'));
      admin.engine.sync.flags.boolean('new-checkout', false, context('ann'));
      const { evaluation } = await ofAnn.until(({ type }) => type === 'evaluation');
      expect(evaluation).toMatchObject({ flag_key: 'new-checkout', value: true, reason: 'TARGET_MATCH', key: 'ann' });
      await all.until((event) => (event['evaluation'] as Json | undefined)?.['key'] === 'bea');
      for (let index = 0; index < 5_000; index++) admin.engine.sync.flags.boolean('new-checkout', false, context('bea'));
      const { count } = await all.until(({ type }) => type === 'skipped');
      expect(count).toBe(4_900);
      expect(ofAnn.events).toHaveLength(1);
    } finally {
      all.close();
      ofAnn.close();
    }
  });

  it('tells nobody of evaluations whose token was revoked', async () => {
    const short = await admin.signIn();
    const stream = await readStream(`${admin.url}/waygate/api/flags/evaluations/stream`, short);
    try {
      await call('POST', '/api/auth/logout', undefined, short);
      await expect.poll(() => stream.closed).toBe(true);
    } finally {
      stream.close();
    }
  });

  it('tells SDKs of flags and segments, those there are and each change', async () => {
    const stream = await readStream(`${admin.url}/waygate/api/sdk/events`, { ...token, 'x-waygate-app-id': 'shop' });
    try {
      await stream.until((event) => event['type'] === 'flag_updated' && event['key'] === 'new-checkout');
      await stream.until((event) => event['type'] === 'segment_updated' && event['key'] === 'staff');
      await call('PATCH', '/api/flags/shop', { name: 'Told' });
      const told = await stream.until(
        (event) => event['type'] === 'flag_updated' && (event['flag'] as Json | undefined)?.['name'] === 'Told',
      );
      expect(told['flag']).toEqual((await call('GET', '/api/flags/shop')).json);
      await call('DELETE', '/api/flags/new-checkout');
      expect(await stream.until((event) => event['type'] === 'flag_deleted')).toEqual({
        type: 'flag_deleted',
        key: 'new-checkout',
      });
      await call('DELETE', '/api/segments/staff');
      expect(await stream.until((event) => event['type'] === 'segment_deleted')).toEqual({
        type: 'segment_deleted',
        key: 'staff',
      });
    } finally {
      stream.close();
    }
    const snapshot = (await call('GET', '/api/sdk/snapshot')).json as { flags: Json[] };
    expect(snapshot.flags.map(({ key }) => key)).toEqual(['shop']);
  });
});
