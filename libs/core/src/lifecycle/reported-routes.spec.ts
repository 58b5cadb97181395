import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import type { AuditEntry } from '../schema/audit.js';

async function start() {
  const engine = new WaygateEngine({ backend: new MemoryBackend() });
  await engine.open();
  return engine;
}

function entry(key: string): AuditEntry {
  const at = '2027-01-01T00:00:00.000Z';
  const who = { actor: 'sdk-user', platform: 'sdk', reason: 'r' } as const;
  return { id: randomUUID(), at, action: 'disable', kind: 'route', key, service: 'shop', ...who, before: null, after: null };
}

describe('routes of other processes', () => {
  it('are stored with what their code declares; what is known stays as it is', async () => {
    const engine = await start();
    const route = { key: 'shop:GET:/p', service: 'shop', declaration: { maintenance: { reason: 'declared' } } };
    await engine.reportedRoutes.register([route]);
    await engine.routes.enable('shop:GET:/p');
    await engine.reportedRoutes.register([{ ...route, declaration: { disabled: {} } }]);
    expect(engine.routes.read('shop:GET:/p')).toMatchObject({
      state: 'active',
      service: 'shop',
      declared: { state: 'maintenance', reason: 'declared' },
    });
  });

  it('are filed anew when a report names other tags, and only then', async () => {
    const engine = await start();
    const report = (declaration: object) => engine.reportedRoutes.register([{ key: 'GET:/p', service: 'shop', declaration }]);
    const route = () => engine.routes.read('GET:/p');
    await report({ disabled: { reason: 'declared' }, tags: ['old'] });
    await engine.routes.enable('GET:/p');
    await report({ tags: ['b', 'a'] });
    expect(route()).toMatchObject({ tags: ['a', 'b'], state: 'active', declared: { state: 'disabled', reason: 'declared' } });
    const [entry] = (await engine.audit.list({ limit: 1 })).items;
    expect(entry).toMatchObject({ action: 'declare', actor: 'deploy', key: 'GET:/p', service: 'shop' });
    const { revision } = engine;
    await report({ tags: ['a', 'b'] });
    await report({});
    expect(engine.revision).toBe(revision);
    await report({ tags: [] });
    expect(route().tags).toEqual([]);
  });

  it('keep a key without a service, and still belong to theirs', async () => {
    const engine = await start();
    await engine.reportedRoutes.register([{ key: 'GET:/p', service: 'shop', declaration: {} }]);
    expect(engine.routes.read('GET:/p').service).toBe('shop');
  });

  it('are refused wholly when one is wrong', async () => {
    const engine = await start();
    const good = { key: 'GET:/p', service: 'shop', declaration: {} };
    await expect(engine.reportedRoutes.register([good, { ...good, key: 'nonsense' }])).rejects.toThrow("'nonsense' has no path");
    expect(engine.revision).toBe(0);
  });

  it('are 10 000 of one service at most, over however many calls', async () => {
    const engine = await start();
    const routes = (service: string, from: number, to: number) =>
      Array.from({ length: to - from }, (_none, index) => ({
        key: `${service}:GET:/${from + index}`,
        service,
        declaration: {},
      }));
    await engine.reportedRoutes.register(routes('shop', 0, 9_999));
    await expect(engine.reportedRoutes.register(routes('shop', 9_999, 10_001))).rejects.toThrow(/'shop' would have 10001 routes/);
    await engine.reportedRoutes.register(routes('shop', 9_990, 10_000));
    await engine.reportedRoutes.register(routes('other', 0, 1));
  });

  it('have a history they tell themselves, for routes that are stored', async () => {
    const engine = await start();
    await engine.reportedRoutes.register([{ key: 'shop:GET:/p', service: 'shop', declaration: {} }]);
    await engine.reportedRoutes.record(entry('shop:GET:/p'));
    expect((await engine.audit.list()).items).toMatchObject([{ action: 'disable', actor: 'sdk-user', key: 'shop:GET:/p' }]);
    await expect(engine.reportedRoutes.record(entry('shop:GET:/q'))).rejects.toThrow('is not registered');
  });
});
