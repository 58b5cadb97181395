import { afterEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { Environment } from '../config/environment.js';
import { WaygateEngine } from '../engine.js';
import {
  InUseError,
  RevisionConflictError,
  RevisionNotFoundError,
  RouteProtectedError,
  ValidationError,
} from '../model/errors.js';
import type { AuditQuery } from './audit-log.js';
import { differences } from './difference.js';

const engines: WaygateEngine[] = [];
let now = Date.UTC(2026, 0, 1);

async function open(options: { auditMaxAge?: string } = {}): Promise<WaygateEngine> {
  const surroundings = Environment.read('/', {});
  const engine = new WaygateEngine({ backend: new MemoryBackend(), surroundings, clock: () => now, ...options });
  engines.push(engine);
  await engine.open();
  await engine.routes.register([
    { key: 'GET:/a', declaration: {} },
    { key: 'GET:/b', declaration: {} },
  ]);
  return engine;
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

describe('taking back a revision', () => {
  it('restores what was set before, as a revision of its own that says who and why', async () => {
    const engine = await open();
    await engine.routes.setMaintenance('GET:/a', { reason: 'first' });
    await engine.routes.disable('GET:/a', { reason: 'mistake' });
    const mistake = engine.revision;
    const { revision } = await engine.audit.revert(mistake, { actor: 'ann', platform: 'dashboard' });
    expect(revision).toBe(mistake + 1);
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'maintenance', reason: 'first' });
    const { items } = await engine.audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({
      action: 'revert',
      actor: 'ann',
      platform: 'dashboard',
      reason: `Takes back revision ${mistake}`,
      before: { override: { state: 'disabled' } },
      after: { override: { state: 'maintenance' } },
    });
    await engine.audit.revert(revision, { actor: 'bob' });
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'mistake' });
  });

  it('names the later change where the record moved on, and changes nothing unless forced', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a', { actor: 'ann' });
    const first = engine.revision;
    await engine.routes.disable('GET:/b');
    await engine.routes.setMaintenance('GET:/a', { actor: 'bob' });
    const later = engine.revision;
    const attempt = engine.audit.revert(first);
    await expect(attempt).rejects.toBeInstanceOf(RevisionConflictError);
    await expect(attempt).rejects.toMatchObject({ key: 'GET:/a', later: { revision: later, actor: 'bob' } });
    expect(engine.revision).toBe(later);
    await engine.audit.revert(first, { force: true });
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    expect(engine.decide('GET:/b').outcome).toBe('block');
  });

  it('can be looked at before: what it would change, and what it would lose', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a', { reason: 'one' });
    const { revision } = engine;
    const [plan] = await engine.audit.reversal(revision);
    expect(plan).toMatchObject({ kind: 'route', key: 'GET:/a', isChanged: false, later: [] });
    expect(plan?.differences).toMatchObject([{ path: 'override', after: null }]);
    await engine.routes.disable('GET:/a', { reason: 'two', actor: 'bob' });
    const before = engine.revision;
    const [changed] = await engine.audit.reversal(revision);
    expect(changed).toMatchObject({ isChanged: true, before: { override: { reason: 'two' } }, later: [{ actor: 'bob' }] });
    expect(engine.revision).toBe(before);
    await engine.audit.revert(revision, { force: true });
    const { override } = engine.sync.routes.get('GET:/a');
    expect(changed?.after).toMatchObject({ override });
    await expect(engine.audit.reversal(99)).rejects.toBeInstanceOf(RevisionNotFoundError);
  });

  it('lets stand what the code declares and counters that were reset', async () => {
    const engine = await open();
    engine.rateLimits.declare('GET:/a', [{ limit: '5/minute' }]);
    await engine.rateLimits.set('GET:/a', { limit: '1/minute' });
    const set = engine.revision;
    await engine.rateLimits.global.set({ limit: '9/minute' });
    const global = engine.revision;
    await engine.rateLimits.global.reset();
    await engine.routes.register([{ key: 'GET:/a', declaration: { deprecated: {} } }]);
    await engine.audit.revert(set);
    await engine.audit.revert(global);
    expect(await engine.rateLimits.get('GET:/a')).toMatchObject({ source: 'declared', policies: [{ limit: '5/minute' }] });
    expect(await engine.rateLimits.global.get()).toBeNull();
    expect(engine.sync.routes.get('GET:/a').status).toBe('deprecated');
  });

  it('is refused for what is not there, what code did, and routes that only code may change', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a');
    const disabled = engine.revision;
    await expect(engine.audit.revert(99)).rejects.toBeInstanceOf(RevisionNotFoundError);
    await expect(engine.audit.revert(0.5)).rejects.toBeInstanceOf(ValidationError);
    await engine.routes.register([{ key: 'GET:/a', declaration: { deprecated: {} } }]);
    await expect(engine.audit.revert(engine.revision)).rejects.toThrow('deployment');
    await engine.routes.register([{ key: 'GET:/a', declaration: { forceActive: true } }]);
    await expect(engine.audit.revert(disabled)).rejects.toBeInstanceOf(RouteProtectedError);
  });

  describe('of a flag', () => {
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

    it('leaves none without what it refers to, and none in a circle', async () => {
      const engine = await open();
      await engine.segments.save({ key: 'staff' });
      const segmentMade = engine.revision;
      await engine.flags.save(flag('base'));
      const baseMade = engine.revision;
      await engine.flags.save(flag('base', { prerequisites: [], description: 'changed' }));
      await engine.flags.save(
        flag('top', {
          prerequisites: [{ flagKey: 'base', variation: 'on' }],
          rules: [{ variation: 'on', clauses: [{ operator: 'in_segment', values: ['staff'] }] }],
        }),
      );
      const before = engine.revision;
      await expect(engine.audit.revert(baseMade, { force: true })).rejects.toBeInstanceOf(InUseError);
      await expect(engine.audit.revert(segmentMade)).rejects.toThrow("Segment 'staff' is still used by flag 'top'");
      expect(engine.revision).toBe(before);

      await engine.flags.save(flag('top'));
      const freed = engine.revision;
      await engine.flags.save(flag('base', { prerequisites: [{ flagKey: 'top', variation: 'on' }] }));
      await expect(engine.audit.revert(freed)).rejects.toThrow('leads back to this flag');
      await engine.flags.save(flag('base'));
      await engine.audit.revert(freed);
      expect((await engine.flags.get('top')).prerequisites).toHaveLength(1);
    });

    it('does not let happen again what was planned and has happened', async () => {
      const engine = await open();
      const executeAt = new Date(now + 1_000).toISOString();
      await engine.flags.save(flag('cart', { scheduledChanges: [{ id: 'end', executeAt, action: 'disable' }] }));
      now += 2_000;
      await engine.flags.runDue(now);
      expect((await engine.flags.get('cart')).enabled).toBe(false);
      await engine.audit.revert(engine.revision, { actor: 'ann' });
      now += 1_000;
      await engine.flags.runDue(now);
      expect(await engine.flags.get('cart')).toMatchObject({ enabled: true, scheduledChanges: [] });
    });
  });

  it.each([false, true])('takes back everything that a revision did to one flag, also with force: %s', async (force) => {
    const engine = await open();
    const variations = [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ];
    const planned = [
      { id: 'end', executeAt: new Date(now + 1_000).toISOString(), action: 'disable' as const },
      { id: 'again', executeAt: new Date(now + 2_000).toISOString(), action: 'enable' as const },
    ];
    const flag = { key: 'cart', type: 'boolean' as const, variations, offVariation: 'off', fallthrough: 'on' };
    await engine.flags.save({ ...flag, description: 'before', scheduledChanges: planned });
    now += 3_000;
    // What fell due is recorded together with the change.
    await engine.flags.patch('cart', { description: 'after' });
    const { items } = await engine.audit.list({ key: 'cart' });
    expect(items.map(({ revision }) => revision - engine.revision)).toEqual([0, 0, 0, -1]);
    const reversal = await engine.audit.reversal(engine.revision);
    await engine.audit.revert(engine.revision, { force });
    expect(reversal).toMatchObject([{ isChanged: false }]);
    expect(await engine.flags.get('cart')).toMatchObject({ description: 'before', scheduledChanges: [] });
  });

  it('loses to nobody: two who take back the same revision at once make one change', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a');
    const { revision } = engine;
    const outcomes = await Promise.allSettled([engine.audit.revert(revision), engine.audit.revert(revision)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await engine.audit.list({ action: 'revert' })).items).toHaveLength(1);
  });
});

