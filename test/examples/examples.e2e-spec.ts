import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Example } from '../support/example.js';
import { freePort } from '../support/free-port.js';

let running: Example | undefined;

async function start(name: string, env?: Readonly<Record<string, string>>): Promise<Example> {
  running = await Example.start(name, env);
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

it.each(readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory()))(
  'the example in examples/$name is built by the command that starts it',
  ({ name }) => {
    const { scripts } = JSON.parse(readFileSync(join('examples', name, 'package.json'), 'utf8')) as {
      scripts: { start: string };
    };
    expect(scripts.start).toMatch(/tsc -b tsconfig\.app\.json && node dist\/main\.js$/);
    expect(readFileSync(join('examples', name, 'README.md'), 'utf8')).toContain(`\`npm start -w examples/${name}\``);
  },
);

it('the example of the decorators blocks, hides, deprecates and limits what it says it does', async () => {
  const example = await start('decorators', { WAYGATE_ENV: 'dev' });
  const { error } = await example.json<{ error: object }>('/payments');
  expect(error).toMatchObject({ code: 'MAINTENANCE_MODE', reason: 'The ledger is being moved' });
  const paths = ['/payments', '/old-orders', '/debug', '/v1/users', '/health', '/reports/daily', '/reports/status'];
  const seen: number[] = [];
  for (const path of paths) seen.push(await example.status(path));
  expect(seen).toEqual([503, 503, 200, 200, 200, 503, 200]);
  const deprecated = await example.request('/v1/users');
  expect(deprecated.headers.get('deprecation')).toBe(`@${Date.parse('2026-06-01T00:00:00Z') / 1_000}`);
  expect(deprecated.headers.get('link')).toBe('</v2/users>; rel="successor-version"');
  expect(await example.statuses('/search', 4)).toEqual([200, 200, 200, 429]);
});

it('the example of the decorators has no debug route in production', async () => {
  const example = await start('decorators', { WAYGATE_ENV: 'production' });
  expect(await example.status('/debug')).toBe(404);
});

it('the example of enforcement by hand blocks only what asks for it', async () => {
  const example = await start('manual-enforcement');
  const seen: number[] = [];
  for (const path of ['/payments', '/orders', '/orders/express', '/catalogue', '/unknown']) seen.push(await example.status(path));
  expect(seen).toEqual([503, 200, 503, 200, 404]);
});

it('the example of scheduled maintenance is open, closed for the window, and open again', async () => {
  const example = await start('scheduled-maintenance', { OPENS_IN: '4', LASTS: '3' });
  const began = Date.now();
  const status = () => example.status('/reports');
  expect(await status()).toBe(200);
  await expect.poll(status, { interval: 20 }).toBe(503);
  const { error } = await example.json<{ error: object }>('/reports');
  expect(error).toMatchObject({ code: 'MAINTENANCE_MODE', reason: 'Nightly rebuild' });
  await expect.poll(status, { interval: 20 }).toBe(200);
  expect(Date.now() - began).toBeGreaterThan(3_000);
  await expect.poll(() => example.output).toMatch(/window_opened[\s\S]*window_closed/);
});

it('the example of global maintenance closes everything but the status while it migrates', async () => {
  const example = await start('global-maintenance', { MIGRATION_MS: '4000' });
  expect(await example.status('/orders')).toBe(200);
  expect(await example.status('/migration', { method: 'POST' })).toBe(202);
  const { error } = await example.json<{ error: object }>('/orders');
  expect(error).toMatchObject({ code: 'MAINTENANCE_MODE', reason: 'Orders are being moved' });
  expect(await example.status('/unknown')).toBe(503);
  expect(await example.json('/status')).toEqual({ migrating: true });
  await expect.poll(() => example.status('/orders'), { interval: 20 }).toBe(200);
  expect(await example.json('/status')).toEqual({ migrating: false });
});

