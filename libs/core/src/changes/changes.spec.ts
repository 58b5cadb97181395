import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { Environment } from '../config/environment.js';
import { WaygateEngine } from '../engine.js';
import {
  ChangeFailedError,
  ChangesConflictError,
  FlagNotFoundError,
  InUseError,
  InvalidLimitError,
  RouteNotFoundError,
  RouteProtectedError,
  ValidationError,
} from '../model/errors.js';
import { RECORD_KINDS } from '../model/vocabulary.js';
import type { Change } from './change.js';

const engines: WaygateEngine[] = [];
const now = Date.UTC(2026, 0, 1);
const alice = { actor: 'alice', platform: 'dashboard' } as const;

async function open(backend = new MemoryBackend()): Promise<WaygateEngine> {
  const surroundings = Environment.read('/', {});
  const engine = new WaygateEngine({ backend, surroundings, clock: () => now });
  engines.push(engine);
  await engine.open();
  await engine.routes.register([
    { key: 'GET:/a', declaration: {} },
    { key: 'GET:/b', declaration: {} },
    { key: 'GET:/c', declaration: {} },
    { key: 'GET:/health', declaration: { forceActive: true } },
  ]);
  return engine;
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

const flag = (key: string, more: object = {}) => ({
  key,
  type: 'boolean' as const,
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
  fallthrough: 'on',
  ...more,
});

/** The values of all records, without counters of resets, which grow with the revision. */
function valuesOf(engine: WaygateEngine): ReadonlyMap<string, unknown> {
  const { snapshot } = engine.replication;
  return new Map(
    RECORD_KINDS.flatMap((kind) =>
      [...snapshot.list(kind)].map(({ key, value }) => [`${kind} ${key}`, { ...value, resets: null }] as const),
    ).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const key = fc.constantFrom('GET:/a', 'GET:/b', 'GET:/c');
const flagKey = fc.constantFrom('f', 'g');
const reason = fc.constantFrom('one', 'two');
const expiry = fc.constantFrom({}, { expiresIn: '1h' });
const service = fc.constantFrom(null, 'shop');
const limit = fc.constantFrom('1/minute', '2/minute').map((text) => ({ limit: text }));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(fc.constantFrom('route.enable', 'route.disable', 'route.maintenance'), key, reason, expiry)
    .map(([kind, route, why, ends]): Change => ({ kind, key: route, reason: why, ...ends })),
  fc.tuple(fc.constantFrom('route.clear', 'route.cancel-schedule'), key).map(([kind, route]): Change => ({ kind, key: route })),
  fc
    .tuple(key, reason)
    .map(([route, why]): Change => ({ kind: 'route.set-environments', key: route, environments: ['prod'], reason: why })),
  fc
    .tuple(service, reason, expiry)
    .map(([scope, why, ends]): Change => ({ kind: 'maintenance.enable', service: scope, reason: why, ...ends })),
  service.map((scope): Change => ({ kind: 'maintenance.disable', service: scope })),
  service.map((scope): Change => ({ kind: 'maintenance.set-exempt', service: scope, exempt: ['/a'] })),
  fc.tuple(key, limit, expiry).map(([route, rateLimit, ends]): Change => ({ kind: 'limit.set', key: route, rateLimit, ...ends })),
  key.map((route): Change => ({ kind: 'limit.clear', key: route })),
  fc
    .tuple(service, limit, expiry)
    .map(([scope, rateLimit, ends]): Change => ({ kind: 'limit-scope.set', service: scope, rateLimit, ...ends })),
  fc
    .tuple(fc.constantFrom('limit-scope.clear', 'limit-scope.pause', 'limit-scope.resume'), service)
    .map(([kind, scope]): Change => ({ kind, service: scope })),
  fc
    .tuple(flagKey, fc.constantFrom('x', 'y'))
    .map(([named, description]): Change => ({ kind: 'flag.set', flag: flag(named, { description }) })),
  fc
    .tuple(fc.constantFrom('flag.enable', 'flag.disable', 'flag.archive', 'flag.restore', 'flag.delete'), flagKey)
    .map(([kind, named]): Change => ({ kind, key: named })),
  fc.constantFrom('p', 'q').map((member): Change => ({ kind: 'segment.set', segment: { key: 's', included: [member] } })),
  fc
    .tuple(fc.constantFrom('segment.include', 'segment.exclude'), fc.constantFrom('p', 'q'))
    .map(([kind, member]): Change => ({ kind, key: 's', members: [member] })),
);

describe('a list of changes', () => {
  it('leaves the state that the same changes leave one by one, or nothing when one of them fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        const [together, apart] = [await open(), await open()];
        const before = { revision: together.revision, values: valuesOf(together) };
        let failed: number | null = null;
        for (const [index, each] of changes.entries()) {
          await apart.apply([each], alice).catch(() => (failed ??= index));
          if (failed !== null) break;
        }
        const outcome = await together.apply(changes, alice).catch((error: unknown) => error);
        if (failed === null) {
          expect(valuesOf(together)).toEqual(valuesOf(apart));
          expect(together.revision - before.revision).toBeLessThanOrEqual(1);
        } else {
          expect(outcome).toMatchObject({ message: expect.stringContaining(`changes[${String(failed)}]`) });
          expect({ revision: together.revision, values: valuesOf(together) }).toEqual(before);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('leaves the same state when it went through JSON, and a second time changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 6 }), async (changes) => {
        const [direct, replayed] = [await open(), await open()];
        const stored = JSON.parse(JSON.stringify(changes)) as Change[];
        const works = await direct.apply(changes, alice).then(
          () => true,
          () => false,
        );
        if (!works) return;
        await replayed.apply(stored, alice);
        expect(valuesOf(replayed)).toEqual(valuesOf(direct));
      }),
      { numRuns: 60 },
    );
  });

  it('is previewed without being made, and the preview shows what is made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
        const engine = await open();
        const before = { revision: engine.revision, values: valuesOf(engine) };
        const preview = await engine.preview(changes, alice).catch(() => null);
        expect({ revision: engine.revision, values: valuesOf(engine) }).toEqual(before);
        if (preview === null) return;
        const { changed } = await engine.apply(changes, alice);
        expect(preview.records.map(({ kind, key: record }) => [kind, record])).toEqual(
          changed.map(({ kind, key: record }) => [kind, record]),
        );
        for (const { key: handler, after } of preview.handlers) {
          const decision = engine.decide(handler);
          expect(after.blockedBy !== null).toBe(decision.outcome === 'block');
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is one revision with an audit entry for each change, undone by one revert', async () => {
    const engine = await open();
    const before = valuesOf(engine);
    const { revision, changed } = await engine.apply(
      [
        { kind: 'route.disable', key: 'GET:/a' },
        { kind: 'limit.set', key: 'GET:/b', rateLimit: { limit: '1/minute' }, reason: 'crawler' },
        { kind: 'maintenance.enable', service: 'shop' },
        { kind: 'flag.create', flag: flag('beta') },
      ],
      { ...alice, reason: 'incident 42' },
    );
    expect(revision).toBe(engine.revision);
    expect(changed).toEqual([
      { kind: 'route', key: 'GET:/a', changes: [0] },
      { kind: 'rate-limit', key: 'GET:/b', changes: [1] },
      { kind: 'maintenance', key: 'shop', changes: [2] },
      { kind: 'flag', key: 'beta', changes: [3] },
    ]);
    const { items } = await engine.audit.list();
    expect(items.map((entry) => [entry.revision, entry.action, entry.actor, entry.reason]).toReversed()).toEqual([
      [revision, 'disable', 'alice', 'incident 42'],
      [revision, 'rl_policy_set', 'alice', 'crawler'],
      [revision, 'service_maintenance_on', 'alice', 'incident 42'],
      [revision, 'flag_created', 'alice', 'incident 42'],
    ]);
    await engine.audit.revert(revision);
    expect(engine.sync.routes.get('GET:/a').override).toBeNull();
    expect(engine.sync.flags.list()).toEqual([]);
    expect(valuesOf(engine).get('route GET:/a')).toEqual(before.get('route GET:/a'));
  });

  it('writes a record once, however many of its changes concern it', async () => {
    const engine = await open();
    const { revision, changed } = await engine.apply([
      { kind: 'route.disable', key: 'GET:/a', reason: 'one' },
      { kind: 'route.maintenance', key: 'GET:/a', expiresIn: '1h', reason: 'two' },
    ]);
    expect(changed).toEqual([{ kind: 'route', key: 'GET:/a', changes: [0, 1] }]);
    expect(engine.sync.routes.get('GET:/a')).toMatchObject({
      state: 'maintenance',
      revision,
      override: { beneath: { state: 'disabled', reason: 'one' } },
    });
    expect((await engine.audit.list({ revision })).items.map(({ action }) => action)).toEqual(['maintenance_on', 'disable']);
  });

  it('may refer to what it makes itself, in any order, but leaves nothing without what it refers to', async () => {
    const engine = await open();
    const rules = [{ id: 'r', variation: 'on', clauses: [{ operator: 'in_segment' as const, values: ['staff'] }] }];
    await engine.apply([
      { kind: 'flag.create', flag: flag('beta', { rules }) },
      { kind: 'segment.create', segment: { key: 'staff' } },
    ]);
    const { revision } = engine;
    await expect(engine.apply([{ kind: 'segment.delete', key: 'staff' }])).rejects.toMatchObject({
      index: 0,
      code: 'IN_USE',
      cause: expect.any(InUseError),
    });
    expect(engine.revision).toBe(revision);
    await engine.apply([
      { kind: 'segment.delete', key: 'staff' },
      { kind: 'flag.delete', key: 'beta' },
    ]);
    expect(engine.sync.segments.list()).toEqual([]);
  });

  it.each<[string, Change, new (...parameters: never[]) => Error, string]>([
    ['a wrong limit', { kind: 'limit.set', key: 'GET:/a', rateLimit: { limit: 'lots' } }, InvalidLimitError, '.rateLimit.limit:'],
    ['an unknown route', { kind: 'route.disable', key: 'GET:/nope' }, RouteNotFoundError, ': Route'],
    ['a force-active route', { kind: 'route.disable', key: 'GET:/health' }, RouteProtectedError, ': Route'],
    ['an unknown flag', { kind: 'flag.enable', key: 'nope' }, FlagNotFoundError, ': Flag'],
  ])('names the change that fails for %s, and makes none', async (_name, wrong, cause, text) => {
    const engine = await open();
    const { revision } = engine;
    const attempt = engine.apply([{ kind: 'route.disable', key: 'GET:/a' }, wrong]);
    await expect(attempt).rejects.toBeInstanceOf(ChangeFailedError);
    await expect(attempt).rejects.toMatchObject({ index: 1, cause: expect.any(cause) });
    await expect(attempt).rejects.toThrow(`changes[1]${text}`);
    expect(engine.revision).toBe(revision);
  });

  it.each<[Change, string]>([
    [{ kind: 'flag.create', flag: flag('x', { offVariation: 'none' }) }, 'changes[1].flag.offVariation'],
    [{ kind: 'limit.set', key: 'GET:/a', rateLimit: { limit: '1/minute', burst: -1 } }, 'changes[1].rateLimit.burst'],
    [{ kind: 'route.disable', key: 'GET:/a', expiresIn: 'soon' }, 'changes[1].expiresIn'],
    [{ kind: 'route.disable', key: 'GET:/a', reason: 'x'.repeat(2_001) }, 'changes[1].reason'],
    [{ kind: 'route.disable', key: 'GET:/a', expectedRevision: -1 }, 'changes[1].expectedRevision'],
    [JSON.parse('{ "kind": "route.explode" }') as Change, 'changes[1].kind'],
    [JSON.parse('null') as Change, 'changes[1]'],
    [JSON.parse('{ "kind": "route.disable", "key": "GET:/a", "expiresin": "2h" }') as Change, 'changes[1].expiresin'],
    [
      JSON.parse('{ "kind": "route.maintenance", "key": "GET:/a", "window": { "start": true } }') as Change,
      'changes[1].window.start',
    ],
    [JSON.parse('{ "kind": "route.disable" }') as Change, 'changes[1].key'],
  ])('names the wrong field of a change: %#', async (wrong, field) => {
    const engine = await open();
    const attempt = engine.apply([{ kind: 'route.disable', key: 'GET:/a' }, wrong]);
    await expect(attempt).rejects.toBeInstanceOf(ValidationError);
    await expect(attempt).rejects.toMatchObject({ field });
  });

  it('has at most 1,000 changes', async () => {
    const engine = await open();
    const changes = Array.from({ length: 1_001 }, (): Change => ({ kind: 'route.clear', key: 'GET:/a' }));
    await expect(engine.apply(changes)).rejects.toThrow('changes: must be at most 1000 changes');
  });
});