describe('the difference between two revisions', () => {
  it('tells each record once, from what it was to what it became, either way round', async () => {
    const engine = await open();
    const from = engine.revision;
    await engine.routes.disable('GET:/a', { reason: 'one' });
    await engine.routes.disable('GET:/b');
    await engine.routes.disable('GET:/a', { reason: 'two' });
    const forth = await engine.audit.diff(from, engine.revision);
    expect(forth).toMatchObject({ complete: true, records: [{ key: 'GET:/a' }, { key: 'GET:/b' }] });
    expect(forth.records[0]?.entries).toHaveLength(2);
    expect(forth.records[0]?.differences).toMatchObject([{ path: 'override', before: null, after: { reason: 'two' } }]);
    const back = await engine.audit.diff(engine.revision, from);
    expect(back.records[0]?.differences).toMatchObject([{ path: 'override', before: { reason: 'two' }, after: null }]);
    const last = await engine.audit.diff(engine.revision - 1, engine.revision);
    expect(last.records[0]?.differences.map(({ path }) => path)).toContain('override.reason');
  });

  it('does not pretend to know revisions that are yet to come', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a');
    const { revision } = engine;
    await expect(engine.audit.diff(revision, revision + 1)).rejects.toThrow(
      `to: there is no revision ${revision + 1} yet; the last is ${revision}`,
    );
    await expect(engine.audit.diff(revision + 1, 0)).rejects.toThrow(`from: there is no revision ${revision + 1} yet`);
  });

  it.each([
    [{ a: 1, b: { c: [1, 2] } }, { a: 1, b: { c: [1, 3] } }, [['b.c', [1, 2], [1, 3]]]],
    [
      [{ id: 'x', v: 1 }],
      [
        { id: 'n', v: 0 },
        { id: 'x', v: 2 },
      ],
      [
        ['[x].v', 1, 2],
        ['[n]', undefined, { id: 'n', v: 0 }],
      ],
    ],
    [[{ id: 'x' }, { id: 'y' }], [{ id: 'y' }, { id: 'x' }], [['.order', ['x', 'y'], ['y', 'x']]]],
    [null, { a: 1 }, [['', null, { a: 1 }]]],
    [{ __proto__: null, constructor: 1 }, { constructor: 2 }, [['constructor', 1, 2]]],
    [{ a: 1 }, { a: 1 }, []],
  ])('between %j and %j', (before, after, expected) => {
    expect(differences(before, after).map(({ path, before: was, after: is }) => [path, was, is])).toEqual(expected);
  });
});

