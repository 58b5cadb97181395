import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, pathKey, startAdmin, type AdminApp } from '../support/admin-app.js';
import { PLATFORMS } from '../support/nest-app.js';

const NOT_FOUND = (key: string) => `Route '${key}' is not registered. Use 'waygate status' to see all registered routes.`;
const PAYMENTS = pathKey('GET:/payments');
const ACTIVE = {
  path: 'GET:/payments',
  service: null,
  status: 'active',
  reason: '',
  allowed_envs: [],
  allowed_roles: [],
  allowed_ips: [],
  window: null,
  sunset_date: null,
  successor_path: null,
  rollout_percentage: 100,
  force_active: false,
  source: 'override',
  next_change: null,
  tags: [],
};
/** What applies, beside what the route alone says. */
const EFFECTIVE = ['effective', 'effective_status', 'blocked_by', 'until'];
const OFF = { enabled: false, reason: '', exempt_paths: [], include_force_active: false };
const POLICY = {
  path: '/payments',
  method: 'GET',
  limit: '10/minute',
  algorithm: 'fixed_window',
  key_strategy: 'ip',
  on_missing_key: null,
  burst: 0,
  tiers: [],
  tier_resolver: 'plan',
  exempt_ips: [],
  exempt_roles: [],
};

/** A request and its answer: `[what, method, path, body, status, json]`; text bodies go out as they are. */
type Exchange = readonly [what: string, method: string, path: string, body: unknown, status: number, json: unknown];

