import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import {
  ConfigurationError,
  ConflictError,
  DeliveryNotFoundError,
  ValidationError,
  WebhookNotFoundError,
} from '../model/errors.js';
import type { ChangeSet } from '../schema/record.js';
import type { WebhooksOptions } from './options.js';

const START = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;
const URL_A = 'https://hooks.example.com/a';
const SECRET = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
let now = START;
let backend: MemoryBackend;
let engine: WaygateEngine;

async function engineWith(webhooks: WebhooksOptions = {}, over = backend): Promise<WaygateEngine> {
  const made = new WaygateEngine({ backend: over, clock: () => now, webhooks: { deliver: false, ...webhooks } });
  await made.open();
  await expect
    .poll(async () => (await made.webhooks.list()).length - Math.max(await storedHooks(), webhooks.declared?.length ?? 0), {
      interval: 5,
    })
    .toBe(0);
  return made;
}
async function storedHooks(): Promise<number> {
  return (await backend.load()).records.filter(({ kind }) => kind === 'webhook').length;
}
async function storedSecrets(key: string): Promise<readonly string[]> {
  const record = (await backend.load()).records.find((each) => each.kind === 'webhook' && each.key === key);
  return record?.kind === 'webhook' ? record.value.secrets.map(({ value }) => value) : [];
}

beforeEach(async () => {
  now = START;
  backend = new MemoryBackend();
  engine = await engineWith();
});
afterEach(() => engine.close());

describe('engine.webhooks', () => {
  it('shows a secret when it is made, and not again', async () => {
    const { secret, webhook } = await engine.webhooks.add(URL_A, { description: 'pager' }, { actor: 'alice' });
    expect(secret).toMatch(/^whsec_/);
    expect(webhook).toEqual({
      key: expect.stringMatching(/^wh_[0-9a-f]{12}$/),
      url: URL_A,
      events: [],
      formatter: 'waygate',
      description: 'pager',
      secrets: [{ createdAt: '2026-11-21T12:00:00.000Z', expiresAt: null }],
      enabled: true,
      disabledReason: '',
      declared: false,
      createdAt: '2026-11-21T12:00:00.000Z',
      open: 0,
      dead: 0,
      revision: 1,
    });
    expect(await engine.webhooks.list()).toEqual([webhook]);
  });

  it('adds the same one once, and changes what is given the second time', async () => {
    const first = await engine.webhooks.add(URL_A, { events: ['disable'], description: 'pager' });
    const second = await engine.webhooks.add(URL_A, { events: ['flag_*'] });
    expect(second).toMatchObject({ created: false, secret: null, webhook: { key: first.webhook.key, description: 'pager' } });
    expect(await engine.webhooks.list()).toMatchObject([{ events: ['flag_*'] }]);
    const revision = engine.revision;
    await engine.webhooks.add(URL_A);
    expect(engine.revision).toBe(revision);
    expect((await engine.webhooks.add(URL_A, { name: 'other' })).created).toBe(true);
  });

  it.each([
    ['url', () => engine.webhooks.add('https://10.0.0.1/')],
    ['name', () => engine.webhooks.add(URL_A, { name: 'no spaces' })],
    ['events[0]', () => engine.webhooks.add(URL_A, { events: ['Disable'] })],
    ['formatter', () => engine.webhooks.add(URL_A, { formatter: 'pigeon' })],
    ['secret', () => engine.webhooks.add(URL_A, { secret: 'secret' })],
    ['description', () => engine.webhooks.add(URL_A, { description: 'x'.repeat(501) })],
    ['actor', () => engine.webhooks.add(URL_A, {}, { actor: 'x'.repeat(257) })],
  ])('refuses a wrong %s and adds nothing', async (field, attempt) => {
    await expect(attempt()).rejects.toThrow(ValidationError);
    await expect(attempt()).rejects.toMatchObject({ field });
    expect(await storedHooks()).toBe(0);
  });

  it('changes, switches off and on, and removes', async () => {
    await engine.webhooks.add(URL_A, { name: 'ops' });
    expect(await engine.webhooks.update('ops', { formatter: 'slack' })).toMatchObject({ formatter: 'slack', url: URL_A });
    expect(await engine.webhooks.disable('ops', { reason: 'noisy' })).toMatchObject({ enabled: false, disabledReason: 'noisy' });
    expect(await engine.webhooks.enable('ops')).toMatchObject({ enabled: true, disabledReason: '' });
    await engine.webhooks.remove('ops');
    expect(await engine.webhooks.list()).toEqual([]);
    const { items } = await engine.audit.list();
    expect(items.map(({ action }) => action)).toEqual([
      'webhook_deleted',
      'webhook_enabled',
      'webhook_disabled',
      'webhook_updated',
      'webhook_created',
    ]);
  });

  it('refuses a change to another revision than expected', async () => {
    const { webhook } = await engine.webhooks.add(URL_A, { name: 'ops' });
    await engine.webhooks.update('ops', { description: 'changed' });
    await expect(engine.webhooks.disable('ops', { expectedRevision: webhook.revision })).rejects.toThrow(ConflictError);
    expect(await engine.webhooks.get('ops')).toMatchObject({ enabled: true });
  });

  it.each([
    ['get', () => engine.webhooks.get('nobody')],
    ['update', () => engine.webhooks.update('nobody', {})],
    ['enable', () => engine.webhooks.enable('nobody')],
    ['remove', () => engine.webhooks.remove('nobody')],
    ['rotateSecret', () => engine.webhooks.rotateSecret('nobody')],
    ['test', () => engine.webhooks.test('nobody')],
  ])('%s says that there is no such webhook', async (_name, attempt) => {
    await expect(attempt()).rejects.toThrow(WebhookNotFoundError);
  });

  it.each(['4000000d', '9999999999d'])('refuses secrets that overlap for %s, longer than can be stored', async (overlap) => {
    await engine.webhooks.add(URL_A, { name: 'ops', secret: SECRET(1) });
    await expect(engine.webhooks.rotateSecret('ops', { overlap })).rejects.toMatchObject({ field: 'overlap' });
    expect(await storedSecrets('ops')).toEqual([SECRET(1)]);
  });

  it('keeps old secrets for as long as they overlap', async () => {
    await engine.webhooks.add(URL_A, { name: 'ops', secret: SECRET(1) });
    await engine.webhooks.rotateSecret('ops', { secret: SECRET(2), overlap: '1h' });
    expect((await engine.webhooks.get('ops')).secrets).toMatchObject([
      { expiresAt: null },
      { expiresAt: '2026-11-21T13:00:00.000Z' },
    ]);
    now += 3_600_000;
    expect((await engine.webhooks.get('ops')).secrets).toHaveLength(1);
    await engine.webhooks.rotateSecret('ops', { secret: SECRET(3), overlap: 0 });
    expect((await engine.webhooks.get('ops')).secrets).toHaveLength(1);
    expect(await storedSecrets('ops')).not.toContain(SECRET(1));
  });
});

