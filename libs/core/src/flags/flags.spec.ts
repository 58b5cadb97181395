import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import {
  AlreadyExistsError,
  ConflictError,
  FlagNotFoundError,
  InUseError,
  SegmentNotFoundError,
  ValidationError,
} from '../model/errors.js';
import type { FlagInput } from '../schema/flag.js';
import type { SegmentInput } from '../schema/segment.js';

const START = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let now = START;
let engine: WaygateEngine;

beforeEach(async () => {
  now = START;
  engine = new WaygateEngine({ backend: new MemoryBackend(), clock: () => now });
  await engine.open();
});
afterEach(() => engine.close());

const iso = (ms: number) => new Date(ms).toISOString();
const flag = (more: Partial<FlagInput> = {}): FlagInput => ({
  key: 'f',
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
  fallthrough: 'off',
  ...more,
});
const on = (key = 'f') => engine.sync.flags.boolean(key, false, { targetingKey: 'u' });

describe('engine.flags', () => {
  it('creates, saves, patches, gets, lists and deletes', async () => {
    expect(await engine.flags.create(flag(), { actor: 'alice' })).toEqual({
      key: 'f',
      name: 'f',
      description: '',
      type: 'boolean',
      tags: [],
      variations: [
        { name: 'on', value: true, description: '' },
        { name: 'off', value: false, description: '' },
      ],
      offVariation: 'off',
      fallthrough: 'off',
      fallthroughBucketing: null,
      enabled: true,
      switchBackAt: null,
      prerequisites: [],
      targets: {},
      rules: [],
      scheduledChanges: [],
      progressiveRollout: null,
      status: 'new',
      temporary: true,
      maintainer: null,
      clientVisible: false,
      createdAt: iso(START),
      updatedAt: iso(START),
      createdBy: 'alice',
      revision: 1,
    });
    now += HOUR;
    const patched = await engine.flags.patch('f', { description: 'better', tags: ['web'], key: 'other', type: 'string' });
    expect(patched).toMatchObject({
      key: 'f',
      type: 'boolean',
      description: 'better',
      createdAt: iso(START),
      updatedAt: iso(now),
    });
    expect((await engine.flags.save(flag({ name: 'Flag F' }))).description).toBe('');
    await engine.flags.save(flag({ key: 'a', tags: ['web'] }));
    expect((await engine.flags.list()).map(({ key }) => key)).toEqual(['a', 'f']);
    expect((await engine.flags.list({ search: 'FLAG' })).map(({ key }) => key)).toEqual(['f']);
    expect((await engine.flags.list({ tag: 'web', type: 'boolean', status: 'new' })).map(({ key }) => key)).toEqual(['a']);
    await engine.flags.delete('f');
    await expect(engine.flags.get('f')).rejects.toThrow(FlagNotFoundError);
  });

  it('records who changed what', async () => {
    await engine.flags.create(flag(), { actor: 'alice', platform: 'cli', reason: 'start' });
    await engine.flags.disable('f');
    await engine.flags.enable('f');
    await engine.flags.patch('f', { fallthrough: 'on' });
    await engine.flags.delete('f');
    const { items } = await engine.audit.list();
    expect(items.map(({ action }) => action)).toEqual([
      'flag_deleted',
      'flag_updated',
      'flag_enabled',
      'flag_disabled',
      'flag_created',
    ]);
    expect(items.at(-1)).toMatchObject({
      actor: 'alice',
      platform: 'cli',
      reason: 'start',
      kind: 'flag',
      key: 'f',
      before: null,
      after: { key: 'f' },
    });
    expect(items[2]).toMatchObject({ before: { enabled: false }, after: { enabled: true } });
  });

  it('writes nothing when nothing changes', async () => {
    const { revision } = await engine.flags.create(flag());
    await engine.flags.enable('f');
    await engine.flags.restore('f');
    expect(engine.revision).toBe(revision);
  });

  it('refuses to create what exists, to find what does not, and to overwrite what somebody else changed', async () => {
    const { revision } = await engine.flags.create(flag());
    await expect(engine.flags.create(flag())).rejects.toThrow(AlreadyExistsError);
    for (const attempt of [
      engine.flags.patch('x', {}),
      engine.flags.delete('x'),
      engine.flags.enable('x'),
      engine.flags.archive('x'),
    ]) {
      await expect(attempt).rejects.toThrow(FlagNotFoundError);
    }
    await engine.flags.disable('f');
    await expect(engine.flags.save(flag(), { expectedRevision: revision })).rejects.toThrow(ConflictError);
    await expect(engine.flags.enable('f', { expectedRevision: revision })).rejects.toThrow(ConflictError);
    await expect(engine.flags.save(flag({ key: 'g' }), { expectedRevision: 0 })).resolves.toMatchObject({ key: 'g' });
  });

  it('is not changed by two writers at once without either seeing the other', async () => {
    await engine.flags.create(flag());
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => engine.flags.schedule('f', { id: `c${i}`, action: 'enable', executeAt: START + DAY })),
    );
    expect(engine.sync.flags.get('f').scheduledChanges).toHaveLength(20);
  });

  it('keeps what a client does not know of when it writes the flag back', async () => {
    await engine.flags.create(
      flag({
        clientVisible: true,
        fallthroughBucketing: { salt: 's' },
        rules: [{ id: 'r', variation: 'on', bucketing: { salt: 't' } }],
      }),
    );
    await engine.flags.disable('f', { expiresIn: '1h' });
    const saved = await engine.flags.save(flag({ enabled: false, rules: [{ id: 'r', variation: 'on' }] }));
    expect(saved).toMatchObject({
      clientVisible: true,
      switchBackAt: iso(START + HOUR),
      fallthroughBucketing: { bucketBy: null, salt: 's' },
      rules: [{ bucketing: { bucketBy: null, salt: 't' } }],
    });
    expect((await engine.flags.save(flag({ enabled: true }))).switchBackAt).toBeNull();
  });

  it('does not delete what others need, and names them', async () => {
    await engine.flags.create(flag());
    await engine.flags.create(flag({ key: 'g', prerequisites: [{ flagKey: 'f', variation: 'on' }] }));
    await expect(engine.flags.delete('f')).rejects.toThrow(InUseError);
    await expect(engine.flags.delete('f')).rejects.toMatchObject({ dependants: ["flag 'g'"] });
    await engine.flags.delete('g');
    await engine.flags.delete('f');
  });

  describe('refuses', () => {
    beforeEach(async () => {
      await engine.segments.create({ key: 'beta' });
      await engine.flags.create(flag({ key: 'base' }));
    });
    const clause = (operator: string, ...values: unknown[]) => ({
      rules: [{ clauses: [{ attribute: 'a', operator, values }], variation: 'on' }],
    });
    const rows: [what: string, more: object, field: string][] = [
      ['a key with a slash', { key: 'a/b' }, 'key'],
      ['a key that is a path', { key: '..' }, 'key'],
      ['a key of the prototype', { key: '__proto__' }, 'key'],
      ['no key', { key: undefined }, 'key'],
      ['an unknown type', { type: 'number' }, 'type'],
      ['one variation', { variations: [{ name: 'on', value: true }], offVariation: 'on', fallthrough: 'on' }, 'variations'],
      ['no list of variations', { variations: 'on' }, 'variations'],
      [
        'two variations of one name',
        {
          variations: [
            { name: 'on', value: true },
            { name: 'on', value: false },
          ],
        },
        'variations[1].name',
      ],
      [
        'a variation named after the prototype',
        {
          variations: [
            { name: 'on', value: true },
            { name: 'constructor', value: false },
          ],
        },
        'variations[1].name',
      ],
      [
        'a value of another type',
        {
          variations: [
            { name: 'on', value: 'true' },
            { name: 'off', value: false },
          ],
        },
        'variations[0].value',
      ],
      [
        'a fraction as an integer',
        {
          type: 'integer',
          variations: [
            { name: 'on', value: 1.5 },
            { name: 'off', value: 0 },
          ],
        },
        'variations[0].value',
      ],
      [
        'an endless number',
        {
          type: 'float',
          variations: [
            { name: 'on', value: Infinity },
            { name: 'off', value: 0 },
          ],
        },
        'variations[0].value',
      ],
      [
        'null as JSON',
        {
          type: 'json',
          variations: [
            { name: 'on', value: null },
            { name: 'off', value: {} },
          ],
        },
        'variations[0].value',
      ],
      [
        'JSON that reaches into the prototype',
        {
          type: 'json',
          variations: [
            { name: 'on', value: JSON.parse('{"a":{"__proto__":1}}') as object },
            { name: 'off', value: {} },
          ],
        },
        'variations[0].value.a.__proto__',
      ],
      [
        'a date in JSON',
        {
          type: 'json',
          variations: [
            { name: 'on', value: { at: new Date() } },
            { name: 'off', value: {} },
          ],
        },
        'variations[0].value.at',
      ],
      [
        'too much JSON',
        {
          type: 'json',
          variations: [
            { name: 'on', value: { a: 'x'.repeat(70_000) } },
            { name: 'off', value: {} },
          ],
        },
        'variations[0].value',
      ],
      ['an off variation that does not exist', { offVariation: 'x' }, 'offVariation'],
      ['a fallthrough that does not exist', { fallthrough: 'x' }, 'fallthrough'],
      [
        'a rollout of a variation that does not exist',
        { fallthrough: [{ variation: 'x', weight: 100_000 }] },
        'fallthrough[0].variation',
      ],
      ['weights that do not add up', { fallthrough: [{ variation: 'on', weight: 99_999 }] }, 'fallthrough'],
      ['a weight beyond everything', { fallthrough: [{ variation: 'on', weight: 100_001 }] }, 'fallthrough[0].weight'],
      ['a negative weight', { fallthrough: [{ variation: 'on', weight: -1 }] }, 'fallthrough[0].weight'],
      ['an empty rollout', { fallthrough: [] }, 'fallthrough'],
      ['targets of a variation that does not exist', { targets: { x: [] } }, 'targets.x'],
      ['a target that is no text', { targets: { on: ['a', 7] } }, 'targets.on[1]'],
      ['a rule that serves what does not exist', { rules: [{ variation: 'x' }] }, 'rules[0].variation'],
      [
        'two rules of one id',
        {
          rules: [
            { id: 'r', variation: 'on' },
            { id: 'r', variation: 'on' },
          ],
        },
        'rules[1].id',
      ],
      ['an unknown operator', clause('resembles', 'x'), 'rules[0].clauses[0].operator'],
      ['a clause without values', clause('is'), 'rules[0].clauses[0].values'],
      ['a clause about nothing', { rules: [{ clauses: [{ operator: 'is', values: [1] }] }] }, 'rules[0].clauses[0].attribute'],
      [
        'a clause about the prototype',
        { rules: [{ clauses: [{ attribute: '__proto__', operator: 'is', values: [1] }] }] },
        'rules[0].clauses[0].attribute',
      ],
      ['a pattern that is no RE2', clause('matches', 'fine', '(?=x)'), 'rules[0].clauses[0].values[1]'],
      ['a pattern that is too large', clause('matches', '.{1,1000}x'), 'rules[0].clauses[0].values[0]'],
      ['a number that is none', clause('gt', 'ten'), 'rules[0].clauses[0].values[0]'],
      ['a date that is none', clause('before', '2026-02-30'), 'rules[0].clauses[0].values[0]'],
      ['a version that is none', clause('semver_gt', 'latest'), 'rules[0].clauses[0].values[0]'],
      ['a block that is none', clause('in_cidr', '10.0.0.0/33'), 'rules[0].clauses[0].values[0]'],
      ['text that is none', clause('contains', 7), 'rules[0].clauses[0].values[0]'],
      ['a segment that does not exist', clause('in_segment', 'beta', 'gone'), 'rules[0].clauses[0].values[1]'],
      [
        'a prerequisite that does not exist',
        { prerequisites: [{ flagKey: 'gone', variation: 'on' }] },
        'prerequisites[0].flagKey',
      ],
      [
        'a variation of a prerequisite that does not exist',
        { prerequisites: [{ flagKey: 'base', variation: 'x' }] },
        'prerequisites[0].variation',
      ],
      ['itself as prerequisite', { prerequisites: [{ flagKey: 'f', variation: 'on' }] }, 'prerequisites[0].flagKey'],
      [
        'a prerequisite twice',
        {
          prerequisites: [
            { flagKey: 'base', variation: 'on' },
            { flagKey: 'base', variation: 'off' },
          ],
        },
        'prerequisites[1].flagKey',
      ],
      ['an unknown status', { status: 'done' }, 'status'],
      ['a switch that is neither', { enabled: 'yes' }, 'enabled'],
      ['a change that is over', { scheduledChanges: [{ action: 'enable', executeAt: START }] }, 'scheduledChanges[0].executeAt'],
      ['a change at no moment', { scheduledChanges: [{ action: 'enable', executeAt: 'soon' }] }, 'scheduledChanges[0].executeAt'],
      ['an unknown change', { scheduledChanges: [{ action: 'explode', executeAt: START + 1 }] }, 'scheduledChanges[0].action'],
      [
        'a change to nothing',
        { scheduledChanges: [{ action: 'update_rollout', executeAt: START + 1 }] },
        'scheduledChanges[0].payload',
      ],
      [
        'a change to a variation that does not exist',
        { scheduledChanges: [{ action: 'update_rollout', executeAt: START + 1, payload: { variation: 'x' } }] },
        'scheduledChanges[0].payload.variation',
      ],
      [
        'a deletion of no rule',
        { scheduledChanges: [{ action: 'delete_rule', executeAt: START + 1, payload: { ruleId: 'r' } }] },
        'scheduledChanges[0].payload.ruleId',
      ],
      [
        'a planned rule for a segment that does not exist',
        {
          scheduledChanges: [
            {
              action: 'add_rule',
              executeAt: START + 1,
              payload: { variation: 'on', clauses: [{ operator: 'in_segment', values: ['gone'] }] },
            },
          ],
        },
        'scheduledChanges[0].payload.clauses[0].values[0]',
      ],
      [
        'too many variations',
        { variations: Array.from({ length: 101 }, (_, i) => ({ name: `v${i}`, value: true })) },
        'variations',
      ],
      ['an endless name', { name: 'x'.repeat(257) }, 'name'],
      ['too many targets', { targets: { on: Array.from({ length: 200_001 }, (_, i) => `u${i}`) } }, 'targets.on'],
    ];

    it.each(rows)('%s, names the field, and changes nothing', async (_what, more, field) => {
      const { revision } = engine;
      await expect(engine.flags.save({ ...flag(), ...more })).rejects.toThrow(ValidationError);
      await expect(engine.flags.save({ ...flag(), ...more })).rejects.toMatchObject({ field });
      expect(engine.revision).toBe(revision);
    });

    it('prerequisites that lead back, over any number of flags', async () => {
      await engine.flags.create(flag({ key: 'a', prerequisites: [{ flagKey: 'base', variation: 'on' }] }));
      await engine.flags.create(flag({ key: 'b', prerequisites: [{ flagKey: 'a', variation: 'on' }] }));
      await expect(engine.flags.patch('base', { prerequisites: [{ flagKey: 'b', variation: 'on' }] })).rejects.toThrow(
        'leads back to this flag: b → a → base',
      );
    });

    it('more than ten prerequisites behind each other', async () => {
      let last = 'base';
      for (let i = 0; i < 9; i++) {
        await engine.flags.create(flag({ key: `p${i}`, prerequisites: [{ flagKey: last, variation: 'on' }] }));
        last = `p${i}`;
      }
      await expect(engine.flags.create(flag({ prerequisites: [{ flagKey: last, variation: 'on' }] }))).rejects.toThrow(
        /at most 10/,
      );
    });

    it('to drop a variation that another flag needs', async () => {
      await engine.flags.create(flag({ prerequisites: [{ flagKey: 'base', variation: 'on' }] }));
      const variations = [
        { name: 'yes', value: true },
        { name: 'off', value: false },
      ];
      await expect(engine.flags.patch('base', { variations })).rejects.toMatchObject({ field: 'variations' });
    });

    it('another type for a flag that exists', async () => {
      const variations = [
        { name: 'on', value: 'x' },
        { name: 'off', value: 'y' },
      ];
      await expect(engine.flags.save({ ...flag({ key: 'base' }), type: 'string', variations })).rejects.toMatchObject({
        field: 'type',
      });
    });
  });

  describe('status', () => {
    const status = () => engine.sync.flags.get('f').status;

    it('goes from new over active to launched, and to inactive when nobody asks any more', async () => {
      await engine.flags.create(flag({ fallthrough: 'on' }));
      expect(status()).toBe('new');
      on();
      expect(status()).toBe('active');
      now += 8 * DAY;
      expect(status()).toBe('inactive');
      on();
      expect(status()).toBe('launched');
      await engine.flags.patch('f', {
        rules: [{ variation: 'off', clauses: [{ attribute: 'a', operator: 'is', values: [1] }] }],
      });
      expect(status()).toBe('active');
      await engine.flags.patch('f', { status: 'deprecated' });
      expect(status()).toBe('deprecated');
      await engine.flags.archive('f');
      expect(status()).toBe('archived');
      await engine.flags.restore('f');
      expect(status()).toBe('active');
    });

    it('lists stale flags with the reason', async () => {
      for (const key of ['unused', 'launched', 'permanent', 'archived', 'used']) {
        await engine.flags.create(flag({ key, fallthrough: 'on', temporary: key !== 'permanent' }));
      }
      await engine.flags.patch('used', {
        rules: [{ variation: 'off', clauses: [{ attribute: 'a', operator: 'is', values: [1] }] }],
      });
      await engine.flags.archive('archived');
      expect(engine.flags.stale()).toEqual([]);
      now += 8 * DAY;
      for (const key of ['launched', 'permanent', 'archived', 'used']) on(key);
      expect(engine.flags.stale()).toEqual([
        { key: 'archived', reason: 'archived_in_use', since: START },
        { key: 'launched', reason: 'serves_one_value', since: START },
        { key: 'unused', reason: 'not_evaluated', since: START },
      ]);
      expect(engine.flags.stale({ after: '30d' }).map(({ key }) => key)).toEqual(['archived']);
    });
  });
});

