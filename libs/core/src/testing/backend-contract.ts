import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { WaygateBackend } from '../backend/backend.js';
import type { AuditEntry } from '../schema/audit.js';
import { ConflictError, ValidationError } from '../model/errors.js';
import { NO_MAINTENANCE } from '../schema/maintenance.js';
import type { ChangeBatch, ChangedRecord, ChangeSet, RecordWrite, StateImage } from '../schema/record.js';
import { ACTIVE_ROUTE, type RouteRecord } from '../schema/route.js';
import type { RateLimitHit } from '../schema/rate-limit.js';

/** Makes a backend over an empty store, not opened yet. The contract opens it, and closes it when the case is over. */
export type BackendFactory = () => WaygateBackend | Promise<WaygateBackend>;

/** One thing every backend must do. Runs under any test runner: `for (const { name, run } of backendContract) it(name, () => run(make))`. */
export interface ContractCase<Make> {
  readonly name: string;
  readonly run: (make: Make) => Promise<void>;
}

const route = (reason = ''): RouteRecord => ({
  service: null,
  declared: { ...ACTIVE_ROUTE, state: reason === '' ? 'active' : 'disabled', reason },
  override: null,
});
const write = (key: string, expected: number, reason = ''): RecordWrite => ({
  kind: 'route',
  key,
  expected,
  value: route(reason),
});
const change = (...writes: RecordWrite[]): ChangeSet => ({ writes, audit: [] });
const audited = (key: string, expected: number, entry: Partial<AuditEntry> = {}): ChangeSet => ({
  writes: [write(key, expected)],
  audit: [auditOf(key, entry)],
});

function auditOf(key: string, entry: Partial<AuditEntry>): AuditEntry {
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    action: 'enable',
    kind: 'route',
    key,
    service: null,
    actor: 'tester',
    platform: 'code',
    reason: '',
    before: null,
    after: route(),
    ...entry,
  };
}

function hitOf(caller: string): RateLimitHit {
  const at = new Date().toISOString();
  return {
    id: randomUUID(),
    at,
    route: 'GET:/x',
    method: 'GET',
    caller,
    policy: 'default',
    limit: '1/minute',
    tier: null,
    resetAt: at,
    shadow: false,
  };
}

