import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WaygateEngine } from '../engine.js';
import { MemoryBackend } from '../backend/memory-backend.js';
import type { Unsubscribe } from '../backend/unsubscribe.js';
import { BackendUnavailableError, EngineClosedError } from '../model/errors.js';
import { NO_MAINTENANCE } from '../schema/maintenance.js';
import type { ChangeBatch, ChangeSet, RecordWrite, StateImage } from '../schema/record.js';
import { Snapshot } from './snapshot.js';

/** A memory backend whose faults can be switched on. */
class FaultyBackend extends MemoryBackend {
  down = false;
  silent = false;
  opens = 0;
  readonly delays: () => number;
  #tell: ((batch: ChangeBatch) => void) | undefined;
  #gap: ((reason: string) => void) | undefined;

  constructor(delays: () => number = () => 0) {
    super();
    this.delays = delays;
  }

  override async open(): Promise<void> {
    this.opens++;
    this.#require();
  }

  override async load(): Promise<StateImage> {
    this.#require();
    return super.load();
  }

  override async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    const before = this.delays();
    if (before > 0) await new Promise((resolve) => setTimeout(resolve, before));
    this.#require();
    return super.commit(changeSet);
  }

  override watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    this.#tell = onBatch;
    this.#gap = onGap;
    return super.watch(since, (batch) => void (this.silent || onBatch(batch)), onGap);
  }

  tell(batch: ChangeBatch): void {
    this.#tell?.(batch);
  }

  gap(): void {
    this.#gap?.('told to');
  }

  #require(): void {
    if (this.down) throw new BackendUnavailableError('the store is down');
  }
}

const open: WaygateEngine[] = [];
async function engineOn(backend: MemoryBackend, options: { service?: string } = {}): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend, initTimeout: 200, ...options });
  open.push(engine);
  await engine.open();
  return engine;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.close()));
});

const routes = (...keys: string[]) => keys.map((key) => ({ key, declaration: {} }));

describe('a backend that is away', () => {
  it('lets the engine start on what the code declares, stale, and registers when it is back', async () => {
    const backend = new FaultyBackend();
    backend.down = true;
    const engine = await engineOn(backend);
    const health: string[] = [];
    engine.events.on('health', ({ status }) => health.push(status));
    await engine.routes.register([{ key: 'GET:/pay', declaration: { maintenance: { reason: 'ledger' } } }]);

    expect(engine.health).toMatchObject({ status: 'stale', reason: 'the store is down' });
    expect(engine.decide('GET:/pay')).toMatchObject({ kind: 'maintenance', reason: 'ledger' });
    await expect(engine.routes.enable('GET:/pay')).rejects.toThrow(BackendUnavailableError);
    expect(engine.decide('GET:/pay')).toMatchObject({ kind: 'maintenance' });

    backend.down = false;
    await expect.poll(() => engine.health.status, { interval: 10 }).toBe('ready');
    await expect.poll(async () => (await backend.load()).records.map(({ key }) => key), { interval: 10 }).toEqual(['GET:/pay']);
    expect(health).toContain('ready');
    await engine.routes.enable('GET:/pay');
    expect(engine.decide('GET:/pay')).toMatchObject({ outcome: 'allow' });
  });

  it('does not hold up the start for longer than initTimeout', async () => {
    class Hanging extends MemoryBackend {
      override open(): Promise<void> {
        return new Promise(() => undefined);
      }
    }
    vi.useFakeTimers();
    const opening = engineOn(new Hanging());
    await vi.advanceTimersByTimeAsync(200);
    vi.useRealTimers();
    const engine = await opening;
    expect(engine.health).toMatchObject({ status: 'stale', reason: 'the backend did not answer within 200 ms' });
  });

  it('leaves the last snapshot in force when it goes away later', async () => {
    const backend = new FaultyBackend();
    const engine = await engineOn(backend);
    await engine.routes.register(routes('GET:/a'));
    await engine.routes.disable('GET:/a', { reason: 'off' });
    backend.down = true;
    backend.gap();
    await expect.poll(() => engine.health.status, { interval: 5 }).toBe('stale');
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'off' });
    await expect(engine.routes.enable('GET:/a')).rejects.toThrow(BackendUnavailableError);
    backend.down = false;
    await expect.poll(() => engine.health.status, { interval: 10 }).toBe('ready');
  });
});