describe('engine.segments', () => {
  it('creates, saves, edits, lists and deletes', async () => {
    await engine.segments.create({ key: 'beta', included: ['a', 'a', 'b'] }, { actor: 'alice' });
    await expect(engine.segments.create({ key: 'beta' })).rejects.toThrow(AlreadyExistsError);
    await engine.segments.include('beta', ['c']);
    now += HOUR;
    expect(await engine.segments.exclude('beta', ['a'])).toMatchObject({
      key: 'beta',
      name: 'beta',
      included: ['b', 'c'],
      excluded: ['a'],
      createdAt: iso(START),
      updatedAt: iso(now),
    });
    await engine.segments.addRule('beta', { id: 'r', clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }] });
    await engine.segments.addRule('beta', { id: 'r', clauses: [] });
    expect((await engine.segments.get('beta')).rules).toEqual([{ id: 'r', description: '', clauses: [] }]);
    expect((await engine.segments.removeRule('beta', 'r')).rules).toEqual([]);
    expect(await engine.segments.list()).toHaveLength(1);
    await engine.segments.delete('beta');
    await expect(engine.segments.get('beta')).rejects.toThrow(SegmentNotFoundError);
    expect((await engine.audit.list()).items.map(({ action }) => action)).toEqual([
      'segment_deleted',
      ...Array.from({ length: 5 }, () => 'segment_updated'),
      'segment_created',
    ]);
  });

  it('does not delete what rules name', async () => {
    await engine.segments.create({ key: 'inner' });
    await engine.segments.create({ key: 'outer', rules: [{ clauses: [{ operator: 'in_segment', values: ['inner'] }] }] });
    await engine.flags.create(
      flag({ rules: [{ clauses: [{ operator: 'not_in_segment', values: ['inner'] }], variation: 'on' }] }),
    );
    await expect(engine.segments.delete('inner')).rejects.toMatchObject({
      code: 'IN_USE',
      dependants: ["flag 'f'", "segment 'outer'"],
    });
  });

  it.each<[string, Partial<SegmentInput>, string]>([
    ['itself', { rules: [{ clauses: [{ operator: 'in_segment', values: ['inner'] }] }] }, 'rules[0].clauses[0].values'],
    [
      'a segment that contains it',
      { rules: [{ clauses: [{ operator: 'in_segment', values: ['outer'] }] }] },
      'rules[0].clauses[0].values',
    ],
    [
      'what does not exist',
      { rules: [{ clauses: [{ operator: 'in_segment', values: ['gone'] }] }] },
      'rules[0].clauses[0].values[0]',
    ],
    ['members that are no text', { included: [1 as never] }, 'included[0]'],
    ['too many members', { included: Array.from({ length: 200_001 }, (_, i) => `u${i}`) }, 'included'],
  ])('refuses to contain %s', async (_what, more, field) => {
    await engine.segments.create({ key: 'inner' });
    await engine.segments.create({ key: 'outer', rules: [{ clauses: [{ operator: 'in_segment', values: ['inner'] }] }] });
    await expect(engine.segments.save({ key: 'inner', ...more })).rejects.toMatchObject({ code: 'INVALID_VALUE', field });
  });

  it('refuses to overwrite what somebody else changed', async () => {
    const { revision } = await engine.segments.create({ key: 'beta' });
    await engine.segments.include('beta', ['a']);
    await expect(engine.segments.save({ key: 'beta' }, { expectedRevision: revision })).rejects.toThrow(ConflictError);
  });
});
