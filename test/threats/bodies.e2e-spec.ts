import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';

/** Before, these took 1,500 to 38,000 ms. The bound leaves room for a busy machine; `npm run bench -- bodies` has the exact figures. */
const MAX_BLOCK_MS = 250;
const KB = 1024;

function filled(bytes: number, head: string, tail: string, item: string): string {
  const count = Math.floor((bytes - head.length - tail.length) / (item.length + 1));
  return head + Array.from({ length: count }, () => item).join() + tail;
}

const LARGE = 4 * KB * KB;
const SMALL = 256 * KB;

describe('a hostile body', () => {
  let admin: AdminApp;
  let headers: Record<string, string>;

  beforeEach(async () => {
    admin = await startAdmin('express');
    await admin.engine.reportedRoutes.register([{ key: 'shop:GET:/cart', service: 'shop', declaration: {} }]);
    const issued = await admin.call(
      'POST',
      '/api/tokens',
      { name: 'sdk', role: 'sdk', services: ['shop'] },
      await admin.signIn(),
    );
    headers = { 'x-waygate-token': (issued.json as { token: string }).token, 'x-waygate-app-id': 'shop' };
  });
  afterEach(() => admin.app.close());

  it.each([
    ['/api/sdk/commit', filled(LARGE, '{"writes":[', '],"audit":[]}', '{"a":{}}'), 400],
    ['/api/sdk/commit', filled(LARGE, '{"writes":[],"audit":[', ']}', '{"a":{}}'), 400],
    ['/api/sdk/commit', filled(LARGE, '{"writes":[],"audit":[],"more":[', ']}', '[]'), 400],
    ['/api/sdk/commit', `{"writes":[${'['.repeat(1e6)}${']'.repeat(1e6)}],"audit":[]}`, 400],
    ['/api/sdk/audit', filled(SMALL, '{"a":[', ']}', '{}'), 400],
    ['/api/sdk/hits', filled(SMALL, '{"hits":[', ']}', '{"a":{}}'), 400],
    ['/api/sdk/register', filled(SMALL, '{"app_id":"shop","states":[', ']}', '{}'), 400],
    ['/api/auth/login', filled(SMALL, '{"username":[', ']}', '{}'), 400],
  ])('sent to %s with an SDK token holds up nobody else', async (path, body, status) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const answer = await admin.request(`/waygate${path}`, { method: 'POST', headers, body });
    delay.disable();
    expect(answer.status).toBe(status);
    expect(delay.max / 1e6).toBeLessThan(MAX_BLOCK_MS);
  });

  it('over the bound is refused before it is parsed, announced or not', async () => {
    const body = ' '.repeat(LARGE + 1);
    expect((await admin.request('/waygate/api/sdk/commit', { method: 'POST', headers, body })).status).toBe(413);
    const stream = new Blob([' '.repeat(SMALL), ' ']).stream();
    const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit;
    expect((await admin.request('/waygate/api/sdk/hits', init)).status).toBe(413);
  });

  it('that registers thousands of routes is taken, and requests in between are answered', async () => {
    const states = Array.from({ length: 5_000 }, (_, i) => ({ path: `shop:GET:/bulk/${i}` }));
    let done = false;
    const registering = admin.call('POST', '/api/sdk/register', { app_id: 'shop', states }, headers).finally(() => (done = true));
    let answered = 0;
    while (!done) {
      expect((await admin.request('/payments')).status).toBe(200);
      answered++;
    }
    expect((await registering).status).toBe(200);
    expect(answered).toBeGreaterThan(10);
  });

  it.each([
    ['{"writes":[]', 'Invalid JSON body'],
    ['[]', 'JSON body must be an object'],
    ['{"writes":[],"writes":[],"audit":[]}', 'writes is a duplicate'],
    ['{"writes":[],"audit":[],"__proto__":{}}', "'__proto__' cannot be a key"],
    [
      '{"writes":[{"kind":"route","key":"k","expected":0,"value":{"constructor":1}}],"audit":[]}',
      "'constructor' cannot be a key",
    ],
    ['{"writes":[]} x', 'Invalid JSON body'],
    ['{"writes":{},"audit":[]}', 'writes must be a list'],
    ['{"writes":[]}', 'audit must be a list'],
    ['', 'Invalid JSON body'],
  ])('%s is refused with the reason', async (body, error) => {
    const answer = await admin.request('/waygate/api/sdk/commit', { method: 'POST', headers, body });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([400, { error }]);
  });
});
