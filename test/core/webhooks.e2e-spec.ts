import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import {
  MemoryBackend,
  WaygateEngine,
  type ChangeBatch,
  type ChangeSet,
  type Unsubscribe,
  type WaygateEngineOptions,
  type WebhooksOptions,
} from '@waygate/core';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { expectWithin, OwnTime } from '../support/measure.js';
import { startApp } from '../support/nest-app.js';
import { LONG_PATIENCE } from '../support/patience.mjs';
import { Receiver, type Received } from '../support/receiver.js';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const LOCAL: WebhooksOptions = { allow: ['127.0.0.1'], timeout: 10_000 };
const QUICK: WebhooksOptions = { ...LOCAL, retryDelays: Array.from({ length: 10 }, () => 20) };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function receiverThat(...answer: Parameters<typeof Receiver.start>): Promise<Receiver> {
  const receiver = await Receiver.start(...answer);
  cleanups.push(() => receiver.stop());
  return receiver;
}

async function engineWith(webhooks: WebhooksOptions, options: WaygateEngineOptions = {}): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend: new MemoryBackend(), webhooks, ...options });
  cleanups.push(() => engine.close());
  await engine.open();
  await engine.routes.register([
    { key: 'GET:/pay', declaration: {} },
    { key: 'GET:/orders', declaration: {} },
  ]);
  return engine;
}

function verified(secret: string, { body, headers }: Received): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

/** A store whose feed takes a while, as that of every store in another process does. */
class LateBackend extends MemoryBackend {
  conflicts = 0;

  override async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    try {
      return await super.commit(changeSet);
    } catch (error) {
      this.conflicts++;
      throw error;
    }
  }

  override watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    return super.watch(since, (batch) => void setTimeout(() => onBatch(batch), 10), onGap);
  }
}

