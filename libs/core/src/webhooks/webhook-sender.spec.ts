import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AddressGuard } from './address-guard.js';
import { WebhookSender, type SenderOptions } from './webhook-sender.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(handler: RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}
function sender(options: Partial<SenderOptions> = {}): WebhookSender {
  return new WebhookSender({
    guard: new AddressGuard(['127.0.0.1']),
    allowInsecure: true,
    timeoutMs: 30_000,
    clock: Date.now,
    ...options,
  });
}
const message = (url: string) => ({ url, headers: { 'content-type': 'application/json' }, body: '{"ü":1}' });

describe('WebhookSender', () => {
  it('posts the body as it is', async () => {
    const seen: unknown[] = [];
    const port = await listen((request, response) => {
      request.setEncoding('utf8').on('data', (text) => seen.push(request.method, request.url, text));
      request.on('end', () => response.writeHead(204).end());
    });
    expect(await sender().post(message(`http://127.0.0.1:${port}/in?x=1`))).toEqual({
      ok: true,
      status: 204,
      error: '',
      retryAfter: null,
    });
    expect(seen).toEqual(['POST', '/in?x=1', '{"ü":1}']);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    const urls: unknown[] = [];
    const port = await listen((request, response) => {
      urls.push(request.url);
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    const result = await sender().post(message(`http://127.0.0.1:${port}/`));
    expect(result).toMatchObject({ ok: false, status, error: expect.stringContaining('redirects are not followed') });
    expect(urls).toEqual(['/']);
  });

  it('waits no longer than the timeout for an answer', async () => {
    const port = await listen(() => undefined);
    const controller = new AbortController();
    const post = (timeoutMs: number) => sender({ timeoutMs }).post(message(`http://127.0.0.1:${port}/`), controller.signal);
    const patient = post(1_500);
    expect(await Promise.race([post(100), patient])).toMatchObject({ ok: false, status: null, error: 'no answer within 100 ms' });
    controller.abort();
    await patient;
  });

  it('reads no more of an answer than it needs', async () => {
    let sent = 0;
    let broken = false;
    const port = await listen((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (broken) return;
        sent += 64 * 1024;
        if (response.write(Buffer.alloc(64 * 1024))) setImmediate(more);
        else response.once('drain', more);
      };
      response.on('close', () => (broken = true)).on('error', () => (broken = true));
      more();
    });
    expect(await sender().post(message(`http://127.0.0.1:${port}/`))).toMatchObject({ ok: true, status: 200 });
    await expect.poll(() => broken, { interval: 10 }).toBe(true);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('looks a name up once, and connects to what it checked', async () => {
    // The two servers share a port, so that only the address tells them apart.
    const closed: string[] = [];
    const port = await listen((_request, response) => response.end('checked'), '127.0.0.1');
    const other = createServer((request, response) => {
      closed.push(request.url ?? '');
      response.end('rebound');
    });
    servers.push(other);
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.2', resolve));
    const answers = ['127.0.0.1', '127.0.0.2', '127.0.0.2'];
    let lookups = 0;
    const resolve = async () => [{ address: answers[lookups++] ?? '', family: 4 }];
    const rebinding = sender({ resolve });
    expect(await rebinding.post(message(`http://rebind.example:${port}/1`))).toMatchObject({ ok: true });
    expect(lookups).toBe(1);
    expect(await rebinding.post(message(`http://rebind.example:${port}/2`))).toMatchObject({
      ok: false,
      status: null,
      error: expect.stringContaining("'rebind.example' leads to 127.0.0.2, which is not public"),
    });
    expect(closed).toEqual([]);
  });

  it('refuses a name when only one of its addresses is closed', async () => {
    let calls = 0;
    const port = await listen((_request, response) => {
      calls++;
      response.end();
    });
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '::ffff:10.0.0.1', family: 6 },
    ];
    const result = await sender({ resolve }).post(message(`http://mixed.example:${port}/`));
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining('::ffff:10.0.0.1') });
    expect(calls).toBe(0);
  });

  it('refuses a stored URL that the rules of today would not let in', async () => {
    const result = await sender({ guard: new AddressGuard() }).post(message('http://127.0.0.1:9/'));
    expect(result).toMatchObject({ ok: false, status: null, error: expect.stringContaining('not public') });
  });

  it('says why nobody could be reached', async () => {
    const resolve = async () => [];
    expect(await sender({ resolve }).post(message('http://nobody.example/'))).toMatchObject({
      error: "'nobody.example' has no address",
    });
    expect((await sender().post(message('http://127.0.0.1:1/'))).error).toContain('ECONNREFUSED');
  });

  it('gives up when told to', async () => {
    const port = await listen(() => undefined);
    const controller = new AbortController();
    const pending = sender().post(message(`http://127.0.0.1:${port}/`), controller.signal);
    setTimeout(() => controller.abort(), 20);
    expect(await pending).toMatchObject({ ok: false, status: null });
  });
});
