import { connect, type Socket } from 'node:net';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathKey, startAdmin, type AdminApp } from '../support/admin-app.js';
import { OwnTime } from '../support/measure.js';
import { PLATFORMS } from '../support/nest-app.js';
import { LONG_PATIENCE } from '../support/patience.mjs';

interface WireEvent {
  readonly type: string;
  readonly key?: string;
  readonly action?: string;
  readonly payload?: { readonly path: string; readonly status: string; readonly service: string | null; readonly reason: string };
  readonly policy?: { readonly path: string; readonly limit: string };
  readonly entry?: { readonly action: string; readonly actor: string };
}

/** A stream read off a raw socket. */
class RawStream {
  readonly #socket: Socket;
  text = '';
  /** How the connection ended; `null` = it is open. */
  ended: 'cleanly' | 'aborted' | null = null;

  constructor(port: number, path: string, headers: Record<string, string>) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket = connect(port, '127.0.0.1', () =>
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`),
    );
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (chunk: string) => (this.text += chunk));
    this.#socket.on('error', () => (this.ended = 'aborted'));
    // A chunked answer ends cleanly with an empty chunk.
    this.#socket.on('close', () => (this.ended ??= this.text.endsWith('\r\n0\r\n\r\n') ? 'cleanly' : 'aborted'));
  }

  /** Every data line is one complete JSON object. What is cut off at the end is no line yet. */
  get events(): readonly WireEvent[] {
    return [...this.text.matchAll(/^data: (.*)\n/gm)].map(([, json = '']) => JSON.parse(json) as WireEvent);
  }

  get lastId(): string {
    return [...this.text.matchAll(/^id: (.*)\n/gm)].at(-1)?.[1] ?? '';
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}

const paths = (events: readonly WireEvent[]) => events.map(({ type, key, payload }) => payload?.path ?? `${type} ${key}`);

describe.each(PLATFORMS)('event streams on %s', (platform) => {
  let admin: AdminApp;
  let token: Record<string, string>;
  let streams: RawStream[];
  const open = (headers: Record<string, string> = {}, path = '/api/sdk/events') => {
    const stream = new RawStream(admin.port, `/waygate${path}`, { ...token, ...headers });
    streams.push(stream);
    return stream;
  };

  beforeEach(async () => {
    streams = [];
    admin = await startAdmin(platform);
    token = await admin.signIn();
    await admin.engine.reportedRoutes.register(
      ['shop', 'other'].map((service) => ({ key: `${service}:GET:/cart`, service, declaration: {} })),
    );
  });

  afterEach(async () => {
    for (const stream of streams) stream.close();
    await admin.app.close();
  });

  it('begin with everything that concerns the service, and go on with each change', async () => {
    await admin.engine.rateLimits.set('shop:GET:/cart', { limit: '9/minute' });
    await admin.engine.maintenance.enable({ reason: 'already on' });
    const stream = open({ 'x-waygate-app-id': 'shop' });
    await expect.poll(() => stream.events.length).toBe(7);
    expect(stream.text).toMatch(/^HTTP\/1\.1 200 OK/);
    for (const header of ['content-type: text/event-stream', 'cache-control: no-cache, no-transform', 'x-accel-buffering: no'])
      expect(stream.text.toLowerCase()).toContain(header);
    expect(paths(stream.events)).toEqual([
      '__waygate:global__',
      '__waygate:svc_global:shop__',
      'GET:/items/:id',
      'GET:/payments',
      'GET:/vital',
      'shop:GET:/cart',
      'rl_policy GET:/cart',
    ]);
    expect(JSON.parse(stream.events[0]?.payload?.reason ?? '')).toMatchObject({ enabled: true, reason: 'already on' });
  });

  it('begin with the switch and the limit of a service that has registered nothing yet', async () => {
    await admin.engine.maintenance.forService('fresh').enable({ reason: 'before it starts' });
    await admin.engine.rateLimits.forService('fresh').set({ limit: '9/minute' });
    const [own, unknown, all] = [open({ 'x-waygate-app-id': 'fresh' }), open({ 'x-waygate-app-id': 'unheard' }), open()];
    const switchesOf = (stream: RawStream) => paths(stream.events).filter((path) => path.startsWith('__waygate:'));
    await expect
      .poll(() => switchesOf(own))
      .toEqual(['__waygate:global__', '__waygate:svc_global:fresh__', '__waygate:svc_rl:fresh__']);
    expect(JSON.parse(own.events[1]?.payload?.reason ?? '')).toMatchObject({ enabled: true, reason: 'before it starts' });
    await expect.poll(() => switchesOf(unknown)).toEqual(['__waygate:global__', '__waygate:svc_global:unheard__']);
    await expect.poll(() => switchesOf(all)).toContain('__waygate:svc_rl:fresh__');
    expect(switchesOf(all)).toContain('__waygate:svc_global:fresh__');
  });

  it('tell what each client may know, in its own words', async () => {
    const shop = open({ 'x-waygate-app-id': 'shop' });
    const all = open();
    await expect.poll(() => shop.events.length > 0 && all.events.length > 0).toBe(true);
    const [before, allBefore] = [shop.events.length, all.events.length];
    await admin.engine.routes.disable('other:GET:/cart');
    await admin.engine.routes.disable('shop:GET:/cart', { reason: 'x' });
    await admin.engine.rateLimits.set('shop:GET:/cart', { limit: '9/minute' });
    // What happens in one turn of the event loop is told as one.
    await new Promise((resolve) => setImmediate(resolve));
    await admin.engine.rateLimits.clear('shop:GET:/cart');
    await admin.engine.maintenance.forService('shop').enable();
    await expect
      .poll(() => paths(shop.events.slice(before)))
      .toEqual(['shop:GET:/cart', 'rl_policy GET:/cart', 'rl_policy GET:/cart', '__waygate:svc_global:shop__']);
    expect(shop.events.slice(before)).toMatchObject([
      { type: 'state', payload: { status: 'disabled', reason: 'x' } },
      { type: 'rl_policy', action: 'set', key: 'GET:/cart', policy: { path: '/cart', limit: '9/minute' } },
      { type: 'rl_policy', action: 'delete', key: 'GET:/cart' },
      { type: 'state' },
    ]);
    await expect
      .poll(() => paths(all.events.slice(allBefore)))
      .toEqual([
        'other:GET:/cart',
        'shop:GET:/cart',
        'rl_policy GET:shop:/cart',
        'rl_policy GET:shop:/cart',
        '__waygate:svc_global:shop__',
      ]);
  });

  it('tell dashboards who did it', async () => {
    const stream = open({}, '/api/events');
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    await admin.call('POST', `/api/routes/${pathKey('GET:/payments')}/disable`, {}, token);
    await expect.poll(() => stream.events.at(-1)).toMatchObject({ type: 'audit', entry: { action: 'disable', actor: 'admin' } });
  });

  it('tell who is confined to a service nothing of others', async () => {
    const { token: scoped } = await admin.engine.access.createToken({ name: 'shop', role: 'viewer', services: ['shop'] });
    const stream = open({ 'x-waygate-token': scoped }, '/api/events');
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    await admin.engine.routes.disable('other:GET:/cart');
    await admin.engine.routes.disable('GET:/payments');
    await admin.engine.routes.disable('shop:GET:/cart', { actor: 'alice' });
    await expect.poll(() => stream.events.at(-1)).toMatchObject({ type: 'audit', entry: { actor: 'alice' } });
    expect(new Set(paths(stream.events.filter(({ type }) => type === 'state')))).toEqual(
      new Set(['__waygate:svc_global:shop__', 'shop:GET:/cart']),
    );
    expect(stream.events.filter(({ type }) => type === 'audit')).toHaveLength(1);
  });

  it('tell when a window opens and closes', async () => {
    const stream = open();
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    // Long enough for a busy machine to set it before it opens, and to tell of each edge before the other.
    const start = Date.now() + 1_500;
    await admin.engine.routes.setMaintenance('GET:/payments', { window: { start, end: start + 1_500 } });
    const statuses = () =>
      stream.events.filter(({ payload }) => payload?.path === 'GET:/payments').map(({ payload }) => payload?.status);
    const changes = () => statuses().filter((status, index, all) => status !== all[index - 1]);
    await expect.poll(changes, { interval: 20 }).toEqual(['active', 'maintenance', 'active']);
  });

  it('resume where they broke off, and start over where that is not known', async () => {
    const first = open();
    await expect.poll(() => first.lastId).not.toBe('');
    const id = first.lastId;
    expect(Math.trunc(Number(id))).toBe(admin.engine.revision);
    first.close();
    await admin.engine.routes.disable('GET:/payments');
    const resumed = open({ 'last-event-id': id });
    await expect.poll(() => paths(resumed.events)).toEqual(['GET:/payments']);
    const strange = open({ 'last-event-id': `${admin.engine.revision}.1` });
    await expect.poll(() => paths(strange.events)).toContain('__waygate:global__');
  });

  it('break off instead of ending when the app shuts down', async () => {
    const stream = open();
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    const time = new OwnTime();
    expect(await time.of(() => admin.app.close())).toBeLessThan(5_000);
    time.stop();
    await expect.poll(() => stream.ended).toBe('aborted');
    admin = await startAdmin(platform);
  });

  it('are never silent for as long as clients wait', async () => {
    const quiet = [open(), open(), open()];
    await expect.poll(() => quiet.every(({ text }) => text.includes('\n: keepalive\n')), { timeout: 15_000 }).toBe(true);
  });

  it('break off as soon as the token is revoked', async () => {
    const stream = open();
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    await admin.call('POST', '/api/auth/logout', undefined, token);
    await expect.poll(() => stream.ended).toBe('aborted');
  });

  it('hold a refusal back, so that clients that come back at once do not spin', async () => {
    const started = Date.now();
    const { status } = await admin.call('GET', '/api/sdk/events', undefined, { 'x-waygate-token': 'wrong' });
    expect([status, Date.now() - started >= 950]).toEqual([401, true]);
  });

  it('cut off who does not read, and hold nothing back from the others', async () => {
    const slow = open();
    const fast = open();
    await expect.poll(() => slow.events.length > 0 && fast.events.length > 0).toBe(true);
    slow.pause();
    const reason = 'x'.repeat(2_000);
    let told = 0;
    const before = fast.events.length;
    // More than the kernel's buffers and ours take together.
    for (; told < 6_000; told++) {
      await admin.engine.routes.disable('GET:/payments', { reason: `${told} ${reason.slice(10)}` });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => fast.events.length - before, LONG_PATIENCE).toBe(told);
    slow.resume();
    await expect.poll(() => slow.ended, LONG_PATIENCE).toBe('aborted');
    expect(slow.events.length).toBeLessThan(told);
  });

  it('tell ten thousand changes made at once as what they came to', async () => {
    const stream = open();
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    const before = stream.events.length;
    for (let i = 0; i < 10_000; i++) await admin.engine.routes.disable('GET:/payments', { reason: `${i}` });
    await expect.poll(() => stream.events.at(-1)?.payload?.reason).toBe('9999');
    expect([stream.ended, stream.events.length - before < 100]).toEqual([null, true]);
  });

  it('are read by the eventsource package, which comes back by itself', async () => {
    const received: WireEvent[] = [];
    const source = new EventSource(`${admin.url}/waygate/api/sdk/events`, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...token, 'x-waygate-app-id': 'shop' } }),
    });
    source.addEventListener('message', ({ data }) => received.push(JSON.parse(String(data)) as WireEvent));
    await expect.poll(() => paths(received)).toContain('shop:GET:/cart');
    await admin.engine.routes.disable('shop:GET:/cart');
    await expect.poll(() => received.at(-1)).toMatchObject({ payload: { path: 'shop:GET:/cart', status: 'disabled' } });
    source.close();
  });
});