describe('a webhook', () => {
  it('tells of every kind of change, once each: routes, gates, maintenance, limits, flags, segments, and edges in time', async () => {
    const receiver = await receiverThat();
    const engine = await engineWith(LOCAL);
    engine.rateLimits.declare('GET:/pay', [{ limit: '5/minute' }]);
    await engine.webhooks.add(receiver.url, { name: 'ops', secret: SECRET });
    await engine.routes.disable('GET:/pay');
    await engine.routes.setEnvironments('GET:/pay', ['prod']);
    await engine.routes.clear('GET:/pay');
    await engine.maintenance.enable({});
    await engine.maintenance.disable();
    await engine.maintenance.forService('shop').enable({});
    await engine.maintenance.forService('shop').disable();
    await engine.rateLimits.set('GET:/pay', { limit: '1/minute' });
    await engine.rateLimits.global.set({ limit: '100/minute' });
    await engine.segments.save({ key: 'beta', name: 'Beta' });
    const onOff = [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ];
    await engine.flags.save({
      key: 'dark',
      name: 'Dark',
      type: 'boolean',
      variations: onOff,
      offVariation: 'off',
      fallthrough: 'on',
    });
    await engine.flags.disable('dark');
    const soon = Date.now() + 1_500;
    await engine.routes.schedule('GET:/orders', { start: soon, end: soon + 1_000, reason: 'move' });
    const expected = [
      'disable',
      'env_gate',
      'clear',
      'global_maintenance_on',
      'global_maintenance_off',
      'service_maintenance_on',
      'service_maintenance_off',
      'rl_policy_updated',
      'global_rl_set',
      'segment_created',
      'flag_created',
      'flag_disabled',
      'maintenance_scheduled',
      'window_opened',
      'window_closed',
    ];
    const told = () => receiver.received.map((each) => (verified(SECRET, each) as { event: string }).event);
    await expect.poll(() => told().toSorted()).toEqual(expected.toSorted());
    const edge = receiver.received
      .map((each) => verified(SECRET, each))
      .find((each) => (each as { event: string }).event === 'window_opened');
    expect(edge).toMatchObject({ path: 'GET:/orders', reason: 'move', actor: 'scheduler', state: { status: 'maintenance' } });
  });

  it('tells of a change with a signature that standardwebhooks verifies', async () => {
    const receiver = await receiverThat();
    const engine = await engineWith(LOCAL);
    const { secret, webhook, created } = await engine.webhooks.add(receiver.url, { name: 'ops' });
    expect({ created, key: webhook.key }).toEqual({ created: true, key: 'ops' });
    await engine.routes.disable('GET:/pay', { reason: 'hotfix', actor: 'alice', platform: 'cli' });
    await expect.poll(() => receiver.received.length).toBe(1);
    const { items } = await engine.audit.list({ action: 'disable' });
    expect(verified(secret!, receiver.received[0]!)).toMatchObject({
      id: items[0]?.id,
      event: 'disable',
      path: 'GET:/pay',
      reason: 'hotfix',
      actor: 'alice',
      platform: 'cli',
      revision: items[0]?.revision,
      state: { path: 'GET:/pay', status: 'disabled', reason: 'hotfix', rollout_percentage: 100 },
      before: { status: 'active' },
    });
    const forged = { ...receiver.received[0]!, body: receiver.received[0]!.body.replace('alice', 'mallory') };
    expect(() => verified(secret!, forged)).toThrow('No matching signature found');
  });

  it('is told of every kind of change', async () => {
    const receiver = await receiverThat();
    const engine = await engineWith(LOCAL);
    await engine.webhooks.add(receiver.url);
    const shop = engine.maintenance.forService('shop');
    const limit = { limit: '10/minute' };
    const steps: [string, () => Promise<unknown>][] = [
      ['disable', () => engine.routes.disable('GET:/pay')],
      ['enable', () => engine.routes.enable('GET:/pay')],
      ['maintenance_on', () => engine.routes.setMaintenance('GET:/pay')],
      ['env_gate', () => engine.routes.setEnvironments('GET:/pay', ['dev'])],
      ['clear', () => engine.routes.clear('GET:/pay')],
      ['global_maintenance_on', () => engine.maintenance.enable()],
      ['global_maintenance_updated', () => engine.maintenance.setExempt(['/health'])],
      ['global_maintenance_off', () => engine.maintenance.disable()],
      ['service_maintenance_on', () => shop.enable()],
      ['service_maintenance_off', () => shop.disable()],
      ['rl_policy_set', () => engine.rateLimits.set('GET:/pay', limit)],
      ['rl_policy_updated', () => engine.rateLimits.set('GET:/pay', { limit: '20/minute' })],
      ['rl_reset', () => engine.rateLimits.reset('GET:/pay')],
      ['rl_policy_deleted', () => engine.rateLimits.clear('GET:/pay')],
      ['global_rl_set', () => engine.rateLimits.global.set(limit)],
      ['global_rl_disabled', () => engine.rateLimits.global.pause()],
      ['svc_rl_set', () => engine.rateLimits.forService('shop').set(limit)],
    ];
    for (const [, step] of steps) await step();
    await expect.poll(() => receiver.received.length).toBe(steps.length);
    const inOrder = receiver.events.toSorted((a, b) => Number(a['revision']) - Number(b['revision']));
    expect(inOrder.map(({ event }) => event)).toEqual(steps.map(([event]) => event));
    expect(inOrder.find(({ event }) => event === 'rl_policy_set')).toMatchObject({
      path: 'GET:/pay',
      reason: '10/minute · fixed_window · ip',
      state: { path: 'GET:/pay', status: 'active' },
    });
    expect(inOrder.find(({ event }) => event === 'service_maintenance_on')).toMatchObject({
      path: '__waygate:svc_global:shop__',
      service: 'shop',
      state: null,
      after: { enabled: true },
    });
  });

  it('hears of what it asks for only, and of an end of maintenance however it came', async () => {
    const receiver = await receiverThat();
    const engine = await engineWith(LOCAL);
    await engine.webhooks.add(receiver.url, { events: ['maintenance_*', 'global_*'] });
    await engine.routes.disable('GET:/pay');
    await engine.routes.setMaintenance('GET:/pay');
    await engine.routes.enable('GET:/pay');
    await engine.maintenance.enable();
    await expect.poll(() => receiver.received.length).toBe(3);
    expect(receiver.events.map(({ event }) => String(event)).toSorted()).toEqual([
      'global_maintenance_on',
      'maintenance_off',
      'maintenance_on',
    ]);
  });

  it('signs with old and new secret after a rotation, and with the new one alone when told to', async () => {
    const receiver = await receiverThat();
    const engine = await engineWith(LOCAL);
    await engine.webhooks.add(receiver.url, { name: 'ops', secret: SECRET });
    const { secret: second } = await engine.webhooks.rotateSecret('ops');
    await engine.maintenance.enable();
    await expect.poll(() => receiver.received.length).toBe(1);
    for (const secret of [SECRET, second]) expect(verified(secret, receiver.received[0]!)).toBeDefined();
    const { secret: third } = await engine.webhooks.rotateSecret('ops', { overlap: 0 });
    await engine.maintenance.disable();
    await expect.poll(() => receiver.received.length).toBe(2);
    expect(verified(third, receiver.received[1]!)).toBeDefined();
    for (const secret of [SECRET, second]) expect(() => verified(secret, receiver.received[1]!)).toThrow('No matching');
  });

  it('can be tried out', async () => {
    const receiver = await receiverThat();
    const engine = await engineWith(LOCAL);
    const { secret } = await engine.webhooks.add(receiver.url, { name: 'ops' });
    expect(await engine.webhooks.test('ops')).toMatchObject({ ok: true, status: 204 });
    expect(verified(secret!, receiver.received[0]!)).toMatchObject({ event: 'test', path: 'webhook:ops' });
  });

  it('is declared by a module option, once, with a format of its own', async () => {
    @Controller()
    class ShopController {
      @Get('items')
      items() {
        return [];
      }
    }
    const receiver = await receiverThat();
    const backend = new MemoryBackend();
    const webhooks: WebhooksOptions = {
      ...LOCAL,
      declared: [
        { url: `${receiver.url}/slack`, formatter: 'slack' },
        { url: `${receiver.url}/own`, formatter: ({ event, path }) => ({ said: `${event} ${path}` }), events: ['disable'] },
      ],
    };
    for (let boot = 0; boot < 2; boot++) {
      const { app, engine } = await startApp('fastify', { controllers: [ShopController], waygate: { backend, webhooks } });
      await expect.poll(() => engine.webhooks.list()).toHaveLength(2);
      await engine.routes.disable('GET:/items', { reason: `boot ${boot}` });
      await expect.poll(() => receiver.received.length).toBe(2 * (boot + 1));
      await app.close();
    }
    const own = receiver.received.filter(({ path }) => path === '/hook/own').map(({ body }) => body);
    expect(own).toEqual(['{"said":"disable GET:/items"}', '{"said":"disable GET:/items"}']);
    const slack = receiver.received.find(({ path }) => path === '/hook/slack');
    expect(JSON.parse(slack?.body ?? '')).toMatchObject({ attachments: [{ text: '*DISABLE*: `GET:/items`\n> boot 0' }] });
  });
});

