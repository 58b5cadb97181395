import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import type { RuleClause } from '../schema/clause.js';
import type { ContextValue, EvaluationContext } from '../model/evaluation-context.js';
import type { FlagRecord, FlagValue, RolloutVariation } from '../schema/flag.js';
import type { ChangedRecord } from '../schema/record.js';
import type { SegmentRecord } from '../schema/segment.js';
import { EvaluationLog } from './evaluation-log.js';
import { FlagEvaluator } from './flag-evaluator.js';
import { FlagTable } from './flag-table.js';
import type { FlagInput } from '../schema/flag.js';
import type { SegmentInput } from '../schema/segment.js';

/** Evaluation as the documentation words it: slow, and without any preparation. */
class Reference {
  constructor(
    private readonly flags: ReadonlyMap<string, FlagRecord>,
    private readonly segments: ReadonlyMap<string, SegmentRecord>,
  ) {}

  evaluate(key: string, context: EvaluationContext): { variation: string | null; reason: string } {
    const flag = this.flags.get(key)!;
    if (flag.status === 'archived') return { variation: null, reason: 'DEFAULT' };
    if (!flag.enabled) return { variation: flag.offVariation, reason: 'OFF' };
    for (const { flagKey, variation } of flag.prerequisites) {
      const other = this.evaluate(flagKey, context);
      if (other.reason === 'OFF' || other.variation !== variation) {
        return { variation: flag.offVariation, reason: 'PREREQUISITE_FAIL' };
      }
    }
    for (const [variation, keys] of Object.entries(flag.targets)) {
      if (context.targetingKey !== undefined && keys.includes(context.targetingKey)) return { variation, reason: 'TARGET_MATCH' };
    }
    for (const rule of flag.rules) {
      if (!rule.clauses.every((clause) => this.#holds(clause, context))) continue;
      if (rule.variation !== null) return { variation: rule.variation, reason: 'RULE_MATCH' };
      return this.#serve(flag, rule.rollout?.length ? rule.rollout : flag.fallthrough, context, 'RULE_MATCH');
    }
    return this.#serve(flag, flag.fallthrough, context, 'FALLTHROUGH');
  }

  #serve(flag: FlagRecord, what: string | readonly RolloutVariation[], context: EvaluationContext, reason: string) {
    if (typeof what === 'string') return { variation: what, reason };
    const whole = what.find(({ weight }) => weight === 100_000);
    if (whole !== undefined) return { variation: whole.variation, reason };
    if (context.targetingKey === undefined) return { variation: null, reason: 'ERROR' };
    const text = `${flag.key}:${(context.kind as string | undefined) ?? 'user'}:${context.targetingKey}`;
    const bucket = Number(BigInt(`0x${createHash('sha1').update(text).digest('hex')}`) % 100_000n);
    let sum = 0;
    for (const { variation, weight } of what) if (bucket < (sum += weight)) return { variation, reason };
    return { variation: what.at(-1)!.variation, reason };
  }

  #contains(key: string, context: EvaluationContext): boolean {
    const segment = this.segments.get(key);
    if (segment === undefined) return false;
    if (context.targetingKey !== undefined) {
      if (segment.excluded.includes(context.targetingKey)) return false;
      if (segment.included.includes(context.targetingKey)) return true;
    }
    return segment.rules.some(({ clauses }) => clauses.every((clause) => this.#holds(clause, context)));
  }

  #holds({ attribute, operator, values, negate }: RuleClause, context: EvaluationContext): boolean {
    if (operator === 'in_segment' || operator === 'not_in_segment') {
      const within = values.some((key) => this.#contains(key as string, context));
      return (within === (operator === 'in_segment')) !== negate;
    }
    const value =
      attribute === 'key' ? context.targetingKey : attribute === 'kind' ? (context.kind ?? 'user') : context[attribute];
    if (value === undefined || value === null) return negate;
    const elements: ContextValue[] = [value, ...(Array.isArray(value) ? (value as ContextValue[]) : [])];
    const hit = elements.some((element) => values.some((listed) => this.#compare(operator, element, listed)));
    return (hit !== operator.includes('not')) !== negate;
  }

  #compare(operator: string, value: unknown, listed: unknown): boolean {
    const text = typeof value === 'string' && typeof listed === 'string' ? { value, listed } : null;
    switch (operator) {
      case 'is':
      case 'in':
      case 'is_not':
      case 'not_in':
        return isDeepStrictEqual(value, listed);
      case 'contains':
      case 'not_contains':
        return text !== null && text.value.includes(text.listed);
      case 'starts_with':
        return text !== null && text.value.startsWith(text.listed);
      case 'ends_with':
        return text !== null && text.value.endsWith(text.listed);
      case 'gt':
      case 'lte': {
        const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN;
        return operator === 'gt' ? number > Number(listed) : number <= Number(listed);
      }
      default:
        throw new Error(operator);
    }
  }
}

const word = fc.constantFrom('a', 'b', 'ab', 'ba', '1', '2', '10');
const scalar = fc.oneof(word, fc.constantFrom(1, 2, 10, true, false));
const attribute = fc.constantFrom('plan', 'country', 'key', 'kind', 'tags');
const clauseOf = (segments: readonly string[]) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        attribute,
        operator: fc.constantFrom('is', 'is_not', 'in', 'not_in' as const),
        values: fc.array(fc.oneof(scalar, fc.constant(['a', 'b']), fc.constant({ x: 1 })), { minLength: 1, maxLength: 3 }),
        negate: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        attribute,
        operator: fc.constantFrom('contains', 'not_contains', 'starts_with', 'ends_with' as const),
        values: fc.array(word, { minLength: 1, maxLength: 2 }),
        negate: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        attribute,
        operator: fc.constantFrom('gt', 'lte' as const),
        values: fc.array(fc.constantFrom(1, 5, '2'), { minLength: 1, maxLength: 2 }),
        negate: fc.boolean(),
      }),
    },
    ...(segments.length === 0
      ? []
      : [
          {
            weight: 2,
            arbitrary: fc.record({
              operator: fc.constantFrom('in_segment', 'not_in_segment' as const),
              values: fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 2 }),
              negate: fc.boolean(),
            }),
          },
        ]),
  );