const EXCHANGES: readonly Exchange[] = [
  // §4 routes
  ['lists services', 'GET', '/api/services', undefined, 200, ['shop']],
  ['gives a route', 'GET', `/api/routes/${PAYMENTS}`, undefined, 200, { ...ACTIVE, source: 'declared' }],
  [
    'decodes a padded key',
    'GET',
    `/api/routes/${Buffer.from('GET:/payments').toString('base64')}`,
    undefined,
    200,
    { path: 'GET:/payments' },
  ],
  [
    'takes an unknown route for active',
    'GET',
    `/api/routes/${pathKey('GET:/nowhere')}`,
    undefined,
    200,
    { ...ACTIVE, path: 'GET:/nowhere', source: 'declared', revision: 0 },
  ],
  [
    'does not resolve a bare path when it reads',
    'GET',
    `/api/routes/${pathKey('/payments')}`,
    undefined,
    200,
    { path: '/payments', status: 'active' },
  ],
  [
    'refuses a key that is no base64url',
    'GET',
    '/api/routes/*',
    undefined,
    400,
    { error: 'The key in the URL must be base64url of a route key' },
  ],
  ['disables without a body', 'POST', `/api/routes/${PAYMENTS}/disable`, undefined, 200, { ...ACTIVE, status: 'disabled' }],
  [
    'disables with a reason',
    'POST',
    `/api/routes/${PAYMENTS}/disable`,
    { reason: 'hotfix' },
    200,
    { status: 'disabled', reason: 'hotfix' },
  ],
  ['takes an invalid body for an empty one', 'POST', `/api/routes/${PAYMENTS}/enable`, '{nonsense', 200, ACTIVE],
  ['takes a list for an empty body', 'POST', `/api/routes/${PAYMENTS}/enable`, '[1]', 200, ACTIVE],
  [
    'finds the one method of a bare path',
    'POST',
    `/api/routes/${pathKey('/payments')}/disable`,
    {},
    200,
    { path: 'GET:/payments', status: 'disabled' },
  ],
  [
    'opens a route again',
    'POST',
    `/api/routes/${PAYMENTS}/enable`,
    { reason: 'done' },
    200,
    { status: 'active', reason: 'done' },
  ],
  [
    'refuses a reason of null',
    'POST',
    `/api/routes/${PAYMENTS}/disable`,
    { reason: null },
    400,
    { error: 'reason must be a string' },
  ],
  [
    'refuses a route nobody knows',
    'POST',
    `/api/routes/${pathKey('GET:/nope')}/enable`,
    {},
    404,
    { error: NOT_FOUND('GET:/nope') },
  ],
  [
    'refuses a key that cannot be a route',
    'POST',
    `/api/routes/${pathKey('nonsense')}/enable`,
    {},
    404,
    { error: NOT_FOUND('nonsense') },
  ],
  [
    'refuses an ambiguous path',
    'POST',
    `/api/routes/${pathKey('/orders')}/disable`,
    {},
    409,
    {
      error:
        "Route '/orders' is ambiguous — matches: GET:/orders, POST:/orders. Specify the full method-prefixed key (e.g. GET:/payments).",
      ambiguous_matches: ['GET:/orders', 'POST:/orders'],
    },
  ],
  [
    'resolves the bare path of a service',
    'POST',
    `/api/routes/${pathKey('shop:/cart')}/enable`,
    {},
    200,
    { path: 'shop:GET:/cart', service: 'shop' },
  ],
  [
    'sets maintenance',
    'POST',
    `/api/routes/${PAYMENTS}/maintenance`,
    { reason: 'm' },
    200,
    { status: 'maintenance', reason: 'm', window: null },
  ],
  [
    'sets maintenance in a window',
    'POST',
    `/api/routes/${PAYMENTS}/maintenance`,
    { reason: 'm', start: '2020-01-01T00:00:00', end: '2099-01-01T00:00:00+02:00' },
    200,
    { status: 'maintenance', window: { start: '2020-01-01T00:00:00Z', end: '2098-12-31T22:00:00Z', reason: 'm' } },
  ],
  [
    'ignores one edge alone',
    'POST',
    `/api/routes/${PAYMENTS}/maintenance`,
    { start: 'nonsense' },
    200,
    { status: 'maintenance', window: null },
  ],
  [
    'refuses edges that are no dates',
    'POST',
    `/api/routes/${PAYMENTS}/maintenance`,
    { start: 'x', end: 'y' },
    400,
    { error: 'Invalid datetime for start/end' },
  ],
  [
    'refuses edges that are no text',
    'POST',
    `/api/routes/${PAYMENTS}/maintenance`,
    { start: {}, end: [] },
    400,
    { error: 'Invalid datetime for start/end' },
  ],
  [
    'gates a route',
    'POST',
    `/api/routes/${PAYMENTS}/env`,
    { envs: ['dev', 'staging'] },
    200,
    { status: 'env_gated', allowed_envs: ['dev', 'staging'] },
  ],
  [
    'refuses environments that are no list',
    'POST',
    `/api/routes/${PAYMENTS}/env`,
    { envs: 'dev' },
    400,
    { error: 'envs must be a list of strings' },
  ],
  [
    'refuses environments that are no text',
    'POST',
    `/api/routes/${PAYMENTS}/env`,
    { envs: [1] },
    400,
    { error: 'envs must be a list of strings' },
  ],
  ['needs a body for environments', 'POST', `/api/routes/${PAYMENTS}/env`, undefined, 400, { error: 'Invalid JSON body' }],
  ['opens the gate', 'POST', `/api/routes/${PAYMENTS}/enable`, {}, 200, ACTIVE],
  [
    'schedules maintenance',
    'POST',
    `/api/routes/${PAYMENTS}/schedule`,
    { start: '2098-01-01T00:00:00Z', end: '2099-01-01', reason: 's' },
    200,
    {
      status: 'active',
      window: { start: '2098-01-01T00:00:00Z', end: '2099-01-01T00:00:00Z', reason: 's' },
      next_change: '2098-01-01T00:00:00Z',
    },
  ],
  ['cancels it', 'DELETE', `/api/routes/${PAYMENTS}/schedule`, undefined, 200, { status: 'active', window: null }],
  [
    'cancels what is not there',
    'DELETE',
    `/api/routes/${pathKey('GET:/nope')}/schedule`,
    undefined,
    200,
    { path: 'GET:/nope', status: 'active' },
  ],
  ['schedules only objects', 'POST', `/api/routes/${PAYMENTS}/schedule`, '[]', 400, { error: 'JSON body must be an object' }],
  [
    'schedules only with both edges',
    'POST',
    `/api/routes/${PAYMENTS}/schedule`,
    { start: '2098-01-01' },
    400,
    { error: 'start and end are required' },
  ],
  [
    'schedules only dates',
    'POST',
    `/api/routes/${PAYMENTS}/schedule`,
    { start: 'x', end: 'y' },
    400,
    { error: 'Invalid datetime for start/end' },
  ],
  [
    'leaves force-active routes alone',
    'POST',
    `/api/routes/${pathKey('GET:/vital')}/disable`,
    {},
    409,
    {
      error:
        "Route 'GET:/vital' is decorated with @force_active and cannot have its state changed. Remove the decorator first if you need to control this route's lifecycle.",
    },
  ],
  ['clears what operators set', 'DELETE', `/api/routes/${PAYMENTS}/override`, undefined, 200, { ...ACTIVE, source: 'declared' }],
  // §5 maintenance
  ['reads the switch for everything', 'GET', '/api/global', undefined, 200, OFF],
  [
    'switches everything off',
    'POST',
    '/api/global/enable',
    { reason: 'x', exempt_paths: ['/health'], include_force_active: true },
    200,
    { enabled: true, reason: 'x', exempt_paths: ['/health'], include_force_active: true },
  ],
  ['replaces the whole configuration', 'POST', '/api/global/enable', undefined, 200, { ...OFF, enabled: true }],
  [
    'reads the sentinel of it',
    'GET',
    `/api/routes/${pathKey('__waygate:global__')}`,
    undefined,
    200,
    {
      ...ACTIVE,
      path: '__waygate:global__',
      source: 'declared',
      reason: '{"enabled":true,"reason":"","exempt_paths":[],"include_force_active":false}',
    },
  ],
  [
    'changes only what stays up',
    'PUT',
    '/api/global/exempt',
    { exempt_paths: ['GET:/a'] },
    200,
    { ...OFF, enabled: true, exempt_paths: ['GET:/a'] },
  ],
  ['drops everything when it is switched on again', 'POST', '/api/global/disable', undefined, 200, OFF],
  [
    'refuses exempt paths that are no list',
    'POST',
    '/api/global/enable',
    { exempt_paths: 'x' },
    400,
    { error: 'exempt_paths must be a list of routes' },
  ],
  ['reads the switch of any service', 'GET', '/api/services/anything/maintenance', undefined, 200, OFF],
  [
    'switches a service off',
    'POST',
    '/api/services/shop/maintenance/enable',
    { reason: 'y' },
    200,
    { ...OFF, enabled: true, reason: 'y' },
  ],
  ['switches it on', 'POST', '/api/services/shop/maintenance/disable', undefined, 200, OFF],
  [
    'takes no impossible service',
    'POST',
    '/api/services/a%20b/maintenance/enable',
    undefined,
    400,
    { error: "service: 'a b' is not a service name. Use letters, digits, '.', '_' and '-' (at most 128)" },
  ],
  // §5 SDK
  ['registers only lists', 'POST', '/api/sdk/register', { app_id: 'shop', states: {} }, 400, { error: 'states must be a list' }],
  [
    'registers what is valid and its own',
    'POST',
    '/api/sdk/register',
    {
      app_id: 'shop',
      states: [
        { path: 'shop:GET:/new', status: 'disabled', reason: 'r' },
        { path: 'other:GET:/x' },
        { path: 'GET:/y', service: 'other' },
        { path: '__waygate:global__' },
        7,
        { path: 'no path' },
      ],
    },
    200,
    { states: [{ ...ACTIVE, path: 'shop:GET:/new', service: 'shop', status: 'disabled', reason: 'r', source: 'declared' }] },
  ],
  [
    'keeps a path without a service',
    'POST',
    '/api/sdk/register',
    { app_id: 'shop', states: [{ path: 'GET:/bare', service: '' }] },
    200,
    { states: [{ path: 'GET:/bare', service: 'shop' }] },
  ],
  [
    'gives back what is known already',
    'POST',
    '/api/sdk/register',
    { app_id: 'shop', states: [{ path: 'shop:GET:/new', status: 'active' }] },
    200,
    { states: [{ path: 'shop:GET:/new', status: 'disabled' }] },
  ],
  [
    'files what is known under the tags a report names',
    'POST',
    '/api/sdk/register',
    { app_id: 'shop', states: [{ path: 'shop:GET:/new', status: 'active', tags: ['b', 'a'] }] },
    200,
    { states: [{ path: 'shop:GET:/new', status: 'disabled', tags: ['a', 'b'] }] },
  ],
  [
    'leaves out what has tags that are none',
    'POST',
    '/api/sdk/register',
    {
      app_id: 'shop',
      states: [
        { path: 'shop:GET:/odd', tags: 'a' },
        { path: 'shop:GET:/odd', tags: ['x'.repeat(65)] },
      ],
    },
    200,
    { states: [] },
  ],
  ['finds routes by a tag', 'GET', '/api/routes?tag=b', undefined, 200, [{ path: 'shop:GET:/new', tags: ['a', 'b'] }]],
  [
    'takes a doubled name for a change',
    'POST',
    '/api/sdk/register',
    { app_id: 'shop', states: [{ path: 'shop:shop:GET:/new', service: 'shop', status: 'maintenance', reason: 'rt' }] },
    200,
    { states: [{ path: 'shop:GET:/new', status: 'maintenance', reason: 'rt' }] },
  ],
  [
    'records what an SDK did',
    'POST',
    '/api/sdk/audit',
    { id: 'e1', timestamp: '2026-01-01T00:00:00Z', path: 'shop:GET:/new', action: 'disable', actor: 'py' },
    200,
    { ok: true },
  ],
  [
    'records nothing incomplete',
    'POST',
    '/api/sdk/audit',
    { id: 'e1' },
    400,
    { error: 'Invalid audit entry: timestamp: is required' },
  ],
  ['records only JSON', 'POST', '/api/sdk/audit', 'x', 400, { error: 'Invalid JSON body' }],
  // §6 rate limits
  ['sets a limit', 'POST', '/api/rate-limits', { path: '/payments', limit: '10/minute' }, 201, POLICY],
  ['lists it', 'GET', '/api/rate-limits', undefined, 200, [POLICY]],
  [
    'sets all there is to a limit',
    'POST',
    '/api/rate-limits',
    {
      path: '/payments',
      method: 'get',
      limit: '5 per second',
      algorithm: 'sliding_window',
      key_strategy: 'api_key',
      burst: 3,
      tiers: [{ name: 'pro', limit: 'unlimited' }],
      mode: 'shadow',
      on_missing_key: 'block',
    },
    201,
    {
      ...POLICY,
      limit: '5/second',
      algorithm: 'sliding_window',
      key_strategy: 'api_key',
      burst: 3,
      tiers: [{ name: 'pro', limit: 'unlimited' }],
      mode: 'shadow',
      on_missing_key: 'block',
    },
  ],
  ['wants path and limit', 'POST', '/api/rate-limits', { path: '/payments' }, 400, { error: 'path and limit are required' }],
  [
    'explains limits',
    'POST',
    '/api/rate-limits',
    { path: '/payments', limit: '10/min' },
    400,
    {
      error:
        "Invalid rate limit string '10/min'. Use the format '<count>/<granularity>', e.g. '100/minute'. Valid granularities: second, minute, hour, day, month, year (or their plurals).",
    },
  ],
  [
    'knows its algorithms',
    'POST',
    '/api/rate-limits',
    { path: '/payments', limit: '1/minute', algorithm: 'zzz' },
    400,
    { error: "'zzz' is not a valid RateLimitAlgorithm" },
  ],
  [
    'knows its keys',
    'POST',
    '/api/rate-limits',
    { path: '/payments', limit: '1/minute', key_strategy: 'zzz' },
    400,
    { error: "'zzz' is not a valid RateLimitKeyStrategy" },
  ],
  [
    'knows methods',
    'POST',
    '/api/rate-limits',
    { path: '/payments', limit: '1/minute', method: 'BOGUS' },
    400,
    { error: "'BOGUS' is not a valid HTTP method" },
  ],
  [
    'wants whole bursts',
    'POST',
    '/api/rate-limits',
    { path: '/payments', limit: '1/minute', burst: -1 },
    400,
    { error: 'burst must not be negative' },
  ],
  [
    'limits only known routes',
    'POST',
    '/api/rate-limits',
    { path: '/nope', limit: '1/minute' },
    404,
    { error: NOT_FOUND('/nope') },
  ],
  [
    'limits a path that only a service has',
    'POST',
    '/api/rate-limits',
    { path: '/cart', limit: '1/minute' },
    201,
    { ...POLICY, path: '/cart', limit: '1/minute' },
  ],
  [
    'limits the method that the path names',
    'POST',
    '/api/rate-limits',
    { path: 'shop:GET:/cart', method: 'POST', limit: '2/minute' },
    201,
    { ...POLICY, path: 'shop:/cart', method: 'GET', limit: '2/minute' },
  ],
  [
    'forgets what callers used',
    'DELETE',
    `/api/rate-limits/${pathKey('/payments')}/reset?method=GET`,
    undefined,
    200,
    { ok: true, path: '/payments' },
  ],
  ['removes a limit', 'DELETE', `/api/rate-limits/${PAYMENTS}`, undefined, 200, { ok: true, path: '/payments', method: 'GET' }],
  [
    'removes what is not there',
    'DELETE',
    `/api/rate-limits/${pathKey('GET:/nope')}`,
    undefined,
    200,
    { ok: true, path: '/nope', method: 'GET' },
  ],
  [
    'wants a method to remove',
    'DELETE',
    `/api/rate-limits/${pathKey('/payments')}`,
    undefined,
    400,
    { error: 'path_key must encode METHOD:path' },
  ],
  ['lists hits', 'GET', '/api/rate-limits/hits?limit=abc', undefined, 200, []],
  ['has no global limit', 'GET', '/api/global-rate-limit', undefined, 200, { enabled: false, policy: null }],
  ['resumes nothing', 'POST', '/api/global-rate-limit/enable', undefined, 200, { ok: true }],
  [
    'sets a global limit',
    'POST',
    '/api/global-rate-limit',
    { limit: '100/minute', exempt_routes: ['/health'] },
    201,
    {
      limit: '100/minute',
      algorithm: 'fixed_window',
      key_strategy: 'ip',
      on_missing_key: null,
      burst: 0,
      exempt_routes: ['/health'],
      enabled: true,
    },
  ],
  ['pauses it', 'POST', '/api/global-rate-limit/disable', undefined, 200, { ok: true }],
  [
    'shows that it is paused',
    'GET',
    '/api/global-rate-limit',
    undefined,
    200,
    { enabled: false, policy: { limit: '100/minute', enabled: false } },
  ],
  ['resets it', 'DELETE', '/api/global-rate-limit/reset', undefined, 200, { ok: true }],
  ['removes it', 'DELETE', '/api/global-rate-limit', undefined, 200, { ok: true }],
  ['wants a limit', 'POST', '/api/global-rate-limit', {}, 400, { error: 'limit is required' }],
  [
    'wants exempt routes as a list',
    'POST',
    '/api/global-rate-limit',
    { limit: '1/minute', exempt_routes: 'x' },
    400,
    { error: 'exempt_routes must be a list' },
  ],
  ['limits a service', 'POST', '/api/services/shop/rate-limit', { limit: '7/hour' }, 201, { limit: '7/hour', enabled: true }],
  [
    'shows the limit of a service',
    'GET',
    '/api/services/shop/rate-limit',
    undefined,
    200,
    { enabled: true, policy: { limit: '7/hour' } },
  ],
  ['removes the limit of a service', 'DELETE', '/api/services/shop/rate-limit', undefined, 200, { ok: true }],
  // everything else
  ['does not know other paths', 'GET', '/api/nothing', undefined, 404, { error: 'Not found' }],
  ['does not know other methods', 'PUT', '/api/routes', {}, 405, { error: 'Method not allowed' }],
  ['tells live', 'GET', '/api/health/live', undefined, 200, { status: 'live' }],
  ['tells ready', 'GET', '/api/health/ready', undefined, 200, { status: 'ready' }],
];