describe('delivery', () => {
  it('loses none of 200 events at a receiver that fails every second time', async () => {
    let draw = 7;
    const receiver = await receiverThat((response) => {
      draw = (draw * 48_271) % 2_147_483_647;
      if (draw % 4 === 0) response.destroy();
      else response.writeHead(draw % 4 === 1 ? 503 : 200).end();
    });
    const backend = new MemoryBackend();
    // Often enough that none of 200 has bad luck each time.
    const often: WebhooksOptions = { ...LOCAL, retryDelays: Array.from({ length: 40 }, () => 20) };
    const engines = [await engineWith(often, { backend }), await engineWith(often, { backend })];
    await engines[0]!.webhooks.add(receiver.url, { name: 'flaky' });
    await expect.poll(() => engines[1]!.webhooks.list()).toHaveLength(1);
    const changes = Array.from({ length: 200 }, (_, i) => engines[i % 2]!.maintenance.enable({ reason: `change ${i}` }));
    await Promise.all(changes);
    await expect.poll(async () => (await engines[0]!.webhooks.get('flaky')).open, LONG_PATIENCE).toBe(0);
    expect(new Set(receiver.events.map(({ reason }) => reason)).size).toBe(200);
    expect((await engines[0]!.webhooks.get('flaky')).dead).toBe(0);
    const idsByEvent = new Map(receiver.events.map(({ id }, i) => [id, receiver.ids[i]]));
    receiver.events.forEach(({ id }, i) => expect(receiver.ids[i]).toBe(idsByEvent.get(id)));
    expect(receiver.received.length).toBeGreaterThan(250);
    const { items } = await engines[0]!.webhooks.deliveries({ webhook: 'flaky', limit: 1_000 });
    expect(items.length).toBeLessThanOrEqual(120);
  });

  it('is done once, by one of several processes that hear of each other late', async () => {
    const receiver = await receiverThat((response) => void setTimeout(() => response.writeHead(204).end(), 5));
    const backend = new LateBackend();
    const writer = await engineWith({ ...QUICK, deliver: false }, { backend });
    await writer.webhooks.add(receiver.url, { name: 'ops' });
    await Promise.all(Array.from({ length: 200 }, (_, i) => writer.maintenance.enable({ reason: String(i) })));
    const senders = await Promise.all(Array.from({ length: 4 }, () => engineWith(QUICK, { backend })));
    await expect.poll(async () => (await senders[0]!.webhooks.get('ops')).open, LONG_PATIENCE).toBe(0);
    expect(backend.conflicts).toBeGreaterThan(0);
    expect(receiver.received.length).toBe(200);
    expect(new Set(receiver.ids).size).toBe(200);
  });

  it('is taken over from a process that only records', async () => {
    const receiver = await receiverThat();
    const backend = new MemoryBackend();
    const writer = await engineWith({ ...QUICK, deliver: false }, { backend });
    await writer.webhooks.add(receiver.url, { name: 'ops' });
    await writer.maintenance.enable();
    expect((await writer.webhooks.get('ops')).open).toBe(1);
    await engineWith(QUICK, { backend });
    await expect.poll(() => receiver.received.length).toBe(1);
  });

  it('is left to a process that has the formatter, also where another one makes every change', async () => {
    const receiver = await receiverThat();
    const backend = new MemoryBackend();
    const server = await engineWith(QUICK, { backend });
    const app = await engineWith({ ...QUICK, formatters: { own: ({ reason }) => ({ said: reason }) } }, { backend });
    await app.webhooks.add(receiver.url, { name: 'own', formatter: 'own' });
    for (let i = 0; i < 10; i++) await server.maintenance.enable({ reason: `r${i}` });
    await expect.poll(() => receiver.received.length, { timeout: 8_000 }).toBe(10);
    const { items } = await server.webhooks.deliveries();
    expect(items.map(({ attempts }) => attempts)).toEqual(items.map(() => 1));
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { said: string }).said).toSorted()).toHaveLength(10);
  });

  it('never holds up who makes a change, and no other webhook', async () => {
    const slow = await receiverThat(() => undefined);
    const fast = await receiverThat();
    const engine = await engineWith({ ...LOCAL, timeout: '10s' });
    const time = new OwnTime();
    cleanups.push(async () => time.stop());
    const commits = async () => {
      const times: number[] = [];
      for (let i = 0; i < 100; i++) times.push(await time.of(() => engine.maintenance.enable({ reason: String(i) })));
      return times.toSorted((a, b) => a - b)[95]!;
    };
    const without = await commits();
    await engine.webhooks.add(slow.url, { name: 'slow' });
    const withSlow = await commits();
    await engine.webhooks.add(fast.url, { name: 'fast' });
    await expectWithin(500, async () => {
      const [known, begun] = [fast.received.length, Date.now()];
      await (known % 2 === 0 ? engine.maintenance.disable() : engine.maintenance.enable());
      await expect.poll(() => fast.received.length, { interval: 5 }).toBe(known + 1);
      return Date.now() - begun;
    });
    // As many as one receiver may have open at a time, and no more.
    await expect.poll(() => slow.received.length).toBe(4);
    console.info(
      `p95 of a commit: ${without.toFixed(2)} ms without, ${withSlow.toFixed(2)} ms with a receiver that never answers`,
    );
    expect(withSlow).toBeLessThan(without + 20);
  });

  it('waits as long as Retry-After says', async () => {
    const receiver = await receiverThat((response, _request, count) =>
      response.writeHead(count === 1 ? 429 : 200, { 'retry-after': '1' }).end(),
    );
    const engine = await engineWith(QUICK);
    await engine.webhooks.add(receiver.url);
    await engine.maintenance.enable();
    await expect.poll(() => receiver.received.length, { interval: 10 }).toBe(2);
    expect(receiver.received[1]!.at - receiver.received[0]!.at).toBeGreaterThanOrEqual(1_000);
    expect(receiver.ids[0]).toBe(receiver.ids[1]);
  });

  it('ends with 410: the webhook is switched off, and the audit log says why', async () => {
    const receiver = await receiverThat((response) => response.writeHead(410).end());
    const engine = await engineWith(QUICK);
    await engine.webhooks.add(receiver.url, { name: 'gone' });
    await engine.maintenance.enable();
    await expect.poll(async () => (await engine.webhooks.get('gone')).enabled).toBe(false);
    const { items } = await engine.audit.list({ action: 'webhook_disabled' });
    expect(items).toMatchObject([{ key: 'gone', actor: 'system', platform: 'system', reason: 'The receiver answered 410 Gone' }]);
    await engine.maintenance.disable();
    expect(await engine.webhooks.get('gone')).toMatchObject({ open: 0, dead: 1 });
    expect(receiver.received.length).toBe(1);
  });

  it('gives up after the last attempt, keeps what it gave up, and sends it again under the same id', async () => {
    let healed = false;
    const receiver = await receiverThat((response) => {
      if (healed) response.writeHead(200).end();
      else response.writeHead(302, { location: '/hook/elsewhere' }).end();
    });
    const engine = await engineWith({ ...QUICK, retryDelays: [10, 10] });
    await engine.webhooks.add(receiver.url, { name: 'moved' });
    await engine.maintenance.enable({ reason: 'why' });
    await expect.poll(async () => (await engine.webhooks.get('moved')).dead).toBe(1);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook']);
    const { items } = await engine.webhooks.deliveries({ webhook: 'moved', state: 'dead' });
    expect(items).toMatchObject([
      {
        attempts: 3,
        lastStatus: 302,
        lastError: expect.stringContaining('redirects are not followed'),
        event: { reason: 'why' },
      },
    ]);
    healed = true;
    await engine.webhooks.resend(items[0]!.id);
    await expect.poll(async () => (await engine.webhooks.deliveries({ state: 'delivered' })).items.length).toBe(1);
    expect(new Set(receiver.ids)).toEqual(new Set([items[0]!.id]));
  });

  it('says what is wrong when a format is not there, or fails, and recovers when it is', async () => {
    const receiver = await receiverThat();
    const backend = new MemoryBackend();
    const first = await engineWith({ ...QUICK, formatters: { own: () => ({ ok: true }) }, deliver: false }, { backend });
    await first.webhooks.add(receiver.url, { name: 'own', formatter: 'own' });
    await first.maintenance.enable();
    const second = await engineWith({ ...QUICK, retryDelays: Array.from({ length: 200 }, () => 100) }, { backend });
    await expect.poll(async () => (await second.webhooks.deliveries()).items[0]?.lastError).toContain("no formatter 'own'");
    await second.webhooks.update('own', { formatter: 'waygate' });
    await expect.poll(() => receiver.received.length).toBe(1);
  });

  it('is left to others by a process that ends meanwhile', async () => {
    let answer = false;
    const receiver = await receiverThat((response) => void (answer && response.writeHead(200).end()));
    const backend = new MemoryBackend();
    const first = await engineWith({ ...LOCAL, timeout: '30s', retryDelays: ['1h'] }, { backend });
    await first.webhooks.add(receiver.url, { name: 'ops' });
    await first.maintenance.enable();
    await expect.poll(() => receiver.received.length).toBe(1);
    const time = new OwnTime();
    expect(await time.of(() => first.close())).toBeLessThan(5_000);
    time.stop();
    answer = true;
    const second = await engineWith(LOCAL, { backend });
    await expect.poll(() => receiver.received.length).toBe(2);
    await expect
      .poll(async () => (await second.webhooks.deliveries()).items)
      .toMatchObject([{ state: 'delivered', attempts: 1 }]);
    expect(receiver.ids[0]).toBe(receiver.ids[1]);
  });

  it('forgets what a removed webhook was to be told', async () => {
    const receiver = await receiverThat(() => undefined);
    const backend = new MemoryBackend();
    const engine = await engineWith({ ...LOCAL, timeout: '30s' }, { backend });
    await engine.webhooks.add(receiver.url, { name: 'ops' });
    for (let i = 0; i < 20; i++) await engine.maintenance.enable({ reason: String(i) });
    expect((await engine.webhooks.deliveries()).items.length).toBe(20);
    await engine.webhooks.remove('ops');
    await expect.poll(async () => (await engine.webhooks.deliveries()).items.length).toBe(0);
  });
});