describe('the change feed', () => {
  it('is the only way to the snapshot: a silent feed is made up for by a load before a change is acknowledged', async () => {
    const backend = new FaultyBackend();
    const engine = await engineOn(backend);
    await engine.routes.register(routes('GET:/a'));
    backend.silent = true;
    await engine.routes.disable('GET:/a');
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'disabled' });
  });

  it('ignores what it knows already and loads everything after a hole', async () => {
    const backend = new FaultyBackend();
    const engine = await engineOn(backend);
    await engine.routes.register(routes('GET:/a'));
    const { revision } = engine;
    backend.tell({ since: 0, revision: 0, changes: [{ kind: 'route', key: 'GET:/a', revision: 0, value: null }], audit: [] });
    expect(engine.revision).toBe(revision);

    backend.silent = true;
    const value = { ...NO_MAINTENANCE, enabled: true };
    await backend.commit({ writes: [{ kind: 'maintenance', key: '*', expected: 0, value }], audit: [] });
    await backend.commit({ writes: [{ kind: 'maintenance', key: 'other', expected: 0, value }], audit: [] });
    backend.tell({
      since: revision + 1,
      revision: revision + 2,
      changes: [{ kind: 'maintenance', key: 'other', revision: revision + 2, value }],
      audit: [],
    });
    await expect.poll(() => engine.revision, { interval: 5 }).toBe(revision + 2);
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'maintenance', scope: 'global' });
  });

  it('loads once more when a gap is told while it is loading, and pauses when the store is behind what was announced', async () => {
    const backend = new FaultyBackend();
    const engine = await engineOn(backend);
    await engine.routes.register(routes('GET:/a'));
    backend.silent = true;
    const stale = await backend.load();
    const fresh = backend.load.bind(backend);
    let release: (image: StateImage) => void = () => undefined;
    backend.load = () => new Promise((resolve) => (release = resolve));
    backend.gap();
    await backend.commit({
      writes: [{ kind: 'maintenance', key: '*', expected: 0, value: { ...NO_MAINTENANCE, enabled: true } }],
      audit: [],
    });
    backend.gap();
    backend.load = fresh;
    release(stale);
    await expect.poll(() => engine.revision, { interval: 5 }).toBe(2);

    let loads = 0;
    backend.load = () => (loads++, fresh());
    backend.tell({ since: 8, revision: 9, changes: [], audit: [] });
    await expect
      .poll(() => engine.health, { interval: 5 })
      .toMatchObject({ status: 'stale', reason: 'the backend is at revision 2, but 9 was announced' });
    expect(loads).toBe(4);
  });

  it('may overtake a load without being set back, or taken for a store with an older copy', async () => {
    const backend = new FaultyBackend();
    const engine = await engineOn(backend);
    await engine.routes.register(routes('GET:/a'));
    const early = await backend.load();
    const fresh = backend.load.bind(backend);
    let release: (image: StateImage) => void = () => undefined;
    backend.load = () => new Promise((resolve) => (release = resolve));
    backend.gap();
    await engine.routes.disable('GET:/a');
    backend.load = fresh;
    release(early);
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.health).toMatchObject({ status: 'ready', revision: early.revision + 1 });
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'disabled' });
  });

  it('registers again what the code declares when the store was made anew', async () => {
    const backend = new FaultyBackend();
    const engine = await engineOn(backend);
    await engine.routes.register(routes('GET:/a'));
    const anew = new MemoryBackend();
    backend.load = () => anew.load();
    backend.commit = (changeSet) => anew.commit(changeSet);
    backend.gap();
    await expect.poll(async () => (await anew.load()).records.map(({ key }) => key), { interval: 5 }).toEqual(['GET:/a']);
    expect(engine.health.status).toBe('ready');
  });

  it('tells what was before and after, with the audit entries', async () => {
    const engine = await engineOn(new MemoryBackend());
    await engine.routes.register(routes('GET:/a'));
    const heard: unknown[] = [];
    engine.events.on('change', ({ changes, audit }) => {
      heard.push([
        changes.map(({ before, after }) => [before?.revision, after.revision]),
        audit.map(({ actor, action }) => [actor, action]),
      ]);
    });
    await engine.routes.disable('GET:/a', { actor: 'ann' });
    expect(heard).toEqual([[[[1, 2]], [['ann', 'disable']]]]);
  });

  it('goes on for others when a listener throws', async () => {
    const engine = await engineOn(new MemoryBackend());
    await engine.routes.register(routes('GET:/a'));
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.message);
    process.on('warning', onWarning);
    let heard = 0;
    engine.events.on('change', () => {
      throw new Error('listener is broken');
    });
    engine.events.on('change', () => heard++);
    await engine.routes.disable('GET:/a');
    expect(heard).toBe(1);
    await expect.poll(() => warnings.join(), { interval: 5 }).toContain('listener is broken');
    process.off('warning', onWarning);
  });
});

