import { afterEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import { ACTIVE_ROUTE } from '../schema/route.js';

const open: WaygateEngine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});

async function boot(backend: MemoryBackend, declaration: object): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend });
  open.push(engine);
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration }]);
  return engine;
}

describe('tags of a route', () => {
  it('are sorted, trimmed and told once', async () => {
    const next = await boot(new MemoryBackend(), { tags: ['shop', ' billing', 'shop'] });
    expect(next.routes.read('GET:/a')).toMatchObject({ tags: ['billing', 'shop'], declared: { tags: ['billing', 'shop'] } });
  });

  it.each([
    ['no list', { tags: 'shop' }, 'tags'],
    ['an empty one', { tags: ['a', ' '] }, 'tags[1]'],
    ['one that is too long', { tags: ['x'.repeat(65)] }, 'tags[0]'],
    ['something else', { tags: [7] }, 'tags[0]'],
    ['too many', { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, 'tags'],
  ])('are refused: %s', async (_what, declaration, field) => {
    await expect(boot(new MemoryBackend(), declaration)).rejects.toMatchObject({ field });
  });

  it('may be twenty of 64 characters', async () => {
    const tags = Array.from({ length: 20 }, (_, i) => String(i).padStart(64, 'x'));
    expect((await boot(new MemoryBackend(), { tags })).routes.read('GET:/a').tags).toHaveLength(20);
  });

  it('are none in a record without the field, and booting again is no change', async () => {
    const store = new MemoryBackend();
    const value = { service: null, declared: ACTIVE_ROUTE, override: null };
    expect(value.declared).not.toHaveProperty('tags');
    await store.open();
    await store.commit({ writes: [{ kind: 'route', key: 'GET:/a', expected: 0, value }], audit: [] });
    const again = await boot(store, {});
    expect(again.routes.read('GET:/a')).toMatchObject({ tags: [], revision: 1 });
    expect(again.revision).toBe(1);
    expect((await boot(store, { tags: [] })).revision).toBe(1);
  });

  it('follow the code, keep what operators set, and are no change while they stay the same', async () => {
    const store = new MemoryBackend();
    const first = await boot(store, {});
    await first.routes.disable('GET:/a', { reason: 'kept' });
    const second = await boot(store, { tags: ['shop'] });
    expect(second.routes.read('GET:/a')).toMatchObject({ tags: ['shop'], reason: 'kept' });
    const { revision } = second;
    expect((await boot(store, { tags: ['shop'] })).revision).toBe(revision);
    expect((await boot(store, {})).routes.read('GET:/a')).toMatchObject({ tags: [], reason: 'kept' });
  });
});
