import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from './backend/memory-backend.js';
import { WaygateEngine } from './engine.js';
import { ACTIVE_ROUTE } from './schema/route.js';
import { ValidationError } from './model/errors.js';
import type { RecordWrite } from './schema/record.js';

const LATER = '2031-01-01T00:00:00.000Z';

describe('What other processes commit through this one', () => {
  let engine: WaygateEngine;

  beforeEach(async () => {
    engine = new WaygateEngine({ backend: new MemoryBackend() });
    await engine.open();
    const clauses = [{ attribute: 'plan', operator: 'in', values: ['pro'] }] as const;
    await engine.segments.create({ key: 'pros', included: ['u1'], rules: [{ id: 'r', clauses }], tags: ['t'] });
    await engine.flags.create({
      key: 'checkout',
      type: 'string',
      variations: [
        { name: 'new', value: 'a' },
        { name: 'old', value: 'b' },
      ],
      offVariation: 'old',
      fallthrough: 'old',
      targets: { new: ['u2'] },
      rules: [{ id: 'r', clauses, variation: 'new' }],
      scheduledChanges: [{ id: 'c', executeAt: LATER, action: 'disable' }],
      tags: ['t'],
    });
    await engine.flags.rollout('checkout', {
      variation: 'new',
      otherwise: 'old',
      steps: [{ weight: 10_000 }, { weight: 100_000, after: '1h' }],
    });
  });
  afterEach(() => engine.close());

  const stored = (kind: 'flag' | 'segment', key: string) => {
    const record = engine.replication.snapshot.get(kind, key);
    if (record === undefined) throw new Error('not stored');
    return { revision: record.revision, value: structuredClone(record.value) as unknown as Record<string, unknown> };
  };
  const commit = (kind: 'flag' | 'segment', key: string, change: (value: Record<string, unknown>) => void) => {
    const { revision, value } = stored(kind, key);
    change(value);
    return engine.replication.commit({
      writes: [{ kind, key, expected: revision, value } as unknown as RecordWrite],
      audit: [],
    });
  };
  const at = (value: Record<string, unknown>, path: string): [Record<string, unknown>, string] => {
    const names = path.split('.');
    const last = names.pop() ?? '';
    return [names.reduce((inner, name) => inner[name] as Record<string, unknown>, value), last];
  };

  it('is stored where it is what was stored before, also when it plans what is over by now', async () => {
    await commit('segment', 'pros', (value) => (value['included'] = ['u3']));
    await commit('flag', 'checkout', (value) => {
      value['enabled'] = true;
      (value['scheduledChanges'] as { executeAt: string }[])[0]!.executeAt = '2020-01-01T00:00:00.000Z';
      value['ofALaterVersion'] = {};
    });
    expect(engine.replication.snapshot.get('segment', 'pros')?.value.included).toEqual(['u3']);
  });

  const FLAG = [
    ['key', 'other'],
    ['type', 'colour'],
    ['variations', []],
    ['variations.0.value', 5],
    ['offVariation', 'none'],
    ['fallthrough', [{ variation: 'new', weight: 1 }]],
    ['fallthroughBucketing', 'x'],
    ['enabled', 'yes'],
    ['enabled', undefined],
    ['switchBackAt', 'soon'],
    ['switchBackAt', undefined],
    ['prerequisites', {}],
    ['targets', undefined],
    ['targets.new', [1]],
    ['rules', undefined],
    ['rules.0.clauses', undefined],
    ['rules.0.clauses.0.operator', 'resembles'],
    ['rules.0.clauses.0.negate', undefined],
    ['rules.0.id', undefined],
    ['rules.0.rollout', [{}]],
    ['scheduledChanges', null],
    ['scheduledChanges.0.executeAt', 'soon'],
    ['scheduledChanges.0.createdAt', 5],
    ['scheduledChanges.0.action', 'explode'],
    ['progressiveRollout', undefined],
    ['progressiveRollout.variation', 'none'],
    ['progressiveRollout.steps', []],
    ['progressiveRollout.steps.0.weight', 'x'],
    ['progressiveRollout.startedAt', null],
    ['progressiveRollout.bucketing', 5],
    ['status', 'gone'],
    ['clientVisible', 1],
    ['createdAt', 'then'],
    ['createdBy', null],
  ] as const;
  const SEGMENT = [
    ['key', 'other'],
    ['included', undefined],
    ['included', [1]],
    ['excluded', 'u1'],
    ['rules', [{ id: 'r', description: '' }]],
    ['rules.0.clauses.0.values', []],
    ['tags', [5]],
    ['updatedAt', 0],
  ] as const;

  it.each([
    ...FLAG.map(([path, bad]) => ['flag', 'checkout', path, bad] as const),
    ...SEGMENT.map(([path, bad]) => ['segment', 'pros', path, bad] as const),
  ])('is refused as a %s (%s) whose %s is %j, and changes nothing', async (kind, key, path, bad) => {
    const before = stored(kind, key);
    const attempt = commit(kind, key, (value) => {
      const [inner, name] = at(value, path);
      if (bad === undefined) delete inner[name];
      else inner[name] = bad;
    });
    await expect(attempt).rejects.toBeInstanceOf(ValidationError);
    await expect(attempt).rejects.toMatchObject({ field: expect.stringMatching(/^writes\[0\]\.value\./) as string });
    expect(stored(kind, key)).toEqual(before);
  });

  it.each([
    ['get:/cart', "must be written 'GET:/cart'"],
    ['shop:GET:cart', 'cannot be the key of a route'],
  ])('is refused as a route called %s, which a state file would not be read with', async (key, problem) => {
    const value = { service: null, declared: ACTIVE_ROUTE, override: null };
    const attempt = engine.replication.commit({ writes: [{ kind: 'route', key, expected: 0, value }], audit: [] });
    await expect(attempt).rejects.toThrow(`writes[0].key: ${problem}`);
  });

  it.each(['route', 'rate-limit'] as const)(
    'creates no more than 10 000 records of the kind %s for one service',
    async (kind) => {
      const value = (service: string) =>
        kind === 'route'
          ? { service, declared: ACTIVE_ROUTE, override: null }
          : { service, declared: [], override: null, resets: { generation: 0, callers: [] } };
      const create = (service: string, from: number, to: number) =>
        engine.replication.commit({
          writes: Array.from({ length: to - from }, (_none, index) => ({
            kind,
            key: `${service}:GET:/${from + index}`,
            expected: 0,
            value: value(service),
          })) as unknown as RecordWrite[],
          audit: [],
        });
      await create('shop', 0, 6_000);
      await expect(create('shop', 6_000, 10_001)).rejects.toThrow(/'shop' would have 10001 .* at most 10000 are allowed/);
      await create('shop', 6_000, 10_000);
      await create('other', 0, 1);
      await expect(create('shop', 10_000, 10_001)).rejects.toBeInstanceOf(ValidationError);
    },
  );
});