describe('a webhook of the code', () => {
  const declared = (fields: Partial<NonNullable<WebhooksOptions['declared']>[number]> = {}): WebhooksOptions => ({
    declared: [{ name: 'ops', url: URL_A, events: ['disable'], ...fields }],
  });

  it('is added once, and what operators changed survives a boot', async () => {
    const first = await engineWith(declared());
    await first.webhooks.update('ops', { events: ['flag_*'] });
    await first.webhooks.disable('ops');
    const second = await engineWith(declared());
    expect(await second.webhooks.list()).toMatchObject([{ key: 'ops', events: ['flag_*'], enabled: false, declared: true }]);
  });

  it('follows the code where that changes', async () => {
    const first = await engineWith(declared());
    await first.webhooks.update('ops', { events: ['flag_*'] });
    await first.webhooks.disable('ops');
    const second = await engineWith(declared({ formatter: 'slack' }));
    await expect
      .poll(() => second.webhooks.get('ops'), { interval: 5 })
      .toMatchObject({ events: ['disable'], formatter: 'slack', enabled: false });
    const { items } = await second.audit.list({ action: 'webhook_updated', actor: 'deploy' });
    expect(items).toHaveLength(1);
  });

  it('takes over a secret of the code once, so that a rotation at runtime stays', async () => {
    const first = await engineWith(declared({ secret: SECRET(1) }));
    expect(await storedSecrets('ops')).toEqual([SECRET(1)]);
    await first.webhooks.rotateSecret('ops', { secret: SECRET(2), overlap: 0 });
    await engineWith(declared({ secret: SECRET(1) }));
    expect((await storedSecrets('ops'))[0]).toBe(SECRET(2));
    await engineWith(declared({ secret: SECRET(3) }));
    await expect.poll(async () => (await storedSecrets('ops'))[0], { interval: 5 }).toBe(SECRET(3));
  });

  it('is written by one of many processes that boot together', async () => {
    await Promise.all(Array.from({ length: 5 }, () => engineWith(declared())));
    expect(await storedHooks()).toBe(1);
  });

  it.each([
    [{ declared: [{ url: 'http://example.com/' }] }, "Option 'webhooks.declared[0].url'"],
    [{ declared: [{ url: URL_A }, { url: URL_A }] }, "Option 'webhooks.declared[1].name'"],
    [{ declared: [{ url: URL_A, formatter: 'pigeon' }] }, "Option 'webhooks.declared[0].formatter'"],
    [{ allow: ['10.0.0.0/40'] }, "Option 'webhooks.allow': '10.0.0.0/40'"],
    [{ formatters: { slack: () => ({}) } }, "Option 'webhooks.formatters': 'slack'"],
    [{ retryDelays: ['soon'] }, "Option 'webhooks.retryDelays[0]'"],
    [{ timeout: '5m' }, "Option 'webhooks.timeout'"],
    [{ concurrency: 0 }, "Option 'webhooks.concurrency'"],
  ] as [WebhooksOptions, string][])('%j fails at boot', (webhooks, message) => {
    expect(() => new WaygateEngine({ webhooks })).toThrow(ConfigurationError);
    expect(() => new WaygateEngine({ webhooks })).toThrow(message);
  });
});

