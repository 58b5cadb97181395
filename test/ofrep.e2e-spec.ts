import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { ErrorCode, OpenFeature } from '@openfeature/server-sdk';
import { OpenFeature as WebOpenFeature } from '@openfeature/web-sdk';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startAdmin, type AdminApp } from './support/admin-app.js';
import { readStream } from './support/event-reader.js';
import { PLATFORMS } from './support/nest-app.js';

type Json = Record<string, unknown>;

const bool = {
  type: 'boolean' as const,
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
  fallthrough: 'off',
};

describe.each(PLATFORMS)('remote evaluation on %s', (platform) => {
  let admin: AdminApp;
  let client: string;
  let viewer: string;
  const evaluate = (path: string, body: unknown, headers: Record<string, string> = { authorization: `Bearer ${client}` }) =>
    admin.call('POST', `/ofrep/v1/evaluate/flags${path}`, body, headers);

  beforeAll(async () => {
    admin = await startAdmin(platform, { admin: { path: 'ops/waygate' } });
    const { engine } = admin;
    client = (await engine.access.createToken({ name: 'page', role: 'client' })).token;
    viewer = (await engine.access.createToken({ name: 'server', role: 'viewer' })).token;
    const pro = { clauses: [{ attribute: 'plan', operator: 'is' as const, values: ['pro'] }], variation: 'on' };
    await engine.flags.save({ ...bool, key: 'visible', clientVisible: true, rules: [{ id: 'pro', ...pro }] });
    await engine.flags.save({ ...bool, key: 'hidden' });
    await engine.flags.save({
      key: 'theme',
      type: 'json',
      variations: [
        { name: 'a', value: { dark: false } },
        { name: 'b', value: { dark: true } },
      ],
      offVariation: 'a',
      fallthrough: 'b',
      clientVisible: true,
    });
  });
  afterAll(() => admin.app.close());

  it('evaluates one flag', async () => {
    const { status, json } = await evaluate('/visible', { context: { targetingKey: 'ann', plan: 'pro' } });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      key: 'visible',
      value: true,
      variant: 'on',
      reason: 'TARGETING_MATCH',
      metadata: { ruleId: 'pro' },
    });
  });

  it.each([
    ['/unknown', { context: {} }, 404, 'FLAG_NOT_FOUND'],
    ['/hidden', { context: {} }, 404, 'FLAG_NOT_FOUND'],
    ['/visible', '{', 400, 'PARSE_ERROR'],
    ['/visible', [], 400, 'PARSE_ERROR'],
    ['/visible', { context: 5 }, 400, 'INVALID_CONTEXT'],
    ['/visible', { context: { targetingKey: 5 } }, 400, 'INVALID_CONTEXT'],
    ['', '{', 400, 'PARSE_ERROR'],
    ['', { context: [] }, 400, 'INVALID_CONTEXT'],
  ])('answers %s with %j by %i %s', async (path, body, status, errorCode) => {
    const answer = await evaluate(path, body);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ errorCode, errorDetails: expect.any(String) });
    expect((answer.json as Json)['key']).toBe(path === '' ? undefined : path.slice(1));
  });

  it('asks for a token, and gives client tokens nothing else', async () => {
    expect((await evaluate('/visible', {}, {})).status).toBe(401);
    expect((await evaluate('/visible', {}, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await evaluate('/visible', {}, { 'x-api-key': client })).status).toBe(200);
    for (const path of ['/api/routes', '/api/flags', '/api/tokens', '/api/audit', '/api/sdk/events', '/api/auth/me']) {
      expect([path, (await admin.call('GET', path, undefined, { 'x-waygate-token': client })).status]).toEqual([path, 403]);
      expect([path, (await admin.call('GET', path, undefined, { authorization: `Bearer ${viewer}` })).status]).toEqual([
        path,
        401,
      ]);
    }
    expect((await admin.call('GET', `/ofrep/v1/events?token=${viewer}`)).status).toBe(401);
  });

  it('evaluates all flags somebody may see, once as long as nothing changes', async () => {
    const context = { context: { targetingKey: 'ann' } };
    const first = await evaluate('', context);
    expect((first.json as { flags: Json[] }).flags.map(({ key }) => key)).toEqual(['theme', 'visible']);
    const all = await evaluate('', context, { authorization: `Bearer ${viewer}` });
    expect((all.json as { flags: Json[] }).flags.map(({ key }) => key)).toEqual(['hidden', 'theme', 'visible']);
    const etag = first.headers.get('etag') ?? '';
    const bearer = { authorization: `Bearer ${client}`, 'if-none-match': etag };
    const again = await evaluate('', context, bearer);
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await evaluate('', { context: { targetingKey: 'bob' } }, bearer)).status).toBe(200);
    expect((await evaluate('', context, { ...bearer, authorization: `Bearer ${viewer}` })).status).toBe(200);
    await admin.engine.flags.patch('theme', { fallthrough: 'a' });
    expect((await evaluate('', context, bearer)).status).toBe(200);
    await admin.engine.flags.patch('theme', { fallthrough: 'b' });
  });

  it('tells listeners to evaluate again, of what they see, and those who were away too', async () => {
    const url = `${admin.url}/ops/waygate/ofrep/v1/events`;
    const stream = await readStream(`${url}?token=${client}`, {});
    await admin.engine.flags.patch('hidden', { name: 'Renamed' });
    await admin.engine.flags.patch('theme', { name: 'Renamed' });
    const notice = await stream.until(({ type }) => type === 'refetchEvaluation');
    expect(notice['lastModified']).toEqual(expect.any(Number));
    expect(stream.events).toHaveLength(1);
    const id = stream.events[0]?.id ?? '';
    expect(id).toMatch(/^\d+\.\d+$/);
    stream.close();
    await admin.engine.flags.patch('theme', { name: 'Again' });
    const back = await readStream(`${url}?token=${client}`, { 'last-event-id': id });
    await back.until(({ type }) => type === 'refetchEvaluation');
    const current = back.events[0]?.id ?? '';
    back.close();
    const calm = await readStream(`${url}?token=${client}`, { 'last-event-id': current });
    await admin.engine.flags.patch('visible', { name: 'Once' });
    await calm.until(({ type }) => type === 'refetchEvaluation');
    expect(calm.events).toHaveLength(1);
    calm.close();
  });

  it('serves the official server provider', async () => {
    const provider = new OFREPProvider({ baseUrl: `${admin.url}/ops/waygate`, headers: { Authorization: `Bearer ${viewer}` } });
    await OpenFeature.setProviderAndWait('ofrep', provider);
    const official = OpenFeature.getClient('ofrep');
    expect(await official.getBooleanDetails('visible', false, { targetingKey: 'ann', plan: 'pro' })).toMatchObject({
      value: true,
      variant: 'on',
      reason: 'TARGETING_MATCH',
    });
    expect(await official.getObjectValue('theme', {})).toEqual({ dark: true });
    expect(await official.getBooleanDetails('unknown', true)).toMatchObject({ value: true, errorCode: ErrorCode.FLAG_NOT_FOUND });
    expect(await official.getStringDetails('visible', 'd')).toMatchObject({ value: 'd', errorCode: ErrorCode.TYPE_MISMATCH });
    await OpenFeature.clearProviders();
  });

  it('serves the official web provider, which hears of changes by itself', async () => {
    vi.stubGlobal('EventSource', EventSource);
    const provider = new OFREPWebProvider({
      baseUrl: `${admin.url}/ops/waygate`,
      headers: [['Authorization', `Bearer ${client}`]],
      pollInterval: 0,
      cacheMode: 'disabled',
    });
    try {
      await WebOpenFeature.setContext({ targetingKey: 'ann' });
      await WebOpenFeature.setProviderAndWait(provider);
      const web = WebOpenFeature.getClient();
      expect(web.getBooleanValue('visible', true)).toBe(false);
      expect(web.getBooleanDetails('hidden', true)).toMatchObject({ value: true, errorCode: ErrorCode.FLAG_NOT_FOUND });
      await WebOpenFeature.setContext({ targetingKey: 'ann', plan: 'pro' });
      expect(web.getBooleanValue('visible', false)).toBe(true);
      await vi.waitFor(
        async () => {
          await admin.engine.flags.patch('theme', { fallthrough: 'a' });
          expect(web.getObjectValue('theme', {})).toEqual({ dark: false });
        },
        { timeout: 10_000, interval: 200 },
      );
    } finally {
      await WebOpenFeature.clearProviders();
      vi.unstubAllGlobals();
      await admin.engine.flags.patch('theme', { fallthrough: 'b' });
    }
  });
});