describe('a process that is killed', () => {
  const children: ChildProcess[] = [];
  function worker(journal: string, url: string, deliver: boolean, changes: number): ChildProcess {
    const args = ['test/support/webhook-worker.mjs', journal, url, SECRET, String(deliver), String(changes)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }
  const committed = (child: ChildProcess) => new Promise((resolve) => child.stdout?.once('data', resolve));
  const killed = (child: ChildProcess) =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  function journalPath(): string {
    const folder = mkdtempSync(join(tmpdir(), 'waygate-webhooks-'));
    cleanups.push(async () => rmSync(folder, { recursive: true, force: true }));
    return join(folder, 'journal');
  }
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await killed(child);
  });

  it('in the middle of a delivery leaves it to the next, which sends it under the same id', async () => {
    let alive = false;
    const receiver = await receiverThat((response) => void (alive && response.writeHead(200).end()));
    const journal = journalPath();
    const first = worker(journal, receiver.url, true, 1);
    await expect.poll(() => receiver.received.length).toBe(1);
    await killed(first);
    alive = true;
    worker(journal, receiver.url, true, 0);
    await expect.poll(() => receiver.received.length).toBe(2);
    expect(receiver.ids[0]).toBe(receiver.ids[1]);
    expect(verified(SECRET, receiver.received[1]!)).toMatchObject({ event: 'global_maintenance_on', reason: 'change 0' });
    expect(receiver.events[0]).toEqual(receiver.events[1]);
  });

  it('right after its changes were acknowledged loses no event', async () => {
    const receiver = await receiverThat();
    const journal = journalPath();
    const first = worker(journal, receiver.url, false, 50);
    await committed(first);
    await killed(first);
    expect(receiver.received.length).toBe(0);
    worker(journal, receiver.url, true, 0);
    await expect.poll(() => new Set(receiver.ids).size).toBe(50);
    const reasons = receiver.events.map(({ reason }) => String(reason)).toSorted();
    expect(reasons).toEqual(Array.from({ length: 50 }, (_, i) => `change ${i}`).toSorted());
  });
});