describe('the outbox', () => {
  it('is written in the same commit as the change', async () => {
    const sets: ChangeSet[] = [];
    class Watched extends MemoryBackend {
      override commit(changeSet: ChangeSet) {
        sets.push(changeSet);
        return super.commit(changeSet);
      }
    }
    backend = new Watched();
    const watched = await engineWith();
    await watched.webhooks.add(URL_A, { name: 'all' });
    await watched.webhooks.add(URL_A, { name: 'limits', events: ['rl_*'] });
    await watched.webhooks.add(URL_A, { name: 'off' });
    await watched.webhooks.disable('off');
    sets.length = 0;
    await watched.maintenance.enable({ reason: 'move' });
    expect(sets).toHaveLength(1);
    expect(sets[0]?.writes).toMatchObject([
      { kind: 'maintenance' },
      {
        kind: 'webhook-delivery',
        expected: 0,
        value: { webhook: 'all', event: { event: 'global_maintenance_on', reason: 'move' }, progress: { state: 'pending' } },
      },
    ]);
    expect(sets[0]?.audit).toHaveLength(1);
  });

  it('has exactly one delivery for every change that was made, whoever got in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 30 }), async (writers) => {
        backend = new MemoryBackend();
        const engines = [await engineWith(), await engineWith(), await engineWith()];
        await engines[0]!.webhooks.add(URL_A, { name: 'ops' });
        await Promise.all(writers.map((writer, i) => engines[writer]!.maintenance.enable({ reason: String(i) })));
        const { items } = await engines[0]!.webhooks.deliveries({ limit: 1_000 });
        const audit = await engines[0]!.audit.list({ action: 'global_maintenance_on', limit: 1_000 });
        const told = items.map(({ event }) => `${event.revision} ${event.id}`).toSorted();
        expect(told).toEqual(audit.items.map(({ revision, id }) => `${revision} ${id}`).toSorted());
        for (const each of engines) await each.close();
      }),
      { numRuns: 30 },
    );
  });

  it('is read by pages that do not shift', async () => {
    await engine.webhooks.add(URL_A, { name: 'ops' });
    for (let i = 0; i < 25; i++) {
      now += 1_000;
      await engine.maintenance.enable({ reason: String(i) });
    }
    const reasons: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await engine.webhooks.deliveries({ webhook: 'ops', limit: 10, ...(cursor === undefined ? {} : { cursor }) });
      reasons.push(...page.items.map(({ event }) => event.reason));
      cursor = page.next ?? undefined;
      now += 1_000;
      await engine.maintenance.enable({ reason: 'meanwhile' });
    } while (cursor !== undefined);
    expect(reasons).toEqual(Array.from({ length: 25 }, (_, i) => String(24 - i)));
    expect((await engine.webhooks.deliveries({ state: 'dead' })).items).toEqual([]);
    expect((await engine.webhooks.deliveries({ webhook: 'nobody' })).items).toEqual([]);
  });

  it.each([{ limit: 0 }, { limit: 1.5 }, { cursor: 'x' }, { state: 'lost' }])('refuses the query %j', async (query) => {
    await expect(engine.webhooks.deliveries(query as never)).rejects.toThrow(ValidationError);
  });

  it('knows what cannot be sent again', async () => {
    await expect(engine.webhooks.resend('msg_1')).rejects.toThrow(DeliveryNotFoundError);
  });
});

describe('over a day', () => {
  let server: Server;
  const times: number[] = [];
  beforeEach(async () => {
    server = createServer((_request, response) => {
      times.push(Date.now());
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await new Promise((resolve) => server.close(resolve));
  });

  it('tries eleven times, at growing distances, and then gives up', async () => {
    const hooked = new WaygateEngine({ backend: new MemoryBackend(), webhooks: { allow: ['127.0.0.1'] } });
    await hooked.open();
    await hooked.webhooks.add(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { name: 'ops' });
    const begun = Date.now();
    await hooked.maintenance.enable();
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const delivery = async () => (await hooked.webhooks.deliveries()).items[0];
    while ((await delivery())?.state !== 'dead') {
      await turn();
      const { state, nextAttemptAt } = (await delivery())!;
      const wait = state === 'pending' ? Date.parse(nextAttemptAt!) - Date.now() : 0;
      // Not beyond the moment of the attempt: its timeout is a timer too.
      if (wait > 0) await vi.advanceTimersByTimeAsync(Math.min(wait, 15_000));
      expect(Date.now() - begun).toBeLessThan(DAY + 3_600_000);
    }
    expect(times).toHaveLength(11);
    expect(times.at(-1)! - begun).toBeGreaterThan(3_600_000);
    expect((await delivery())?.attempts).toBe(11);
    await hooked.close();
  });
});