const clauses = (segments: readonly string[]) => fc.array(clauseOf(segments), { maxLength: 3 });

const segment = (key: string, others: readonly string[]): fc.Arbitrary<SegmentInput> =>
  fc.record({
    key: fc.constant(key),
    included: fc.array(word, { maxLength: 2 }),
    excluded: fc.array(word, { maxLength: 2 }),
    rules: fc.array(fc.record({ clauses: clauses(others) }), { maxLength: 2 }),
  }) as fc.Arbitrary<SegmentInput>;

const variation = fc.constantFrom('x', 'y', 'z');
const rollout = fc
  .tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 100_000 }))
  .map(([a, b]) => [Math.min(a, b), Math.abs(a - b), 100_000 - Math.max(a, b)] as const)
  .map((weights) => weights.map((weight, i) => ({ variation: ['x', 'y', 'z'][i]!, weight })));

const flag = (key: string, prerequisites: readonly string[]): fc.Arbitrary<FlagInput> =>
  fc.record({
    key: fc.constant(key),
    type: fc.constant('string' as const),
    variations: fc.constant(['x', 'y', 'z'].map((name) => ({ name, value: `value of ${name}` }))),
    offVariation: variation,
    fallthrough: fc.oneof(variation, rollout),
    enabled: fc.constantFrom(true, true, true, false),
    status: fc.constantFrom('active', 'active', 'active', 'active', 'archived' as const),
    prerequisites:
      prerequisites.length === 0
        ? fc.constant([])
        : fc.uniqueArray(fc.record({ flagKey: fc.constantFrom(...prerequisites), variation }), {
            maxLength: 2,
            selector: ({ flagKey }) => flagKey,
          }),
    targets: fc.dictionary(variation, fc.array(word, { maxLength: 2 }), { maxKeys: 2 }),
    rules: fc.array(
      fc.record({
        clauses: clauses(['s1', 's2']),
        variation: fc.option(variation),
        rollout: fc.option(fc.oneof(rollout, fc.constant([]))),
      }),
      { maxLength: 4 },
    ),
  }) as fc.Arbitrary<FlagInput>;

