import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WaygateServerBackend } from '@waygate/client/backend';
import { FileBackend, WaygateEngine, type WaygateBackend } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { LONG_PATIENCE } from '../support/patience.mjs';
import { RedisServer } from '../support/redis-server.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function serverOn(backend: WaygateBackend, port = 0): Promise<AdminApp> {
  const admin = await startAdmin('express', { controllers: [], admin: { path: '' }, waygate: { backend }, port });
  endings.push(() => admin.app.close());
  return admin;
}

async function serviceOf({ url }: AdminApp): Promise<WaygateEngine> {
  const backend = new WaygateServerBackend({ url, appId: 'shop', ...ADMIN, reconnectDelay: 50 });
  const engine = new WaygateEngine({ backend, service: 'shop' });
  endings.push(() => engine.close());
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
  return engine;
}

describe('a service of a server', () => {
  it('keeps its closed route closed while the server restores its flushed Redis', async () => {
    const redis = await RedisServer.start();
    endings.push(() => redis.stop());
    const client = new Redis(redis.url);
    endings.push(() => client.disconnect());
    const server = await serverOn(new RedisBackend(redis.url));
    const service = await serviceOf(server);
    await server.engine.routes.disable('shop:GET:/a', { reason: 'incident' });
    await expect.poll(() => service.decide('GET:/a').outcome).toBe('block');
    const seen = new Set<string>();
    const timer = setInterval(() => seen.add(service.decide('GET:/a').outcome), 1);
    endings.push(() => clearInterval(timer));

    await client.flushall();
    await expect.poll(() => server.engine.health.status, LONG_PATIENCE).toBe('state-lost');
    await expect.poll(() => server.engine.health.status, LONG_PATIENCE).toBe('ready');
    await expect.poll(() => service.revision, LONG_PATIENCE).toBe(server.engine.revision);
    expect([...seen]).toEqual(['block']);
    expect(service.health.status).toBe('ready');
  });

  it('does not follow a server that comes back with an empty file, until an operator accepts it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waygate-lost-'));
    endings.push(() => rm(folder, { recursive: true }));
    const first = await serverOn(new FileBackend(join(folder, 'first.json')));
    const service = await serviceOf(first);
    await first.engine.routes.disable('shop:GET:/a', { reason: 'incident' });
    await expect.poll(() => service.decide('GET:/a').outcome).toBe('block');

    await first.app.close();
    const second = await serverOn(new FileBackend(join(folder, 'second.json')), first.port);
    await expect.poll(() => service.health.status, LONG_PATIENCE).toBe('state-lost');
    expect(service.decide('GET:/a').outcome).toBe('block');

    const token = await second.signIn();
    expect((await second.call('POST', '/api/state/accept', { reason: 'on purpose' }, token)).status).toBe(200);
    await expect.poll(() => service.health.status, LONG_PATIENCE).toBe('ready');
    expect(service.decide('GET:/a').outcome).toBe('allow');
    const { items } = await second.engine.audit.list({ action: 'state_accepted' });
    expect(items).toMatchObject([{ actor: 'admin', reason: 'on purpose' }]);
  });

  it('follows a server that comes back with the same file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waygate-lost-'));
    endings.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 'state.json');
    const first = await serverOn(new FileBackend(path));
    const service = await serviceOf(first);
    await first.engine.routes.disable('shop:GET:/a', { reason: 'incident' });
    await expect.poll(() => service.decide('GET:/a').outcome).toBe('block');
    const statuses = new Set<string>();
    service.events.on('health', ({ status }) => statuses.add(status));

    await first.app.close();
    const second = await serverOn(new FileBackend(path), first.port);
    await second.engine.routes.enable('shop:GET:/a');
    await expect.poll(() => service.decide('GET:/a').outcome, LONG_PATIENCE).toBe('allow');
    expect(statuses).not.toContain('state-lost');
  });
});