it('the example of custom responses answers with a page, a redirect, text, what a factory makes, and the default', async () => {
  const example = await start('custom-responses');
  const answer = async (path: string) => {
    const response = await example.request(path);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      headers: response.headers,
      text: await response.text(),
    };
  };
  const page = await answer('/page');
  expect(page).toMatchObject({ status: 503, type: 'text/html; charset=utf-8' });
  expect(page.text).toContain('<h1>We are repainting the shop</h1>');
  const moved = await answer('/moved');
  expect(moved.status).toBe(307);
  expect(moved.headers.get('location')).toBe('/default');
  expect(await answer('/text')).toMatchObject({ status: 503, type: 'text/plain; charset=utf-8', text: 'Closed for lunch.\n' });
  const queue = await answer('/queue');
  expect(queue.headers.get('retry-after')).toBe('30');
  expect(JSON.parse(queue.text)).toEqual({ reason: 'Full house', position: 7 });
  expect(JSON.parse((await answer('/default')).text)).toEqual({ closed: true, route: 'GET:/default', because: 'Stocktaking' });
});

it('the example of webhooks delivers one change to three receivers, each in its own format', async () => {
  const example = await start('webhooks');
  expect(await example.json('/payments/close', { method: 'POST' })).toEqual({ state: 'disabled' });
  const page = async () => (await example.request('/')).text();
  await expect.poll(page, { interval: 50 }).toContain('3 webhooks arrived');
  const arrived = await page();
  expect(arrived).toContain('"event": "disable"');
  expect(arrived).toContain('"text": "*DISABLE*: `GET:/payments`\\n&gt; Closed by hand"');
  expect(arrived).toContain('"summary": "disable GET:/payments by alice"');
  expect(await example.status('/receivers/generic', { method: 'POST', body: '{}', headers: { 'webhook-id': 'forged' } })).toBe(
    401,
  );
});

it('the example of a server with one service switches its route off from the control plane', async () => {
  const controlPort = await freePort();
  const example = await start('server-one-service', { CONTROL_PORT: String(controlPort) });
  expect(await example.status('/payments')).toBe(200);
  const control = `http://127.0.0.1:${controlPort}/api`;
  const credentials = JSON.stringify({ username: 'admin', password: 'only for this example' });
  const signedIn = await fetch(`${control}/auth/login`, { method: 'POST', body: credentials });
  const { token } = (await signedIn.json()) as { token: string };
  const key = Buffer.from('payments-service:GET:/payments').toString('base64url');
  const disable = () =>
    fetch(`${control}/routes/${key}/disable`, {
      method: 'POST',
      headers: { 'x-waygate-token': token },
      body: '{"reason":"hotfix"}',
    });
  await expect.poll(async () => (await disable()).status).toBe(200);
  await expect.poll(() => example.status('/payments')).toBe(503);
});

it('the example of a server with two services has one in maintenance and the other not', async () => {
  const [controlPort, ordersPort] = [await freePort(), await freePort()];
  const example = await start('server-two-services', { CONTROL_PORT: String(controlPort), ORDERS_PORT: String(ordersPort) });
  await expect.poll(() => example.status('/list')).toBe(503);
  const { error } = await example.json<{ error: object }>('/list');
  expect(error).toMatchObject({ code: 'MAINTENANCE_MODE', reason: 'The ledger is being moved' });
  expect(await (await fetch(`http://127.0.0.1:${ordersPort}/list`)).json()).toEqual(['o-1']);
});