describe('changes that expect a revision', () => {
  it('change nothing when one of them is stale, and the error lists all that are, with who made the later change', async () => {
    const engine = await open();
    const seen = engine.sync.routes.get('GET:/a').revision;
    await engine.routes.disable('GET:/b', { actor: 'bob' });
    const later = engine.revision;
    await engine.routes.disable('GET:/c', { actor: 'carol' });
    const { revision } = engine;
    const changes = ['GET:/a', 'GET:/b', 'GET:/c'].map((route): Change => ({
      kind: 'route.maintenance',
      key: route,
      expectedRevision: seen,
    }));
    const error = await engine.apply(changes, alice).catch((reason_: unknown) => reason_);
    expect(error).toBeInstanceOf(ChangesConflictError);
    expect(error).toMatchObject({
      conflicts: [
        { index: 1, change: 'route.maintenance', key: 'GET:/b', expected: seen, actual: later, last: { actor: 'bob' } },
        { index: 2, key: 'GET:/c', actual: revision, last: { actor: 'carol', action: 'disable', revision } },
      ],
    });
    expect(engine.revision).toBe(revision);
    expect(engine.sync.routes.get('GET:/a').override).toBeNull();
    const { conflicts } = await engine.preview(changes, alice);
    expect(conflicts.map(({ key: record }) => record)).toEqual(['GET:/b', 'GET:/c']);
  });

  it('compare with what was stored before the list, so that several may concern one record', async () => {
    const engine = await open();
    const expectedRevision = engine.sync.routes.get('GET:/a').revision;
    await engine.apply([
      { kind: 'route.disable', key: 'GET:/a', expectedRevision },
      { kind: 'route.maintenance', key: 'GET:/a', expectedRevision, expiresIn: '1h' },
    ]);
    expect(engine.sync.routes.get('GET:/a').state).toBe('maintenance');
  });

  it('are checked again when another engine is faster', async () => {
    const backend = new MemoryBackend();
    const [one, two] = [await open(backend), await open(backend)];
    const expectedRevision = one.sync.routes.get('GET:/a').revision;
    const outcomes = await Promise.allSettled([
      one.apply([{ kind: 'route.disable', key: 'GET:/a', reason: 'one', expectedRevision }]),
      two.apply([{ kind: 'route.disable', key: 'GET:/a', reason: 'two', expectedRevision }]),
      two.apply([{ kind: 'route.disable', key: 'GET:/b', reason: 'three' }]),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });
});

describe('a change that changes nothing', () => {
  it.each<[string, Change[]]>([
    ['the same disable', [{ kind: 'route.disable', key: 'GET:/a', reason: 'x' }]],
    ['the same maintenance window', [{ kind: 'route.schedule', key: 'GET:/a', start: now + 1_000, end: now + 2_000 }]],
    ['the same global maintenance', [{ kind: 'maintenance.enable', reason: 'x' }]],
    ['maintenance that is off', [{ kind: 'maintenance.disable' }]],
    ['the same exemptions', [{ kind: 'maintenance.set-exempt', exempt: ['/a'] }]],
    ['the same limit', [{ kind: 'limit.set', key: 'GET:/a', rateLimit: { limit: '1/minute' } }]],
    ['the same global limit', [{ kind: 'limit-scope.set', rateLimit: { limit: '1/minute' } }]],
    ['a limit that does not exist', [{ kind: 'limit-scope.clear', service: 'shop' }]],
    ['the same flag', [{ kind: 'flag.set', flag: flag('x') }]],
    ['the same segment', [{ kind: 'segment.set', segment: { key: 's', included: ['a'] } }]],
    [
      'one that takes back the one before',
      [
        { kind: 'route.disable', key: 'GET:/a' },
        { kind: 'route.clear', key: 'GET:/a' },
      ],
    ],
  ])('makes no revision and no audit entry: %s', async (_name, changes) => {
    const engine = await open();
    await engine.apply(changes, alice);
    const { revision } = engine;
    const { length } = (await engine.audit.list()).items;
    expect(await engine.apply(changes, { actor: 'bob' })).toEqual({ revision, changed: [] });
    expect(engine.revision).toBe(revision);
    expect((await engine.audit.list()).items).toHaveLength(length);
  });

  it('is left out of a list that changes something else, and the preview says so', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a', { reason: 'x' });
    const changes: Change[] = [
      { kind: 'route.disable', key: 'GET:/a', reason: 'x' },
      { kind: 'route.disable', key: 'GET:/b', reason: 'x' },
    ];
    const { warnings } = await engine.preview(changes);
    expect(warnings).toMatchObject([{ code: 'no_effect', changes: [0] }]);
    expect((await engine.apply(changes)).changed).toMatchObject([{ key: 'GET:/b', changes: [1] }]);
  });
});

describe('the preview', () => {
  it('shows handlers before and after a global maintenance, and which force-active ones stay up', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/b', { reason: 'broken' });
    const { handlers, warnings } = await engine.preview([{ kind: 'maintenance.enable', reason: 'upgrade', exempt: ['/c'] }]);
    expect(handlers).toMatchObject([
      {
        key: 'GET:/a',
        before: { status: 'active', blockedBy: null, reason: '', until: null },
        after: { status: 'maintenance', blockedBy: 'global', reason: 'upgrade', until: null },
      },
      {
        key: 'GET:/b',
        before: { status: 'disabled', blockedBy: 'route', reason: 'broken', until: null },
        after: { status: 'maintenance', blockedBy: 'global', reason: 'upgrade', until: null },
      },
    ]);
    expect(warnings).toEqual([
      { code: 'force_active', changes: [0], handlers: ['GET:/health'], message: '1 force-active handler stays up.' },
    ]);
  });

  it('says that a change does not take effect yet', async () => {
    const engine = await open();
    const { handlers, warnings } = await engine.preview([
      { kind: 'route.schedule', key: 'GET:/a', start: now + 1_000, end: now + 2_000 },
    ]);
    expect(handlers).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'not_in_effect', handlers: ['GET:/a'] }]);
  });

  it('and the audit log show no secrets of webhooks', async () => {
    const engine = await open();
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const changes: Change[] = [{ kind: 'webhook.set', url: 'https://hooks.invalid/T0/secret-path', name: 'chat', secret }];
    const preview = await engine.preview(changes);
    await engine.apply(changes);
    for (const shown of [preview, (await engine.audit.list()).items]) {
      expect(JSON.stringify(shown)).not.toContain(secret);
      expect(JSON.stringify(shown)).not.toContain('secret-path');
    }
  });
});
