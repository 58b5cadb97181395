import { describe, expect, it } from 'vitest';
import { WaygateEngine } from '../engine.js';
import type { ChangeSet, StateImage } from '../schema/record.js';
import { ACTIVE_ROUTE } from '../schema/route.js';
import { backendContract } from '../testing/backend-contract.js';
import { MemoryBackend } from './memory-backend.js';
import type { Unsubscribe } from './unsubscribe.js';
import { WaygateBackend } from './backend.js';

describe('MemoryBackend', () => {
  it.each(backendContract)('$name', ({ run }) => run(() => new MemoryBackend()));

  it('keeps what was committed from being changed by who gave it', async () => {
    const backend = new MemoryBackend();
    const value = { service: null, declared: ACTIVE_ROUTE, override: null };
    await backend.commit({ writes: [{ kind: 'route', key: '/a', expected: 0, value }], audit: [] });
    (value as { service: string | null }).service = 'changed';
    expect((await backend.load()).records[0]?.value).toMatchObject({ service: null });
  });

  it('forgets the oldest audit entries beyond its capacity', async () => {
    const backend = new MemoryBackend({ auditCapacity: 2 });
    for (let i = 0; i < 4; i++) await backend.commit(changeOf(i));
    const { items, next } = await backend.queryAudit({}, { limit: 10 });
    expect(items.map(({ revision }) => revision)).toEqual([4, 3]);
    expect(next).toBeNull();
  });
});

/** A backend that cannot push: what custom ones get for free. */
class PolledBackend extends WaygateBackend {
  loads = 0;
  readonly #inner = new MemoryBackend();

  constructor(override readonly pollInterval = 5) {
    super();
  }

  open(): Promise<void> {
    return this.#inner.open();
  }
  close(): Promise<void> {
    return this.#inner.close();
  }
  load(): Promise<StateImage> {
    this.loads++;
    return this.#inner.load();
  }
  commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    return this.#inner.commit(changeSet);
  }
  queryAudit: WaygateBackend['queryAudit'] = (filter, page) => this.#inner.queryAudit(filter, page);
  queryHits: WaygateBackend['queryHits'] = (filter, page) => this.#inner.queryHits(filter, page);
  appendHits: WaygateBackend['appendHits'] = (hits) => this.#inner.appendHits(hits);
}

describe('a backend that is polled', () => {
  it('tells writes and deletions once it knows the state it began with', async () => {
    const backend = new PolledBackend();
    await backend.commit(changeOf(0));
    const seen: string[] = [];
    let gaps = 0;
    const stop: Unsubscribe = backend.watch(
      1,
      ({ changes }) => seen.push(...changes.map(({ key, value }) => `${key} ${value === null ? 'deleted' : 'written'}`)),
      () => gaps++,
    );
    await expect.poll(() => backend.loads, { interval: 5 }).toBeGreaterThan(1);
    await backend.commit({
      writes: [{ kind: 'route', key: '/b', expected: 0, value: { service: null, declared: ACTIVE_ROUTE, override: null } }],
      audit: [],
    });
    await expect.poll(() => seen, { interval: 5 }).toEqual(['/b written']);
    await backend.commit({ writes: [{ kind: 'route', key: '/b', expected: 2, value: null }], audit: [] });
    await expect.poll(() => seen, { interval: 5 }).toEqual(['/b written', '/b deleted']);
    stop();
    expect(gaps).toBe(0);
  });

  it('tells who changed what, too: of the changes it tells and of no other', async () => {
    const backend = new PolledBackend();
    await backend.commit(changeOf(0));
    const told: (readonly [number, readonly string[]])[] = [];
    const stop = backend.watch(
      1,
      ({ revision, audit }) => told.push([revision, audit.map(({ id }) => id)]),
      () => undefined,
    );
    await expect.poll(() => backend.loads, { interval: 5 }).toBeGreaterThan(1);
    await Promise.all([backend.commit(changeOf(1)), backend.commit(changeOf(2))]);
    await expect.poll(() => told, { interval: 5 }).toEqual([[3, ['id-1', 'id-2']]]);
    stop();
  });

  it.each([5, 700, 3_600_000])('tells an engine of what it did itself once, looked at every %d ms', async (pollInterval) => {
    const backend = new PolledBackend(pollInterval);
    const engine = new WaygateEngine({ backend });
    await engine.open();
    await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
    const told: string[] = [];
    engine.events.on('change', ({ audit }) => told.push(...audit.map(({ id, reason }) => reason || id)));
    const reasons = ['first', 'second', 'third'];
    for (const reason of reasons) await engine.routes.disable('GET:/a', { reason });
    expect(told).toEqual(reasons);
    if (pollInterval < 1_000) {
      await backend.commit(changeOf(0));
      await expect.poll(() => told).toEqual([...reasons, 'id-0']);
    }
    await engine.close();
  });

  it('asks to load again when changes went by before the first look', async () => {
    const backend = new PolledBackend();
    await backend.commit(changeOf(0));
    await backend.commit(changeOf(1));
    let gaps = 0;
    const stop = backend.watch(
      1,
      () => undefined,
      () => gaps++,
    );
    await expect.poll(() => gaps, { interval: 5 }).toBe(1);
    stop();
  });
});

function changeOf(expected: number): ChangeSet {
  const value = { service: null, declared: ACTIVE_ROUTE, override: null };
  const audit = [
    {
      id: `id-${expected}`,
      at: '2026-01-01T00:00:00.000Z',
      action: 'enable' as const,
      kind: 'route' as const,
      key: '/a',
      service: null,
      actor: 'a',
      platform: 'code' as const,
      reason: '',
      before: null,
      after: value,
    },
  ];
  return { writes: [{ kind: 'route', key: '/a', expected, value }], audit };
}
