import { beforeEach, describe, expect, it } from 'vitest';
import type { EvaluationContext } from '../model/evaluation-context.js';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import type { FlagInput, RuleInput } from '../schema/flag.js';

const START = Date.UTC(2026, 10, 21, 12);
let now = START;
let engine: WaygateEngine;

beforeEach(async () => {
  now = START;
  engine = new WaygateEngine({ backend: new MemoryBackend(), clock: () => now });
  await engine.open();
});

const flag = (key: string, more: Partial<FlagInput> = {}): FlagInput => ({
  key,
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
  fallthrough: 'off',
  ...more,
});

const rule = (id: string, country: string, more: Partial<RuleInput> = {}): RuleInput => ({
  id,
  clauses: [{ attribute: 'country', operator: 'is', values: [country] }],
  variation: 'on',
  ...more,
});

const evaluate = (key: string, context?: EvaluationContext) => engine.sync.flags.evaluate(key, context);

describe('an evaluation', () => {
  it('of a flag that is off gives the off variation', async () => {
    await engine.flags.create(flag('f', { enabled: false, offVariation: 'off', fallthrough: 'on', targets: { on: ['u'] } }));
    expect(evaluate('f', { targetingKey: 'u' })).toMatchObject({
      value: false,
      variation: 'off',
      reason: 'OFF',
      openFeatureReason: 'DISABLED',
    });
  });

  it('goes through targets, then rules in order, then the fallthrough', async () => {
    await engine.flags.create(
      flag('f', { targets: { on: ['alice'], off: ['bob'] }, rules: [rule('r1', 'AT'), rule('r2', 'DE', { variation: 'off' })] }),
    );
    const rows: [EvaluationContext, object][] = [
      [{ targetingKey: 'alice' }, { value: true, reason: 'TARGET_MATCH', ruleId: null, openFeatureReason: 'TARGETING_MATCH' }],
      [
        { targetingKey: 'bob', country: 'AT' },
        { value: false, reason: 'TARGET_MATCH' },
      ],
      [
        { targetingKey: 'x', country: 'AT' },
        { value: true, reason: 'RULE_MATCH', ruleId: 'r1', metadata: { ruleId: 'r1' } },
      ],
      [{ country: 'DE' }, { value: false, reason: 'RULE_MATCH', ruleId: 'r2' }],
      [{ targetingKey: 'x' }, { value: false, reason: 'FALLTHROUGH', openFeatureReason: 'DEFAULT' }],
      [{}, { value: false, reason: 'FALLTHROUGH' }],
    ];
    for (const [context, expected] of rows) expect(evaluate('f', context)).toMatchObject(expected);
  });

  it('is static when nothing about the caller matters', async () => {
    await engine.flags.create(flag('f', { fallthrough: 'on' }));
    expect(evaluate('f')).toMatchObject({ value: true, reason: 'FALLTHROUGH', openFeatureReason: 'STATIC' });
  });

  it('needs all clauses of a rule; none hold for everybody', async () => {
    const both = {
      id: 'both',
      variation: 'on',
      clauses: [
        { attribute: 'country', operator: 'is', values: ['AT'] },
        { attribute: 'plan', operator: 'is', values: ['pro'] },
      ],
    } as const;
    await engine.flags.create(flag('f', { rules: [both] }));
    expect(evaluate('f', { country: 'AT', plan: 'pro' }).value).toBe(true);
    expect(evaluate('f', { country: 'AT' }).value).toBe(false);
    await engine.flags.patch('f', { rules: [{ id: 'all', variation: 'on' }] });
    expect(evaluate('f')).toMatchObject({ value: true, ruleId: 'all' });
  });

  it('of a rule that serves nothing of its own gives the fallthrough, by that rule', async () => {
    await engine.flags.create(flag('f', { fallthrough: 'on', rules: [{ id: 'r', variation: null, rollout: [] }] }));
    expect(evaluate('f')).toMatchObject({ value: true, reason: 'RULE_MATCH', ruleId: 'r' });
  });

  it('divides callers by their bucket', async () => {
    const shares = [
      { variation: 'on', weight: 55_699 },
      { variation: 'off', weight: 44_301 },
    ];
    await engine.flags.create(flag('new_checkout', { fallthrough: shares }));
    // Buckets 89045, 55698 and 46854.
    expect(evaluate('new_checkout', { targetingKey: 'user_1' })).toMatchObject({ value: false, openFeatureReason: 'SPLIT' });
    expect(evaluate('new_checkout', { targetingKey: 'user_2' }).value).toBe(true);
    expect(evaluate('new_checkout', { targetingKey: 'user_1', kind: 'organization' }).value).toBe(true);
    await engine.flags.patch('new_checkout', {
      fallthrough: [
        { variation: 'on', weight: 55_698 },
        { variation: 'off', weight: 44_302 },
      ],
    });
    expect(evaluate('new_checkout', { targetingKey: 'user_2' }).value).toBe(false);
  });

  it('buckets by another attribute and salt when a rollout says so', async () => {
    const half = [
      { variation: 'on', weight: 50_000 },
      { variation: 'off', weight: 50_000 },
    ];
    await engine.flags.create(flag('new_checkout', { fallthrough: half, fallthroughBucketing: { bucketBy: 'org' } }));
    expect(evaluate('new_checkout', { targetingKey: 'x', org: 'user_1' }).value).toBe(false);
    expect(evaluate('new_checkout', { targetingKey: 'x' })).toMatchObject({ value: null, errorCode: 'TARGETING_KEY_MISSING' });
    for (const key of ['a', 'b']) {
      await engine.flags.create(flag(key, { fallthrough: half, fallthroughBucketing: { salt: 'cohort-1' } }));
    }
    for (let i = 0; i < 100; i++) {
      const context = { targetingKey: `user-${i}` };
      expect(evaluate('a', context).value).toBe(evaluate('b', context).value);
    }
  });

  it('of a rollout without a targeting key gives the default, and says why', async () => {
    await engine.flags.create(
      flag('f', {
        fallthrough: [
          { variation: 'on', weight: 50_000 },
          { variation: 'off', weight: 50_000 },
        ],
      }),
    );
    expect(engine.sync.flags.details('f', true)).toMatchObject({
      value: true,
      reason: 'ERROR',
      errorCode: 'TARGETING_KEY_MISSING',
    });
    expect(engine.sync.flags.boolean('f', true)).toBe(true);
  });

  it('never moves a caller out of the first variation when its weight rises', async () => {
    await engine.flags.create(flag('f'));
    const callers = Array.from({ length: 500 }, (_, i) => ({ targetingKey: `user-${i}` }));
    let had = new Set<string>();
    for (const weight of [0, 1_000, 10_000, 33_333, 60_000, 99_999, 100_000]) {
      await engine.flags.patch('f', {
        fallthrough: [
          { variation: 'on', weight },
          { variation: 'off', weight: 100_000 - weight },
        ],
      });
      const have = new Set(callers.filter((context) => evaluate('f', context).value === true).map((c) => c.targetingKey));
      for (const key of had) expect(have).toContain(key);
      had = have;
    }
    expect(had.size).toBe(callers.length);
  });

  describe('with prerequisites', () => {
    beforeEach(async () => {
      await engine.flags.create(flag('base', { fallthrough: 'on' }));
      await engine.flags.create(flag('f', { fallthrough: 'on', prerequisites: [{ flagKey: 'base', variation: 'on' }] }));
    });

    it('goes on when they resolve as they must', () => {
      expect(evaluate('f')).toMatchObject({ value: true, reason: 'FALLTHROUGH' });
    });

    it('fails by name when one resolves to something else, and sees its change at once', async () => {
      await engine.flags.patch('base', { fallthrough: 'off' });
      expect(evaluate('f')).toMatchObject({
        value: false,
        reason: 'PREREQUISITE_FAIL',
        openFeatureReason: 'DISABLED',
        prerequisiteKey: 'base',
      });
    });

    it('fails when one is off, even if its off variation is the wanted one', async () => {
      await engine.flags.patch('base', { offVariation: 'on' });
      await engine.flags.disable('base');
      expect(evaluate('base').variation).toBe('on');
      expect(evaluate('f')).toMatchObject({ reason: 'PREREQUISITE_FAIL' });
    });

    it('fails when one is archived', async () => {
      await engine.flags.archive('base');
      expect(evaluate('f')).toMatchObject({ reason: 'PREREQUISITE_FAIL' });
    });
  });

  describe('with segments', () => {
    const inSegment = (...values: string[]): RuleInput => ({
      id: 'r',
      clauses: [{ operator: 'in_segment', values }],
      variation: 'on',
    });

    it('asks excluded, then included, then the rules', async () => {
      await engine.segments.create({
        key: 'beta',
        included: ['a', 'b'],
        excluded: ['b', 'c'],
        rules: [{ clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }] }],
      });
      await engine.flags.create(flag('f', { rules: [inSegment('beta')] }));
      const verdicts = [
        [{ targetingKey: 'a' }, true],
        [{ targetingKey: 'b' }, false],
        [{ targetingKey: 'c', plan: 'pro' }, false],
        [{ targetingKey: 'd', plan: 'pro' }, true],
        [{ plan: 'pro' }, true],
        [{ targetingKey: 'd' }, false],
      ] as const;
      for (const [context, value] of verdicts) expect(evaluate('f', context).value).toBe(value);
    });

    it('sees a changed segment without a change to the flag, through other segments too', async () => {
      await engine.segments.create({ key: 'inner' });
      await engine.segments.create({ key: 'outer', rules: [{ clauses: [{ operator: 'in_segment', values: ['inner'] }] }] });
      await engine.flags.create(flag('f', { rules: [inSegment('outer')] }));
      expect(evaluate('f', { targetingKey: 'a' }).value).toBe(false);
      await engine.segments.include('inner', ['a']);
      expect(evaluate('f', { targetingKey: 'a' }).value).toBe(true);
      await engine.segments.exclude('inner', ['a']);
      expect(evaluate('f', { targetingKey: 'a' }).value).toBe(false);
      await engine.segments.forget('inner', ['a']);
      expect(engine.sync.segments.get('inner')).toMatchObject({ included: [], excluded: [] });
    });
  });

  describe('that cannot give a value', () => {
    it.each([
      ['an unknown flag', 'nothing', {}, 'FLAG_NOT_FOUND'],
      ['a targeting key that is no text', 'f', { targetingKey: 7 }, 'INVALID_CONTEXT'],
      ['a context that is none', 'f', 'user', 'INVALID_CONTEXT'],
    ])('for %s gives the default and an error code', async (_what, key, context, errorCode) => {
      await engine.flags.create(flag('f', { fallthrough: 'on' }));
      expect(engine.sync.flags.details(key, false, context as never)).toMatchObject({
        value: false,
        reason: 'ERROR',
        openFeatureReason: 'ERROR',
        variation: null,
        errorCode,
      });
      expect(engine.sync.flags.boolean(key, false, context as never)).toBe(false);
    });

    it('for an archived flag gives the default, without an error', async () => {
      await engine.flags.create(flag('f', { fallthrough: 'on' }));
      await engine.flags.archive('f');
      const details = engine.sync.flags.details('f', false);
      expect(details).toMatchObject({ value: false, reason: 'DEFAULT', variation: null });
      expect(details.errorCode).toBeUndefined();
      await engine.flags.restore('f');
      expect(engine.sync.flags.boolean('f', false)).toBe(true);
    });

    it('survives a context that throws', async () => {
      await engine.flags.create(flag('f', { rules: [rule('r', 'AT')] }));
      const hostile = Object.defineProperty({ targetingKey: 'u' }, 'country', {
        get: () => {
          throw new Error('no');
        },
      });
      expect(engine.sync.flags.details('f', true, hostile)).toMatchObject({
        value: true,
        errorCode: 'GENERAL',
        errorMessage: 'no',
      });
    });
  });

  it('never coerces types', async () => {
    const make = (key: string, type: FlagInput['type'], values: readonly unknown[]) =>
      engine.flags.create({
        key,
        type,
        variations: values.map((value, i) => ({ name: `v${i}`, value: value as never })),
        offVariation: 'v0',
        fallthrough: 'v0',
      });
    await make('b', 'boolean', [true, false]);
    await make('s', 'string', ['text', '']);
    await make('i', 'integer', [0, 1]);
    await make('x', 'float', [0.5, 1]);
    await make('j', 'json', [{ a: [1] }, []]);
    const { flags } = engine.sync;
    expect([
      flags.boolean('b', false),
      flags.string('s', ''),
      flags.number('i', 9),
      flags.number('x', 9),
      flags.object('j', {}),
    ]).toEqual([true, 'text', 0, 0.5, { a: [1] }]);
    for (const [key, fallback] of [
      ['b', 'x'],
      ['b', 1],
      ['s', true],
      ['i', '0'],
      ['i', false],
      ['j', 'x'],
      ['s', {}],
    ] as const) {
      expect(flags.details(key, fallback)).toMatchObject({ value: fallback, reason: 'ERROR', errorCode: 'TYPE_MISMATCH' });
    }
    expect(flags.string('b', 'x')).toBe('x');
    expect(() => (flags.object('j', {}) as { a: number[] }).a.push(2)).toThrow(TypeError);
  });

  it('counts per flag, variation and minute, and shows the last ones', async () => {
    await engine.flags.create(flag('f', { rules: [rule('r', 'AT')] }));
    for (let i = 0; i < 3; i++) engine.sync.flags.boolean('f', false, { targetingKey: `u${i}`, country: 'AT' });
    engine.sync.flags.boolean('f', false);
    expect(engine.flags.counts()).toHaveLength(2);
    expect(engine.flags.counts()).toContainEqual({ flag: 'f', variation: 'on', minute: START, count: 3 });
    expect(engine.flags.counts()).toContainEqual({ flag: 'f', variation: 'off', minute: START, count: 1 });
    now += 59 * 60_000;
    engine.sync.flags.boolean('f', false);
    expect(engine.flags.counts({ minutes: 1 })).toEqual([{ flag: 'f', variation: 'off', minute: now, count: 1 }]);
    expect(engine.flags.counts().reduce((sum, { count }) => sum + count, 0)).toBe(5);
    now -= 59 * 60_000;
    now += 200 * 60_000;
    engine.sync.flags.boolean('f', false);
    expect(engine.flags.counts({ flag: 'f' })).toEqual([{ flag: 'f', variation: 'off', minute: now, count: 1 }]);
    expect(engine.flags.evaluations({ variation: 'on', limit: 2 }).map((sample) => sample.targetingKey)).toEqual(['u2', 'u1']);
    expect(engine.flags.evaluations({ targetingKey: 'u0' })).toEqual([
      { at: START, flag: 'f', variation: 'on', value: true, reason: 'RULE_MATCH', ruleId: 'r', targetingKey: 'u0' },
    ]);
  });

  it('keeps a bounded sample under load, in which rare variations are not lost', async () => {
    await engine.flags.create(flag('busy'));
    await engine.flags.create(flag('rare'));
    for (let i = 0; i < 20_000; i++) engine.sync.flags.boolean('busy', false);
    engine.sync.flags.boolean('rare', false);
    expect(engine.flags.evaluations({ limit: 1_000 }).length).toBeLessThanOrEqual(200);
    expect(engine.flags.evaluations({ flag: 'rare' })).toHaveLength(1);
    expect(engine.flags.counts({ flag: 'busy' })[0]?.count).toBe(20_000);
  });

  it('is told to listeners, each one', async () => {
    await engine.flags.create(flag('f'));
    const seen: unknown[] = [];
    const end = engine.events.on('evaluation', (evaluation) => seen.push(evaluation.targetingKey));
    for (let i = 0; i < 500; i++) engine.sync.flags.boolean('f', false, { targetingKey: `u${i}` });
    end();
    engine.sync.flags.boolean('f', false, { targetingKey: 'later' });
    expect(seen).toHaveLength(500);
  });

  it('says that what it gives may be out of date once the backend is gone', async () => {
    await engine.flags.create(flag('f'));
    await engine.close();
    expect(evaluate('f')).toMatchObject({ value: false, openFeatureReason: 'STALE' });
  });
});