/** Everything `WaygateBackend` promises, as cases against a real store. */
export const backendContract: readonly ContractCase<BackendFactory>[] = [
  testCase('begins empty, at revision 0', async (backend) => {
    const { revision, records } = await backend.load();
    assert.deepEqual({ revision, records: [...records] }, { revision: 0, records: [] });
  }),

  testCase('gives back what was committed, with the revision that wrote it', async (backend) => {
    const value = { ...NO_MAINTENANCE, enabled: true, reason: 'zeile eins\nzeile zwei 💥 "\u0000"', exempt: ['/a', 'GET:/b'] };
    await backend.commit({ writes: [{ kind: 'maintenance', key: '*', expected: 0, value }], audit: [] });
    await backend.commit(change(write('GET:/a', 0, 'x'), write('GET:/b', 0)));
    const image = await backend.load();
    assert.equal(image.revision, 2);
    assert.deepEqual(byKey(image), {
      'maintenance *': { revision: 1, value },
      'route GET:/a': { revision: 2, value: route('x') },
      'route GET:/b': { revision: 2, value: route() },
    });
  }),

  testCase('numbers commits without holes', async (backend) => {
    const revisions = [];
    for (let i = 0; i < 5; i++) revisions.push((await backend.commit(change(write('GET:/a', i)))).revision);
    assert.deepEqual(revisions, [1, 2, 3, 4, 5]);
  }),

  testCase('writes all of a change set or nothing, audit included', async (backend) => {
    await backend.commit(change(write('GET:/taken', 0)));
    const stale = { writes: [write('GET:/new', 0), write('GET:/taken', 0)], audit: [auditOf('GET:/new', {})] };
    await assert.rejects(backend.commit(stale), (error: unknown) => {
      assert.ok(error instanceof ConflictError);
      assert.deepEqual([error.kind, error.key, error.expected, error.actual], ['route', 'GET:/taken', 0, 1]);
      return true;
    });
    const image = await backend.load();
    assert.equal(image.revision, 1);
    assert.deepEqual(Object.keys(byKey(image)), ['route GET:/taken']);
    assert.deepEqual((await backend.queryAudit({}, { limit: 10 })).items, []);
  }),

  testCase('deletes, and lets a deleted record be written anew', async (backend) => {
    await backend.commit(change(write('GET:/a', 0)));
    await backend.commit(change({ kind: 'route', key: 'GET:/a', expected: 1, value: null }));
    assert.deepEqual(byKey(await backend.load()), {});
    await assert.rejects(backend.commit(change(write('GET:/a', 1))), ConflictError);
    assert.equal((await backend.commit(change(write('GET:/a', 0)))).revision, 3);
  }),

  testCase('loses none of 100 concurrent writes to one record', async (backend) => {
    const add = async (name: string): Promise<void> => {
      for (;;) {
        const current = byKey(await backend.load())['maintenance *'] as
          { revision: number; value: { exempt: string[] } } | undefined;
        const value = { ...NO_MAINTENANCE, exempt: [...(current?.value.exempt ?? []), name] };
        try {
          await backend.commit({
            writes: [{ kind: 'maintenance', key: '*', expected: current?.revision ?? 0, value }],
            audit: [],
          });
          return;
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
        }
      }
    };
    const names = Array.from({ length: 100 }, (_, i) => `/${i}`);
    for (let i = 0; i < names.length; i += 10) await Promise.all(names.slice(i, i + 10).map(add));
    const image = await backend.load();
    assert.equal(image.revision, 100);
    const [record] = image.records;
    assert.deepEqual((record?.value as { exempt?: string[] } | undefined)?.exempt?.toSorted(), names.toSorted());
  }),

  testCase('tells a watcher every commit, in order, its own ones too', async (backend) => {
    const batches: ChangeBatch[] = [];
    const stop = backend.watch(0, (batch) => batches.push(batch), noGap);
    for (let i = 0; i < 20; i++) await backend.commit(audited(`GET:/${i}`, 0));
    await until(() => batches.at(-1)?.revision === 20, 'the watcher to hear of revision 20');
    stop();
    let revision = 0;
    for (const batch of batches) {
      assert.equal(batch.since, revision);
      revision = batch.revision;
    }
    assert.deepEqual(
      batches.flatMap(({ changes }) => changes.map(({ key }) => key)).toSorted(),
      Array.from({ length: 20 }, (_, i) => `GET:/${i}`).toSorted(),
    );
  }),

  testCase('leads a watcher from any revision to the same image, or says that it cannot', async (backend) => {
    for (let i = 0; i < 6; i++) await backend.commit(change(write(`GET:/${i % 3}`, i < 3 ? 0 : i - 2, `r${i}`)));
    await backend.commit(change({ kind: 'route', key: 'GET:/0', expected: 4, value: null }));
    const early: StateImage = {
      revision: 3,
      records: [0, 1, 2].map((i) => ({ kind: 'route', key: `GET:/${i}`, revision: i + 1, value: route(`r${i}`) })),
    };
    const state = new Map<string, ChangedRecord>(early.records.map((record) => [`${record.kind} ${record.key}`, record]));
    let revision = early.revision;
    let gap = false;
    const stop = backend.watch(
      early.revision,
      (batch) => {
        assert.ok(batch.since <= revision);
        revision = batch.revision;
        for (const record of batch.changes) state.set(`${record.kind} ${record.key}`, record);
      },
      () => (gap = true),
    );
    await until(() => gap || revision === 7, 'the watcher to arrive at revision 7');
    stop();
    if (gap) return;
    const replayed = [...state.values()].filter(({ value }) => value !== null);
    const loaded = await backend.load();
    assert.deepEqual(byKey({ revision, records: replayed as StateImage['records'] }), byKey(loaded));
  }),

  testCase('tells nothing after a watcher stopped, and lets others go on', async (backend) => {
    const heard: number[] = [];
    const stopped: number[] = [];
    const stopFirst = backend.watch(0, ({ revision }) => stopped.push(revision), noGap);
    const stopSecond = backend.watch(0, ({ revision }) => heard.push(revision), noGap);
    await backend.commit(change(write('GET:/a', 0)));
    await until(() => heard.includes(1) && stopped.includes(1), 'both watchers to hear of revision 1');
    stopFirst();
    stopFirst();
    await backend.commit(change(write('GET:/a', 1)));
    await until(() => heard.includes(2), 'the second watcher to hear of revision 2');
    stopSecond();
    assert.ok(!stopped.includes(2));
  }),

  testCase('answers audit questions newest first, by filter', async (backend) => {
    await backend.commit(
      audited('GET:/a', 0, { actor: 'ann', service: 's1', action: 'disable', at: '2026-01-01T00:00:00.000Z' }),
    );
    await backend.commit(audited('GET:/b', 0, { actor: 'bob', at: '2026-01-02T00:00:00.000Z' }));
    await backend.commit(audited('GET:/a', 1, { actor: 'bob', service: 's1', at: '2026-01-03T00:00:00.000Z' }));
    const revisions = async (filter: Parameters<WaygateBackend['queryAudit']>[0]) =>
      (await backend.queryAudit(filter, { limit: 10 })).items.map(({ revision }) => revision);
    assert.deepEqual(await revisions({}), [3, 2, 1]);
    assert.deepEqual(await revisions({ key: 'GET:/a' }), [3, 1]);
    assert.deepEqual(await revisions({ service: 's1', actor: 'ann' }), [1]);
    assert.deepEqual(await revisions({ action: 'disable' }), [1]);
    assert.deepEqual(await revisions({ since: '2026-01-02T00:00:00.000Z', until: '2026-01-03T00:00:00.000Z' }), [2]);
  }),

  testCase('pages through a growing audit log without skipping or repeating', async (backend) => {
    for (let i = 0; i < 7; i++) await backend.commit(audited('GET:/a', i, { actor: `n${i}` }));
    const first = await backend.queryAudit({}, { limit: 3 });
    await backend.commit(audited('GET:/a', 7, { actor: 'late' }));
    const second = await backend.queryAudit({}, { limit: 3, cursor: first.next ?? '' });
    const third = await backend.queryAudit({}, { limit: 3, cursor: second.next ?? '' });
    const actors = [...first.items, ...second.items, ...third.items].map(({ actor }) => actor);
    assert.deepEqual(actors, ['n6', 'n5', 'n4', 'n3', 'n2', 'n1', 'n0']);
    assert.equal(third.next, null);
  }),

  testCase('keeps refused requests, newest first', async (backend) => {
    await backend.appendHits([hitOf('a'), hitOf('b')]);
    await backend.appendHits([hitOf('c')]);
    const first = await backend.queryHits({}, { limit: 2 });
    assert.deepEqual(
      first.items.map(({ caller }) => caller),
      ['c', 'b'],
    );
    const rest = await backend.queryHits({}, { limit: 2, cursor: first.next ?? '' });
    assert.deepEqual(
      rest.items.map(({ caller }) => caller),
      ['a'],
    );
    assert.deepEqual((await backend.queryHits({ caller: 'b' }, { limit: 9 })).items.length, 1);
  }),

  testCase('refuses what it cannot keep, and changes nothing', async (backend) => {
    await assert.rejects(backend.commit(change()), ValidationError);
    await assert.rejects(backend.commit(change(write('GET:/a', 0), write('GET:/a', 0))), ValidationError);
    await assert.rejects(backend.commit(change(write('', 0))), ValidationError);
    await assert.rejects(backend.commit(change(write('GET:/a', -1))), ValidationError);
    await assert.rejects(backend.commit(change({ ...write('GET:/a', 0), kind: 'nonsense' } as never)), ValidationError);
    await assert.rejects(backend.queryAudit({}, { limit: 0 }), ValidationError);
    await assert.rejects(backend.queryAudit({}, { limit: 10, cursor: 'not ours' }), ValidationError);
    assert.equal((await backend.load()).revision, 0);
  }),

  testCase('keeps keys apart that are names of object members, long, or beyond ASCII', async (backend) => {
    const keys = ['/__proto__', '/constructor', '/ünïcødé/💥', `/${'x'.repeat(1_000)}`, '/a b', '/%61'];
    await backend.commit(change(...keys.map((key) => write(key, 0))));
    assert.deepEqual((await backend.load()).records.map(({ key }) => key).toSorted(), keys.toSorted());
  }),
];

function testCase(name: string, check: (backend: WaygateBackend) => Promise<void>): ContractCase<BackendFactory> {
  return {
    name,
    async run(make) {
      const backend = await make();
      await backend.open();
      try {
        await check(backend);
      } finally {
        await backend.close();
      }
    },
  };
}

function byKey({ records }: StateImage): Record<string, unknown> {
  const sorted = records.toSorted((a, b) => (`${a.kind} ${a.key}` < `${b.kind} ${b.key}` ? -1 : 1));
  return Object.fromEntries(sorted.map(({ kind, key, revision, value }) => [`${kind} ${key}`, { revision, value }]));
}

function noGap(reason: string): void {
  assert.fail(`nothing was lost, but the backend said: ${reason}`);
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) assert.fail(`waited 10 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
