import { createServer } from 'node:http';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { ErrorCode, OpenFeature } from '@openfeature/server-sdk';
import { OpenFeature as WebOpenFeature } from '@openfeature/web-sdk';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { launchChromium, patientPage } from '../support/chromium.js';
import { readStream } from '../support/event-reader.js';
import { ON_OFF } from '../support/flag.js';
import { listening } from '../support/listening.js';
import { PLATFORMS } from '../support/nest-app.js';
import { PATIENCE } from '../support/patience.mjs';

type Json = Record<string, unknown>;
type Page = Awaited<ReturnType<typeof patientPage>>;

const bool = {
  ...ON_OFF,
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

  it.each(['', '/visible'])('takes no context at %s that is nested without end', async (path) => {
    const { status, json } = await evaluate(path, `{"context":{"deep":${'['.repeat(60_000)}${']'.repeat(60_000)}}}`);
    expect([status, (json as Json)['errorCode']]).toEqual([400, 'INVALID_CONTEXT']);
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
    const compressed = await evaluate('', context, { ...bearer, 'if-none-match': `"other", W/${etag}` });
    expect(compressed.status).toBe(304);
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
        { ...PATIENCE, interval: 200 },
      );
    } finally {
      await WebOpenFeature.clearProviders();
      vi.unstubAllGlobals();
      await admin.engine.flags.patch('theme', { fallthrough: 'b' });
    }
  });
});

describe.each(PLATFORMS)('pages of other origins on %s', (platform) => {
  let admin: AdminApp;
  let page: Page;
  let shop: string;
  let other: string;
  let closePages: () => Promise<void>;
  let token: string;

  /** What a page of another origin gets: the answer, or that the browser keeps it from the page. */
  const evaluateFrom = (origin: string, base: string, headers: Json = { authorization: `Bearer ${token}` }) =>
    openAt(origin).then(() =>
      page.evaluate(
        async ([url, sent]) => {
          try {
            const body = JSON.stringify({ context: { targetingKey: 'ann' } });
            const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...sent }, body });
            return { status: response.status, etag: response.headers.get('etag'), body: (await response.json()) as Json };
          } catch {
            return 'refused';
          }
        },
        [`${admin.url}${base}/ofrep/v1/evaluate/flags`, headers] as [string, Record<string, string>],
      ),
    );
  const openAt = async (origin: string) => {
    if (page.url() === `${origin}/`) return;
    await page.goto(`${origin}/`);
  };

  beforeAll(async () => {
    const sites = [1, 2].map(() => createServer((_request, response) => void response.end('a page')));
    const [shopPort = 0, otherPort = 0] = await Promise.all(sites.map(listening));
    [shop, other] = [shopPort, otherPort].map((port) => `http://127.0.0.1:${port}`) as [string, string];
    admin = await startAdmin(platform, { admin: { ofrep: { path: 'flags', cors: [shop] } } });
    token = (await admin.engine.access.createToken({ name: 'page', role: 'client' })).token;
    await admin.engine.flags.save({ ...bool, key: 'visible', clientVisible: true });
    const browser = await launchChromium();
    page = await patientPage(browser);
    await page.route(/^http:\/\/(shop|evil)\.test\//, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<p>page</p>' }),
    );
    closePages = () => browser.close();
  });
  afterAll(async () => {
    await closePages();
    await admin.app.close();
  });

  it.each(['/waygate', '/flags'])('evaluate flags at %s when the options name them', async (base) => {
    const allowed = await evaluateFrom(shop, base);
    expect(allowed).toMatchObject({ status: 200, etag: expect.stringMatching(/^"/), body: { flags: [{ key: 'visible' }] } });
    expect(await evaluateFrom(shop, base, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 });
    expect(await evaluateFrom(other, base)).toBe('refused');
  });

  it('hear of changes, at the address they were told', async () => {
    const answer = (await evaluateFrom(shop, '/flags')) as { body: Json };
    const [{ endpoint }] = answer.body['eventStreams'] as [Json];
    const { requestUri } = endpoint as { requestUri: string };
    expect(requestUri).toMatch(/^\/flags\/ofrep\/v1\/events\?token=/);
    const heard = page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const source = new globalThis.EventSource(url);
          source.addEventListener('open', () => void (document.title = 'open'));
          source.addEventListener('message', ({ data }: MessageEvent<string>) => (source.close(), resolve(data)));
        }),
      `${admin.url}${requestUri}`,
    );
    await expect.poll(() => page.title()).toBe('open');
    await admin.engine.flags.patch('visible', { name: 'Renamed' });
    expect(JSON.parse(await heard)).toMatchObject({ type: 'refetchEvaluation' });
  });

  it('reach nothing but the flags', async () => {
    await openAt(shop);
    const reached = await page.evaluate(
      async ([url, sent]) => fetch(url, { headers: { 'x-waygate-token': sent } }).then(String, () => 'refused'),
      [`${admin.url}/waygate/api/flags`, token] as [string, string],
    );
    expect(reached).toBe('refused');
    for (const path of ['/flags/api/flags', '/flags/login', '/flags/', '/flags/ofrep/../api/flags'])
      expect([path, (await admin.request(path)).status]).toEqual([path, 404]);
    expect((await admin.request('/flags/ofrep/v1/events')).status).toBe(401);
  });

  it('are refused where nothing is said of them, and all allowed by *', async () => {
    const origin = 'http://any.test';
    const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };
    const path = '/waygate/ofrep/v1/evaluate/flags';
    const [plain, open] = await Promise.all([
      startAdmin(platform),
      startAdmin(platform, { admin: { ofrep: { path: '', cors: '*' } } }),
    ]);
    const refused = await plain.request(path, preflight);
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, null]);
    for (const [at, status] of [
      [path, 204],
      ['/ofrep/v1/evaluate/flags/some', 204],
      ['/waygate/api/flags', 401],
    ] as const) {
      const answer = await open.request(at, preflight);
      expect([at, answer.status]).toEqual([at, status]);
      expect(answer.headers.get('access-control-allow-origin')).toBe(status === 204 ? '*' : null);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
    await Promise.all([plain.app.close(), open.app.close()]);
  });
});