describe.each(PLATFORMS)('the wire contract on %s', (platform) => {
  let admin: AdminApp;
  let token: Record<string, string>;

  beforeAll(async () => {
    admin = await startAdmin(platform);
    token = await admin.signIn();
    await admin.engine.routes.register(['GET:/orders', 'POST:/orders'].map((key) => ({ key, declaration: {} })));
    await admin.engine.reportedRoutes.register([{ key: 'shop:GET:/cart', service: 'shop', declaration: {} }]);
  });

  afterAll(() => admin.app.close());

  it.each(EXCHANGES)('%s: %s %s', async (_what, method, path, body, status, json) => {
    const answer = await admin.call(method, path, body, token);
    expect(answer).toMatchObject({ status, json });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('gives every documented field of a route and none as missing', async () => {
    const { json } = await admin.call('GET', `/api/routes/${PAYMENTS}`, undefined, token);
    expect(Object.keys(json as object).toSorted()).toEqual([...Object.keys(ACTIVE), ...EFFECTIVE, 'revision'].toSorted());
  });

  it('reads bodies whatever their type is said to be', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/json; charset=utf-8',
    ]) {
      const answer = await admin.call('POST', '/api/auth/login', ADMIN, { 'content-type': type });
      expect(answer.status).toBe(200);
    }
  });

  it('signs in, tells who, and signs out', async () => {
    const login = await admin.call('POST', '/api/auth/login', { ...ADMIN, platform: 'sdk' });
    const { token: text, username, expires_at: expires } = login.json as Record<string, string>;
    expect([login.status, username]).toEqual([200, 'admin']);
    expect(expires).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    const year = Date.parse(expires ?? '') - Date.now();
    expect(Math.round(year / 86_400_000)).toBe(365);
    const headers = { 'x-waygate-token': ` ${text} ` };
    expect(await admin.call('GET', '/api/auth/me', undefined, headers)).toMatchObject({
      status: 200,
      json: { username: 'admin', platform: 'sdk' },
    });
    expect(await admin.call('POST', '/api/auth/logout', undefined, headers)).toMatchObject({ status: 200, json: { ok: true } });
    expect(await admin.call('GET', '/api/auth/me', undefined, headers)).toMatchObject({
      status: 401,
      json: { error: 'Authentication required. Use POST /api/auth/login to obtain a token.' },
    });
    expect(await admin.call('POST', '/api/auth/logout')).toMatchObject({ status: 200, json: { ok: true } });
  });

  it.each([
    ['nothing', undefined, 400, 'Invalid JSON body'],
    ['no password', { username: 'admin' }, 400, 'username and password are required'],
    ['an empty name', { username: '', password: 'x' }, 400, 'username and password are required'],
    ['numbers', { username: 1, password: 2 }, 400, 'username and password are required'],
    ['a wrong password', { username: 'admin', password: 'x' }, 401, 'Invalid credentials'],
    ['an unknown name', { username: 'nobody', password: 'x' }, 401, 'Invalid credentials'],
  ])('does not sign in with %s', async (_what, body, status, error) => {
    expect(await admin.call('POST', '/api/auth/login', body)).toMatchObject({ status, json: { error } });
  });

  it('tells changes with who, from where and why', async () => {
    const headers = { ...token };
    await admin.call('POST', `/api/routes/${PAYMENTS}/env`, { envs: ['dev', 'staging'] }, headers);
    await admin.call('POST', '/api/global/enable', { reason: 'all' }, headers);
    await admin.call('POST', '/api/global/disable', {}, headers);
    await admin.call('POST', '/api/rate-limits', { path: '/payments', limit: '3/minute' }, headers);
    const { json } = await admin.call('GET', '/api/audit?limit=4', undefined, headers);
    const common = { actor: 'admin', platform: 'cli', service: null };
    expect(json).toMatchObject([
      {
        ...common,
        action: 'rl_policy_set',
        path: 'GET:/payments',
        reason: '3/minute · fixed_window · ip',
        previous_status: null,
        new_status: null,
      },
      { ...common, action: 'global_maintenance_off', path: '__global__', previous_status: 'maintenance', new_status: 'active' },
      {
        ...common,
        action: 'global_maintenance_on',
        path: '__global__',
        reason: 'all',
        previous_status: 'active',
        new_status: 'maintenance',
      },
      {
        ...common,
        action: 'env_gate',
        path: 'GET:/payments',
        reason: "Restricted to: ['dev', 'staging']",
        previous_status: 'active',
        new_status: 'env_gated',
      },
    ]);
    expect(Object.keys((json as object[])[0] ?? {})).toEqual([
      'id',
      'timestamp',
      'path',
      'service',
      'action',
      'actor',
      'platform',
      'reason',
      'previous_status',
      'new_status',
      'revision',
    ]);
    const paths = async (query: string) =>
      ((await admin.call('GET', `/api/audit?${query}`, undefined, headers)).json as { path: string }[]).map(({ path }) => path);
    expect(new Set(await paths('route=__global__&limit=1000'))).toEqual(new Set(['__global__']));
    expect(await paths('limit=-1')).toHaveLength(Math.min(50, (await paths('limit=1000')).length));
    expect(new Set(await paths('service=shop&limit=500'))).not.toContain('GET:/payments');
    expect((await paths('service=shop')).length).toBeGreaterThan(0);
  });

  it.each(['=', '+', '-', '@', '＝', '＋', '－', '＠'])('exports no reason that starts with %s as a formula', async (sign) => {
    await admin.call('POST', `/api/routes/${PAYMENTS}/disable`, { reason: `${sign}1+1|formula` }, token);
    const csv = (await admin.call('GET', '/api/audit/export?format=csv&route=GET:/payments', undefined, token)).text;
    expect(csv).toContain(`,'${sign}1+1|formula,`);
    expect(csv).not.toContain(`,${sign}1+1|formula`);
  });

  it('pages through the audit log without a hole, and exports it', async () => {
    const all = (await admin.call('GET', '/api/audit?limit=1000', undefined, token)).json as { id: string }[];
    const ids: string[] = [];
    let cursor: string | null = '';
    do {
      const page = await admin.call('GET', `/api/audit?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`, undefined, token);
      ids.push(...(page.json as { id: string }[]).map(({ id }) => id));
      cursor = page.headers.get('x-waygate-next-cursor');
    } while (cursor !== null);
    expect(ids).toEqual(all.map(({ id }) => id));
    const lines = (await admin.call('GET', '/api/audit/export', undefined, token)).text.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(ids);
    await admin.call('POST', `/api/routes/${PAYMENTS}/disable`, { reason: '=HYPERLINK("http://evil"),1' }, token);
    const csv = (await admin.call('GET', '/api/audit/export?format=csv&route=GET:/payments', undefined, token)).text;
    expect(csv).toContain(`,"'=HYPERLINK(""http://evil""),1",`);
    const { json } = await admin.call('GET', '/api/revisions?limit=1', undefined, token);
    expect(json).toMatchObject({
      revisions: [{ kind: 'route', key: 'GET:/payments', after: { override: { state: 'disabled' } } }],
    });
  });

  it('refuses a change of what somebody else changed meanwhile', async () => {
    const { headers, json } = await admin.call('GET', `/api/routes/${PAYMENTS}`, undefined, token);
    const etag = headers.get('etag') ?? '';
    expect(etag).toBe(`"${(json as { revision: number }).revision}"`);
    await admin.call('POST', `/api/routes/${PAYMENTS}/enable`, {}, token);
    const late = await admin.call('POST', `/api/routes/${PAYMENTS}/disable`, {}, { ...token, 'if-match': etag });
    expect(late.status).toBe(412);
    expect((await admin.call('GET', `/api/routes/${PAYMENTS}`, undefined, token)).json).toMatchObject({ status: 'active' });
    expect((await admin.call('POST', `/api/routes/${PAYMENTS}/enable`, {}, { ...token, 'if-match': 'x' })).status).toBe(400);
  });

  it('gives SDKs their own paths, and a snapshot that is not sent twice', async () => {
    await admin.call('POST', '/api/rate-limits', { path: 'shop:/cart', limit: '9/minute' }, token);
    const app = { ...token, 'x-waygate-app-id': 'shop' };
    const local = (await admin.call('GET', '/api/rate-limits', undefined, app)).json as { path: string }[];
    const everywhere = (await admin.call('GET', '/api/rate-limits', undefined, token)).json as { path: string }[];
    expect(
      [local.map(({ path }) => path), everywhere.map(({ path }) => path)].map((paths) =>
        paths.filter((path) => path.endsWith('/cart')),
      ),
    ).toEqual([['/cart'], ['shop:/cart']]);
    const first = await admin.call('GET', '/api/sdk/snapshot', undefined, app);
    const etag = first.headers.get('etag') ?? '';
    expect((first.json as { states: { path: string }[] }).states.map(({ path }) => path)).toContain(
      '__waygate:svc_global:shop__',
    );
    expect((await admin.call('GET', '/api/sdk/snapshot', undefined, { ...app, 'if-none-match': etag })).status).toBe(304);
    await admin.call('POST', `/api/routes/${pathKey('shop:GET:/cart')}/disable`, {}, token);
    expect((await admin.call('GET', '/api/sdk/snapshot', undefined, { ...app, 'if-none-match': etag })).status).toBe(200);
  });

  it('gives SDKs a snapshot with the switch and the limit of a service that has registered nothing yet', async () => {
    const read = async (app: string) => {
      const { json } = await admin.call('GET', '/api/sdk/snapshot', undefined, { ...token, 'x-waygate-app-id': app });
      return (json as { states: { path: string; reason: string }[] }).states.filter(({ path }) => path.startsWith('__'));
    };
    await admin.call('POST', '/api/services/fresh/maintenance/enable', { reason: 'before it starts' }, token);
    await admin.call('POST', '/api/services/fresh/rate-limit', { limit: '9/minute' }, token);
    const [, ownSwitch, ...more] = await read('fresh');
    expect(ownSwitch?.path).toBe('__waygate:svc_global:fresh__');
    expect(JSON.parse(ownSwitch?.reason ?? '')).toMatchObject({ enabled: true, reason: 'before it starts' });
    expect(more.map(({ path }) => path)).toEqual(['__waygate:svc_rl:fresh__']);
    expect((await read('unheard')).map(({ path }) => path)).toEqual(['__waygate:global__', '__waygate:svc_global:unheard__']);
    expect((await read('no name: of a service')).map(({ path }) => path)).toEqual(['__waygate:global__']);
    await admin.call('DELETE', '/api/services/fresh/rate-limit', undefined, token);
    await admin.call('POST', '/api/services/fresh/maintenance/disable', {}, token);
  });

  it('answers HEAD where it answers GET', async () => {
    const { status, text, headers } = await admin.call('HEAD', '/api/routes', undefined, token);
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(100);
  });

  it('sends browsers that are not signed in to the sign-in', async () => {
    const page = await admin.call('GET', '/');
    expect([page.status, page.headers.get('location')]).toEqual([302, 'login']);
    expect((await admin.call('GET', '/', undefined, { 'x-waygate-platform': 'cli' })).status).toBe(401);
  });

  it.each(['/api/nothing', '/api', '/api/auth/login', '/api//routes', '/ofrep/nothing'])(
    'answers %s in JSON, also where no endpoint is, whoever asks',
    async (path) => {
      const html = { accept: 'text/html' };
      const refused = { error: 'Authentication required. Use POST /api/auth/login to obtain a token.' };
      expect(await admin.call('GET', path, undefined, html)).toMatchObject({ status: 401, json: refused });
      const { status, json } = await admin.call('GET', path, undefined, { ...html, ...token });
      expect([status, json]).toEqual(
        path === '/api/auth/login' ? [405, { error: 'Method not allowed' }] : [404, { error: 'Not found' }],
      );
    },
  );
});