describe('the example of rate limits', () => {
  let limits: Example;
  beforeAll(async () => {
    limits = await Example.start('rate-limits');
  });
  afterAll(() => limits.stop());

  it.each([
    ['/algorithms/fixed', {}, [200, 200, 200, 429]],
    ['/algorithms/sliding', {}, [200, 200, 200, 429]],
    ['/algorithms/moving', {}, [200, 200, 200, 429]],
    ['/algorithms/bucket', {}, [200, 200, 200, 429]],
    ['/keys/ip', {}, [200, 200, 429]],
    ['/keys/user', { 'x-user': 'alice' }, [200, 200, 429]],
    ['/keys/user', {}, [200, 200, 200]],
    ['/keys/user-required', {}, [429]],
    ['/keys/api-key', { 'x-api-key': 'k' }, [200, 200, 429]],
    ['/keys/everybody', {}, [200, 200, 429]],
    ['/keys/tenant', { 'x-tenant': 'acme' }, [200, 200, 429]],
    ['/burst', {}, [200, 200, 200, 200, 429]],
    ['/tiers', { 'x-user': 'alice', 'x-plan': 'free' }, [200, 429]],
    ['/tiers', { 'x-user': 'bob', 'x-plan': 'pro' }, [200, 200, 200, 429]],
    ['/tiers', { 'x-user': 'carol', 'x-plan': 'enterprise' }, [200, 200, 200, 200]],
    ['/regions', { 'x-user': 'alice', 'x-region': 'us' }, [200, 429]],
    ['/exempt-addresses', {}, [200, 200]],
    ['/exempt-roles', { 'x-role': 'admin' }, [200, 200]],
    ['/exempt-roles', {}, [200, 429]],
    ['/cost', {}, [200, 200, 429]],
    ['/shadow', {}, [200, 200, 200]],
  ] as const)('answers %s, asked with %o, with %o', async (path, headers, expected) => {
    expect(await limits.statuses(path, expected.length, headers)).toEqual(expected);
  });

  it('holds several limits at once, and tells where the caller stands in both kinds of headers', async () => {
    const { headers } = await limits.request('/several');
    expect(headers.get('x-ratelimit-limit')).toBe('2');
    expect(headers.get('ratelimit')).toContain('"burst"');
    expect(headers.get('ratelimit-policy')).toContain('"steady";q=3;w=60');
  });

  it('refuses in words of its own', async () => {
    await limits.status('/answer');
    expect(await (await limits.request('/answer')).text()).toBe('Slow down, please.\n');
  });

  it('limits a route at runtime, and lists who was refused', async () => {
    expect(await limits.statuses('/at-runtime', 3)).toEqual([200, 200, 200]);
    await limits.status('/at-runtime', { method: 'POST' });
    expect(await limits.statuses('/at-runtime', 2)).toEqual([200, 429]);
    const refused = () => limits.json<{ route: string }[]>('/refused');
    await expect.poll(refused).toContainEqual(expect.objectContaining({ route: 'GET:/at-runtime', limit: '1/minute' }));
  });
});

describe('the example of feature flags', () => {
  let flags: Example;
  beforeAll(async () => {
    flags = await Example.start('feature-flags');
  });
  afterAll(() => flags.stop());

  it('gives a member of the segment what depends on it, with values of all five types', async () => {
    expect(await flags.json('/shop/alice?plan=pro')).toEqual({
      newCheckout: true,
      oneClick: true,
      theme: 'light',
      pageSize: 100,
      discount: 0.15,
      banner: { visible: true, text: 'Spring sale' },
    });
  });

  it('serves targets by name, and nothing that a prerequisite forbids', async () => {
    expect(await flags.json('/shop/mallory?email=m@example.com')).toMatchObject({ newCheckout: false, oneClick: false });
    expect(await flags.json('/shop/carol')).toMatchObject({ theme: 'dark', pageSize: 20 });
  });

  it('rolls out to about a tenth of the others', async () => {
    const users = Array.from({ length: 200 }, (_, index) => `user-${index}`);
    const answers = await Promise.all(users.map((user) => flags.json<{ newCheckout: boolean }>(`/shop/${user}`)));
    const share = answers.filter(({ newCheckout }) => newCheckout).length / users.length;
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.16);
  });

  it('serves the canary handler, and the gated route, to those who have the flag', async () => {
    const seen = async (user: string) => {
      const init = { headers: { 'x-user': user } };
      const { steps } = await flags.json<{ steps: number }>('/checkout', init);
      return [steps, await flags.status('/checkout/one-click', init), await flags.json('/checkout/button', init)];
    };
    expect(await seen('alice')).toEqual([1, 200, { label: 'Buy now' }]);
    expect(await seen('mallory')).toEqual([3, 404, { label: 'Go to checkout' }]);
  });

  it('explains what it decided', async () => {
    const { details } = await flags.json<{ details: object }>('/why/new-checkout/alice');
    expect(details).toMatchObject({ variation: 'on', reason: 'RULE_MATCH', ruleId: 'beta' });
  });
});
