import { describe, expect, it } from 'vitest';
import type { FeatureFlag } from '../wire/flags.js';
import { flagRecord, segmentRecord } from './wire-flags.js';

/** As the Python server writes it: times without a zone. */
const FLAG: FeatureFlag = {
  key: 'checkout',
  name: 'Checkout',
  description: '',
  type: 'boolean',
  tags: [],
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  off_variation: 'off',
  fallthrough: 'on',
  enabled: true,
  prerequisites: [],
  targets: {},
  rules: [],
  scheduled_changes: [],
  status: 'active',
  temporary: true,
  maintainer: null,
  created_at: '2026-01-02T03:04:05.678901',
  updated_at: '2026-01-02T03:04:06',
  created_by: 'ann',
};
const CLAUSE = { attribute: 'email', operator: 'is', values: ['a'] };

describe('a flag of the wire contract', () => {
  it('keeps its times, which are UTC, and who made it', () => {
    expect(flagRecord(FLAG)).toMatchObject({
      createdAt: '2026-01-02T03:04:05.678Z',
      updatedAt: '2026-01-02T03:04:06.000Z',
      createdBy: 'ann',
    });
  });

  it('becomes the same record each time it is read, so that nothing seems to have changed', () => {
    const wire = { ...FLAG, rules: [{ clauses: [CLAUSE], variation: 'on' }] };
    expect(flagRecord(wire)).toEqual(flagRecord(wire));
  });

  it('serves the variation of a rule that names a rollout too', () => {
    const rollout = [{ variation: 'off', weight: 100_000 }];
    const [rule] = flagRecord({ ...FLAG, rules: [{ id: 'r', clauses: [], variation: 'on', rollout }] })?.rules ?? [];
    expect(rule).toMatchObject({ variation: 'on', rollout: null });
  });

  it('leaves to that server what is planned', () => {
    const planned = [{ execute_at: '2026-01-03T00:00:00', action: 'disable' as const }];
    expect(flagRecord({ ...FLAG, scheduled_changes: planned })?.scheduledChanges).toEqual([]);
  });

  it.each([
    ['a fallthrough that is no variation', { fallthrough: 'gone' }],
    ['a pattern that could take for ever', { rules: [{ clauses: [{ ...CLAUSE, operator: 'matches', values: ['(?=a)'] }] }] }],
    ['a clause that compares with nothing', { rules: [{ clauses: [{ ...CLAUSE, values: [] }] }] }],
    ['an operator nobody knows', { rules: [{ clauses: [{ ...CLAUSE, operator: 'resembles' }] }] }],
    ['a value of another type', { variations: [{ name: 'on', value: 'yes' }, FLAG.variations[1] as never] }],
  ])('is left out with %s', (_what, change) => {
    expect(flagRecord({ ...FLAG, ...change })).toBeNull();
  });
});

describe('a segment of the wire contract', () => {
  const times = { created_at: '2026-01-02T03:04:05', updated_at: '2026-01-02T03:04:06' };
  const segment = { key: 'staff', name: 'Staff', description: '', included: ['ann'], excluded: [], tags: [], ...times };

  it('becomes the same record each time it is read', () => {
    const wire = { ...segment, rules: [{ clauses: [CLAUSE] }] };
    expect(segmentRecord(wire)).toEqual(segmentRecord(wire));
    expect(segmentRecord(wire)).toMatchObject({ included: ['ann'], createdAt: '2026-01-02T03:04:05.000Z' });
  });

  it('is left out with a rule that makes no sense', () => {
    expect(segmentRecord({ ...segment, rules: [{ clauses: [{ ...CLAUSE, operator: 'resembles' }] }] })).toBeNull();
  });
});