describe('concurrent changes', () => {
  it('lose none, over two engines on one slow backend, and the audit tells one unbroken story of each record', async () => {
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) % 4;
    const backend = new FaultyBackend(random);
    const [first, second] = [await engineOn(backend), await engineOn(backend)];
    await first.routes.register(routes('GET:/a', 'GET:/b'));
    await second.routes.register(routes('GET:/a', 'GET:/b'));
    const jobs = Array.from({ length: 120 }, (_, i) => {
      const engine = i % 2 === 0 ? first : second;
      const key = i % 3 === 0 ? 'GET:/a' : 'GET:/b';
      return i % 2 === 0
        ? engine.routes.disable(key, { reason: `n${i}`, actor: `${i}` })
        : engine.routes.enable(key, { reason: `n${i}`, actor: `${i}` });
    });
    await Promise.all(jobs);
    const { items } = await backend.queryAudit({}, { limit: 1_000 });
    const told = items.filter(({ actor }) => actor !== 'deploy');
    expect(new Set(told.map(({ actor }) => actor)).size).toBe(120);
    expect(new Set(items.map(({ revision }) => revision)).size).toBe(items.length);
    for (const key of ['GET:/a', 'GET:/b']) {
      const chain = told.filter((entry) => entry.key === key).toReversed();
      for (let i = 1; i < chain.length; i++) expect(chain[i]?.before).toEqual(chain[i - 1]?.after);
      const last = chain.at(-1);
      for (const engine of [first, second]) {
        await expect
          .poll(() => engine.sync.routes.get(key).override, { interval: 5 })
          .toEqual((last?.after as { override: unknown } | undefined)?.override);
      }
    }
  });
});

describe('Snapshot', () => {
  it('is the same whether changes are replayed from any revision or everything is loaded', async () => {
    const write = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), reason: fc.option(fc.string({ maxLength: 3 })) });
    const sets = fc.array(fc.uniqueArray(write, { selector: ({ key }) => key, minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(sets, fc.nat(), async (changeSets, from) => {
        const backend = new MemoryBackend();
        const batches: ChangeBatch[] = [];
        backend.watch(
          0,
          (batch) => batches.push(batch),
          () => undefined,
        );
        const images: StateImage[] = [await backend.load()];
        for (const changes of changeSets) {
          const known = new Map(images.at(-1)?.records.map(({ key, revision }) => [key, revision]));
          const writes = changes
            .map(({ key, reason }): RecordWrite => ({
              kind: 'maintenance',
              key,
              expected: known.get(key) ?? 0,
              value: reason === null ? null : { ...NO_MAINTENANCE, reason },
            }))
            .filter(({ value, expected }) => value !== null || expected > 0);
          if (writes.length > 0) await backend.commit({ writes, audit: [] });
          images.push(await backend.load());
        }
        const start = images[from % images.length] as StateImage;
        let replayed = Snapshot.EMPTY.replacedBy(start).snapshot;
        for (const batch of batches) if (batch.since >= start.revision) replayed = replayed.after(batch);
        const loaded = Snapshot.EMPTY.replacedBy(images.at(-1) as StateImage).snapshot;
        const jumped = Snapshot.EMPTY.replacedBy(start).snapshot.replacedBy(images.at(-1) as StateImage).snapshot;
        expect(sorted(replayed)).toEqual(sorted(loaded));
        expect(sorted(jumped)).toEqual(sorted(loaded));
      }),
    );
  });
});

it('refuses changes once it is closed, and still decides', async () => {
  const engine = await engineOn(new MemoryBackend());
  await engine.routes.register(routes('GET:/a'));
  await engine.routes.disable('GET:/a');
  let ended = 0;
  engine.events.on('close', () => ended++);
  await engine.close();
  await engine.close();
  expect(ended).toBe(1);
  await expect(engine.routes.enable('GET:/a')).rejects.toThrow(EngineClosedError);
  expect(engine.decide('GET:/a')).toMatchObject({ kind: 'disabled' });
});

it('believes a store that was made anew, and not an older copy of the same', async () => {
  const backend = new FaultyBackend();
  const engine = await engineOn(backend);
  await engine.routes.register(routes('GET:/a'));
  await engine.maintenance.enable();
  await engine.maintenance.disable();
  const real = await backend.load();
  backend.load = async () => ({ ...real, revision: 1, records: [] });
  backend.gap();
  await expect.poll(() => engine.health.status, { interval: 5 }).toBe('stale');
  expect(engine.revision).toBe(3);

  backend.load = async () => ({
    epoch: 'another',
    revision: 1,
    records: [{ kind: 'maintenance', key: '*', revision: 1, value: { ...NO_MAINTENANCE, enabled: true } }],
  });
  await expect.poll(() => engine.health.status, { interval: 10 }).toBe('ready');
  expect(engine.decide('GET:/a')).toMatchObject({ kind: 'maintenance', scope: 'global' });
});

function sorted(snapshot: Snapshot): unknown {
  const { revision, records } = snapshot.toImage();
  return { revision, records: records.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}