describe('the audit log', () => {
  it('is exported as CSV that no spreadsheet takes for formulas, and as JSON lines', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a', { actor: '=cmd()', reason: 'says "no",\nand more' });
    const read = async (format: 'csv' | 'jsonl') => {
      let text = '';
      for await (const piece of engine.audit.export(format, { action: 'disable' })) text += piece;
      return text;
    };
    const csv = await read('csv');
    expect(csv.split('\r\n')[0]).toBe('revision,at,action,kind,key,service,actor,platform,reason,before,after,id');
    expect(csv).toContain(`,'=cmd(),code,"says ""no"",\nand more",`);
    expect(JSON.parse(await read('jsonl'))).toMatchObject({ action: 'disable', actor: '=cmd()' });
  });

  it('is exported whole over many pages', async () => {
    const engine = await open();
    for (let i = 0; i < 1_200; i++) await engine.routes.disable('GET:/a', { reason: `${i}` });
    let lines = 0;
    for await (const piece of engine.audit.export('jsonl', { action: 'disable' })) lines += piece.split('\n').length - 1;
    expect(lines).toBe(1_200);
  });

  it('takes moments in every form they come in, and refuses what is none', async () => {
    now = Date.UTC(2026, 5, 1, 12);
    const engine = await open();
    await engine.routes.disable('GET:/a');
    const found = async (query: AuditQuery) => (await engine.audit.list({ action: 'disable', ...query })).items.length;
    expect(await found({ since: '2026-06-01T14:00:00+02:00' })).toBe(1);
    expect(await found({ since: '2026-06-01T14:00:01+02:00' })).toBe(0);
    expect(await found({ since: new Date(now), until: now + 1 })).toBe(1);
    expect(await found({ until: new Date(now) })).toBe(0);
    await expect(engine.audit.list({ since: 'yesterday' })).rejects.toThrow("since: 'yesterday' is not a date");
    await expect(engine.audit.export('jsonl', { until: '2026-02-30' }).next()).rejects.toThrow('until');
  });

  it('gives out nothing older than it may', async () => {
    const engine = await open({ auditMaxAge: '30d' });
    await engine.routes.disable('GET:/a', { reason: 'old' });
    now += 31 * 86_400_000;
    await engine.routes.disable('GET:/a', { reason: 'new' });
    const { items } = await engine.audit.list();
    expect(items.map(({ reason }) => reason)).toEqual(['new']);
    const wider = await engine.audit.list({ since: '2020-01-01T00:00:00.000Z' });
    expect(wider.items).toHaveLength(1);
    // Nor to processes behind this one.
    expect((await engine.replication.queryAudit({}, { limit: 10 })).items).toHaveLength(1);
  });
});