describe('an explanation', () => {
  it('shows every step with what it saw', async () => {
    await engine.flags.create(flag('base', { fallthrough: 'on' }));
    await engine.segments.create({ key: 'beta', included: ['someone'] });
    await engine.flags.create(
      flag('new_checkout', {
        prerequisites: [{ flagKey: 'base', variation: 'on' }],
        targets: { on: ['alice'] },
        rules: [rule('r1', 'AT'), { id: 'r2', clauses: [{ operator: 'in_segment', values: ['beta'] }], variation: 'on' }],
        fallthrough: [
          { variation: 'on', weight: 60_000 },
          { variation: 'off', weight: 40_000 },
        ],
      }),
    );
    const { details, steps } = engine.flags.explain('new_checkout', { targetingKey: 'user_2', country: 'DE' });
    expect(details).toMatchObject({ variation: 'on', openFeatureReason: 'SPLIT' });
    expect(steps).toEqual([
      { step: 'switch', enabled: true, switchBackAt: null },
      { step: 'prerequisite', flagKey: 'base', wanted: 'on', got: 'on', gotReason: 'FALLTHROUGH', holds: true },
      { step: 'targets', targetingKey: 'user_2', variation: null },
      {
        step: 'rule',
        ruleId: 'r1',
        description: '',
        holds: false,
        clauses: [{ attribute: 'country', operator: 'is', values: ['AT'], negate: false, saw: 'DE', holds: false }],
      },
      {
        step: 'rule',
        ruleId: 'r2',
        description: '',
        holds: false,
        clauses: [
          {
            attribute: 'key',
            operator: 'in_segment',
            values: ['beta'],
            negate: false,
            saw: 'user_2',
            holds: false,
            segments: [{ key: 'beta', exists: true, contains: false }],
          },
        ],
      },
      {
        step: 'rollout',
        of: 'fallthrough',
        progressive: false,
        bucketBy: 'key',
        hashed: 'new_checkout:user:user_2',
        bucket: 55_698,
        shares: [
          { variation: 'on', weight: 60_000, from: 0, to: 60_000, chosen: true },
          { variation: 'off', weight: 40_000, from: 60_000, to: 100_000, chosen: false },
        ],
      },
    ]);
    expect(engine.flags.counts()).toEqual([]);
  });

  it('marks the share that everybody gets, known or not', async () => {
    const fallthrough = [
      { variation: 'on', weight: 100_000 },
      { variation: 'off', weight: 0 },
    ];
    await engine.flags.create(flag('f', { fallthrough }));
    const { details, steps } = engine.flags.explain('f', {});
    expect(details).toMatchObject({ variation: 'on', openFeatureReason: 'SPLIT' });
    expect(steps.at(-1)).toMatchObject({ step: 'rollout', bucket: null, shares: [{ chosen: true }, { chosen: false }] });
  });

  it('ends with what decided', async () => {
    await engine.flags.create(flag('f', { targets: { on: ['alice'] }, rules: [rule('r1', 'AT')] }));
    const last = (context: EvaluationContext) => engine.flags.explain('f', context).steps.at(-1);
    expect(last({ targetingKey: 'alice' })).toEqual({ step: 'targets', targetingKey: 'alice', variation: 'on' });
    expect(last({ country: 'AT' })).toEqual({ step: 'variation', of: 'rule', variation: 'on' });
    await engine.flags.disable('f');
    expect(last({})).toEqual({ step: 'variation', of: 'off', variation: 'off' });
    await engine.flags.archive('f');
    expect(last({})).toEqual({ step: 'archived' });
    expect(() => engine.flags.explain('nothing')).toThrow("Flag 'nothing' not found");
  });
});
