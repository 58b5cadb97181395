import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { createEventSource } from 'eventsource-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { expectWithin } from '../support/measure.js';
import { PLATFORMS } from '../support/nest-app.js';
import { Nginx } from '../support/nginx.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const STREAM = '/waygate/api/sdk/events';

interface Reader {
  text: string;
  close(): void;
}

/** Reads a stream as it comes. */
function read(url: string, headers: Record<string, string>): Reader {
  const request = get(url, { headers, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (text: string) => (reader.text += text));
    response.on('error', () => undefined);
  });
  request.on('error', () => undefined);
  const reader: Reader = { text: '', close: () => request.destroy() };
  return reader;
}

describe.each(PLATFORMS)('a stream on %s', (platform) => {
  let admin: AdminApp;
  let token: Record<string, string>;
  const cleanups: (() => unknown)[] = [];

  beforeEach(async () => {
    admin = await startAdmin(platform);
    token = await admin.signIn();
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    await admin.app.close();
  });

  const open = (base: string): Reader => {
    const reader = read(`${base}${STREAM}`, token);
    cleanups.push(() => reader.close());
    return reader;
  };
  const streams = async () => ((await admin.call('GET', '/api/health', undefined, token)).json as { streams: number }).streams;

  it('comes through nginx as it is written, because it asks for that', async () => {
    const nginx = await Nginx.start(admin.port);
    cleanups.push(() => nginx.stop());
    const buffered = open(`${nginx.url}/stubborn`);
    let reader: Reader | undefined;
    const arrives = async (text: string) => {
      await expect.poll(() => reader?.text, { interval: 5 }).toContain(text);
    };
    const timed = async (work: () => Promise<unknown>) => {
      const began = performance.now();
      await work();
      return performance.now() - began;
    };
    await expectWithin(2_000, () => {
      reader = open(nginx.url);
      return timed(() => arrives('__waygate:global__'));
    });
    let count = 0;
    const change = () =>
      timed(async () => {
        const reason = `number ${count++}`;
        await admin.engine.routes.disable('GET:/payments', { reason });
        await arrives(reason);
      });
    for (let i = 0; i < 3; i++) await expectWithin(2_000, change);
    // The same stream by way of a proxy that does as it likes: what was written long since is not there.
    expect(buffered.text).not.toContain('number 2');
  });

  it('is read by the eventsource-client package, which takes up where it was cut', async () => {
    const proxy = await TcpProxy.start(admin.port);
    cleanups.push(() => proxy.stop());
    const told: { data: string; id: string | undefined }[] = [];
    const client = createEventSource({
      url: `http://127.0.0.1:${proxy.port}${STREAM}`,
      headers: token,
      initialRetryDelay: 20,
      onMessage: ({ data, id }: { data: string; id?: string }) => told.push({ data, id }),
    } as Parameters<typeof createEventSource>[0]);
    cleanups.push(() => client.close());
    await expect.poll(() => told.length).toBeGreaterThan(3);
    await admin.engine.routes.disable('GET:/payments', { reason: 'the last before the cut' });
    await expect.poll(() => told.at(-1)?.data).toContain('the last before the cut');
    proxy.cut();
    const atCut = told.length;
    await admin.engine.routes.disable('GET:/payments', { reason: 'while it was away' });
    await expect.poll(() => told.map(({ data }) => data).join()).toContain('while it was away');
    // It said what it had seen last, and was told what it missed rather than everything.
    expect(told.length - atCut).toBe(1);
  });

  it('is cut off, with little in memory, where the reader stands still without hanging up', async () => {
    const script = `require('http').get(${JSON.stringify(`${admin.url}${STREAM}`)}, { headers: ${JSON.stringify(token)} }, (r) => { r.on('data', () => process.stdout.write('.')); });`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    cleanups.push(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    expect(await streams()).toBe(1);
    const before = process.memoryUsage().external + process.memoryUsage().arrayBuffers;
    let written = 0;
    // The system's own buffers take some megabytes before anything waits here.
    while ((await streams()) > 0 && written < 20_000) {
      for (let i = 0; i < 200; i++) {
        await admin.engine.routes.disable('GET:/payments', { reason: `${written++} ${'x'.repeat(1_900)}` });
        await turn();
      }
    }
    expect(await streams()).toBe(0);
    const grown = process.memoryUsage().external + process.memoryUsage().arrayBuffers - before;
    // What is kept for clients that come back is counted in steps, not in clients.
    expect(grown).toBeLessThan(32 * 1024 * 1024);
  });

  it('brings ten thousand changes to fifty readers, who all know the same, and holds nothing else up', async () => {
    const routes = Array.from({ length: 100 }, (_, i) => ({ key: `shop:GET:/${i}`, service: 'shop', declaration: {} }));
    await admin.engine.reportedRoutes.register(routes);
    const args = ['test/support/stream-readers.mjs', '50', `${admin.url}${STREAM}`, JSON.stringify(token), 'change 9999'];
    const readers = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => readers.kill('SIGKILL'));
    let said = '';
    readers.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await expect.poll(() => said).toBe('open\n');
    // Processor time of each turn of the event loop: how long whatever else is due has to wait, other programs of the machine apart.
    const turns: number[] = [];
    for (let i = 0; i < 10_000; i += 10) {
      const at = (n: number) => admin.engine.routes.disable(`shop:GET:/${n % 100}`, { reason: `change ${n}` });
      const before = process.cpuUsage();
      await Promise.all(Array.from({ length: 10 }, (_, n) => at(i + n)));
      await turn();
      const { user, system } = process.cpuUsage(before);
      turns.push((user + system) / 1_000);
    }
    await expect.poll(() => said, { interval: 10 }).toMatch(/ideas.*\n$/);
    const { ideas, states } = JSON.parse(said.slice('open\n'.length)) as { ideas: number; states: [string, string][] };
    const known = new Map(states);
    expect(ideas).toBe(1);
    for (let n = 0; n < 100; n++) expect(known.get(`shop:GET:/${n}`)).toBe(`change ${9_900 + n}`);
    expect(turns.toSorted((a, b) => a - b)[Math.ceil(turns.length * 0.99) - 1]).toBeLessThan(50);
  });
});