describe('what is secret', () => {
  it('is nowhere but in the record: not in audit entries, events, views, errors or the delivery log', async () => {
    const receiver = await receiverThat((response) => response.writeHead(500).end());
    const engine = await engineWith({ ...QUICK, retryDelays: [10] });
    const seen: unknown[] = [];
    engine.events.on('change', (event) => seen.push(event));
    const { secret, webhook } = await engine.webhooks.add(`${receiver.url}/hunter2?key=hunter2`, { name: 'ops' });
    seen.push(webhook);
    const { secret: second, webhook: rotated } = await engine.webhooks.rotateSecret('ops', {}, { actor: 'alice' });
    await engine.webhooks.update('ops', { events: ['*'], description: 'pager' });
    await engine.webhooks.disable('ops', { reason: 'noisy' });
    await engine.webhooks.enable('ops');
    await engine.maintenance.enable();
    await expect.poll(async () => (await engine.webhooks.get('ops')).open).toBe(0);
    seen.push(await engine.webhooks.deliveries({ limit: 1_000 }), await engine.webhooks.test('ops'), receiver.events);
    await engine.webhooks.add('ftp://hunter2', { secret: 'whsec_hunter2' }).catch((error: Error) => seen.push(error.message));
    await engine.webhooks.rotateSecret('ops', { secret: 'hunter2' }).catch((error: Error) => seen.push(error.message));
    await engine.webhooks.remove('ops');
    const audit = await engine.audit.list({ limit: 1_000 });
    expect(audit.items.filter(({ action }) => action.startsWith('webhook_')).length).toBe(6);
    // Views show the URL to who may manage webhooks; nothing else does.
    const withoutViews = JSON.stringify([seen.filter((each) => each !== webhook), audit]);
    const everything = JSON.stringify([seen, rotated, audit]);
    for (const value of [secret!, second]) expect(everything).not.toContain(value.slice(6, 30));
    expect(withoutViews).not.toContain('hunter2');
  });
});