const context: fc.Arbitrary<EvaluationContext> = fc.record(
  {
    targetingKey: word,
    kind: fc.constantFrom('user', 'device'),
    plan: fc.oneof(scalar, fc.constant(null)),
    country: fc.oneof(scalar, fc.constant({ x: 1 })),
    tags: fc.array(scalar, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const definitions = fc.record({
  segments: fc.tuple(segment('s1', []), segment('s2', ['s1'])),
  flags: fc.tuple(flag('f1', []), flag('f2', ['f1']), flag('f3', ['f1', 'f2'])),
  contexts: fc.array(context, { minLength: 1, maxLength: 8 }),
});

describe('evaluation', () => {
  it('of what was prepared equals that of the definition read word by word, and the explanation agrees', async () => {
    await fc.assert(
      fc.asyncProperty(definitions, async ({ segments, flags, contexts }) => {
        const engine = new WaygateEngine({ backend: new MemoryBackend(), clock: () => Date.UTC(2026, 0, 1) });
        await engine.open();
        for (const input of segments) await engine.segments.create(input);
        for (const input of flags) await engine.flags.create(input);
        const records = engine.sync.flags.list().map((view) => [view.key, view as unknown as FlagRecord] as const);
        const reference = new Reference(
          new Map(
            records.map(([key, record]) => [key, { ...record, status: record.status === 'archived' ? 'archived' : 'active' }]),
          ),
          new Map(engine.sync.segments.list().map((view) => [view.key, view])),
        );
        for (const given of contexts) {
          for (const { key } of flags) {
            const { variation, reason, value } = engine.sync.flags.evaluate(key, given);
            expect({ variation, reason }).toEqual(reference.evaluate(key, given));
            expect(value).toBe(variation === null ? null : `value of ${variation}`);
            const last = engine.flags.explain(key, given).steps.at(-1)!;
            if (last.step === 'variation' || last.step === 'targets') expect(last.variation).toBe(variation);
            if (last.step === 'rollout' && last.bucket !== null) {
              expect(last.shares.find(({ chosen }) => chosen)?.variation).toBe(variation);
            }
          }
        }
        await engine.close();
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it('never throws, whatever stands in the store and in the context', () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const hostileFlag = fc.record(
      {
        key: fc.constant('f'),
        type: fc.oneof(fc.constant('boolean'), json),
        variations: fc.oneof(json, fc.array(fc.record({ name: fc.constantFrom('on', 'off'), value: json }), { maxLength: 3 })),
        offVariation: fc.oneof(fc.constant('off'), json),
        fallthrough: fc.oneof(fc.constant('on'), json, fc.array(fc.record({ variation: json, weight: json }), { maxLength: 3 })),
        enabled: fc.oneof(fc.boolean(), json),
        switchBackAt: fc.oneof(fc.constant(null), json),
        prerequisites: fc.oneof(
          fc.constant([]),
          json,
          fc.array(fc.record({ flagKey: fc.constantFrom('f', 'g'), variation: json }), { maxLength: 2 }),
        ),
        targets: fc.oneof(fc.constant({}), json),
        rules: fc.oneof(
          json,
          fc.array(
            fc.record({
              id: json,
              clauses: fc.oneof(
                json,
                fc.array(
                  fc.record({
                    attribute: fc.oneof(fc.constantFrom('a', '__proto__', 'key'), json),
                    operator: fc.oneof(
                      fc.constantFrom('is', 'matches', 'gt', 'before', 'semver_gt', 'in_cidr', 'in_segment'),
                      json,
                    ),
                    values: fc.oneof(fc.array(json, { maxLength: 3 }), json),
                    negate: fc.boolean(),
                  }),
                  { maxLength: 2 },
                ),
              ),
              variation: json,
              rollout: json,
            }),
            { maxLength: 2 },
          ),
        ),
        scheduledChanges: fc.oneof(fc.constant([]), json),
        progressiveRollout: fc.oneof(fc.constant(null), json),
        status: fc.constant('active'),
      },
      { requiredKeys: ['key'] },
    );
    const hostileContext = fc.oneof(
      json,
      fc.dictionary(fc.constantFrom('a', 'kind', 'key', 'targetingKey'), fc.oneof(json, fc.date({ noInvalidDate: false }))),
    );
    fc.assert(
      fc.property(hostileFlag, hostileFlag, json, hostileContext, (f, g, s, given) => {
        const log = new EvaluationLog(Date.now, { hears: () => false, tell: () => undefined });
        const table = new FlagTable(Date.now, (flag, variation) => log.tally(flag, variation));
        const records = [
          { kind: 'flag', key: 'f', revision: 1, value: f },
          { kind: 'flag', key: 'g', revision: 1, value: { ...g, key: 'g' } },
          { kind: 'segment', key: 's', revision: 1, value: s },
        ] as unknown as ChangedRecord[];
        table.apply({ changes: records });
        const evaluator = new FlagEvaluator(table, log);
        for (const key of ['f', 'g', 'h']) {
          expect(typeof evaluator.boolean(key, true, given as EvaluationContext)).toBe('boolean');
          const details = evaluator.details<FlagValue>(key, 'fallback', given as EvaluationContext);
          if (details.errorCode !== undefined) expect(details).toMatchObject({ value: 'fallback', reason: 'ERROR' });
        }
        log.close();
      }),
      { numRuns: 2_000 },
    );
  }, 30_000);

  it('never takes the first variation from a caller when its weight rises', () => {
    const weight = fc.integer({ min: 0, max: 100_000 });
    const serves = (first: number, targetingKey: string) => {
      const fallthrough = [
        { variation: 'on', weight: first },
        { variation: 'off', weight: 100_000 - first },
      ];
      return evaluateAmong([record('f', { fallthrough })], { targetingKey }).variation;
    };
    fc.assert(
      fc.property(weight, weight, fc.string(), (a, b, key) => {
        if (serves(Math.min(a, b), key) === 'on') expect(serves(Math.max(a, b), key)).toBe('on');
      }),
    );
  });

  it('of flags that depend on each other in a circle ends, and fails the prerequisite', () => {
    const depending = (key: string, flagKey: string) => record(key, { prerequisites: [{ flagKey, variation: 'on' }] });
    const details = evaluateAmong([depending('f', 'g'), depending('g', 'f')], {});
    expect(details).toMatchObject({ value: false, reason: 'PREREQUISITE_FAIL' });
  });

  it('of flags that share prerequisites many times over takes no longer for it', () => {
    const layers = Array.from({ length: 12 }, (_, layer) =>
      Array.from({ length: 10 }, (_unused, i) =>
        record(layer === 0 && i === 0 ? 'f' : `f${layer}-${i}`, {
          prerequisites:
            layer === 11
              ? []
              : Array.from({ length: 10 }, (_none, next) => ({ flagKey: `f${layer + 1}-${next}`, variation: 'on' })),
        }),
      ),
    );
    const before = process.cpuUsage();
    expect(evaluateAmong(layers.flat(), {})).toMatchObject({ value: true });
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  });
});

/** A flag as a store could hold it, checked by nobody. */
function record(key: string, more: object): ChangedRecord {
  const value = {
    key,
    type: 'boolean',
    variations: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    offVariation: 'off',
    fallthrough: 'on',
    fallthroughBucketing: null,
    enabled: true,
    switchBackAt: null,
    prerequisites: [],
    targets: {},
    rules: [],
    scheduledChanges: [],
    progressiveRollout: null,
    status: 'active',
    ...more,
  };
  return { kind: 'flag', key, revision: 1, value } as unknown as ChangedRecord;
}

/** What the flag `f` gives where these records are all there is. */
function evaluateAmong(changes: readonly ChangedRecord[], context: EvaluationContext) {
  const log = new EvaluationLog(Date.now, { hears: () => false, tell: () => undefined });
  const table = new FlagTable(Date.now, (key, name) => log.tally(key, name));
  table.apply({ changes });
  const details = new FlagEvaluator(table, log).evaluate('f', context);
  log.close();
  return details;
}
