import { describe, expect, it } from 'vitest';
import type { ClauseOperator } from '../schema/clause.js';
import type { ContextValue } from '../model/evaluation-context.js';
import type { JsonValue } from '../model/json.js';
import { compileClause } from './compiled-clause.js';

const NOBODY = { contains: () => false };

function holds(operator: string, value: ContextValue, values: readonly JsonValue[], negate = false): boolean {
  const clause = { attribute: 'a', operator: operator as ClauseOperator, values, negate };
  return compileClause(clause, () => NOBODY)(value === undefined ? {} : { a: value });
}

type Row = readonly [value: ContextValue, operator: string, values: readonly JsonValue[], verdict: boolean];

const rows: readonly Row[] = [
  // Equality has no coercion.
  ['x', 'is', ['x'], true],
  ['X', 'is', ['x'], false],
  ['1', 'is', [1], false],
  [1, 'is', [1], true],
  [true, 'is', [1], false],
  [1, 'is', [true], false],
  [false, 'is', [0], false],
  [true, 'is', [true], true],
  ['b', 'is', ['a', 'b'], true],
  ['b', 'is_not', ['a', 'b'], false],
  ['c', 'is_not', ['a', 'b'], true],
  ['b', 'in', ['a', 'b', 3], true],
  [3, 'in', ['a', 'b', 3], true],
  [null, 'in', [null], false],
  ['c', 'not_in', ['a'], true],
  [{ x: [1, 2] }, 'is', [{ x: [1, 2] }], true],
  [{ x: [1, 2], y: 1 }, 'is', [{ x: [1, 2] }], false],
  [{ x: [2, 1] }, 'is', [{ x: [1, 2] }], false],
  [new Date('2026-01-01T00:00:00Z'), 'is', ['2026-01-01T00:00:00.000Z'], true],
  // An array matches when any element does.
  [['a', 'b'], 'is', ['b'], true],
  [['a', 'b'], 'is', [['a', 'b']], true],
  [['a', 'b'], 'is_not', ['b'], false],
  [['a', 'b'], 'not_in', ['c'], true],
  [[], 'is', ['b'], false],
  [[], 'is_not', ['b'], true],
  [['red-1', 'blue-1'], 'starts_with', ['blue'], true],
  [['red-1', 'blue-1'], 'not_contains', ['blue'], false],
  [[1, 5], 'gt', [4], true],
  [['v1.0.0', 'v3.0.0'], 'semver_gt', ['2.0.0'], true],
  // Text operators match text only.
  ['abc', 'contains', ['b'], true],
  ['abc', 'contains', ['x', 'c'], true],
  ['abc', 'contains', [''], true],
  [123, 'contains', ['2'], false],
  [true, 'contains', ['t'], false],
  [123, 'not_contains', ['2'], true],
  ['abc', 'not_contains', ['x', 'b'], false],
  ['abc', 'starts_with', ['ab'], true],
  ['abc', 'starts_with', ['b'], false],
  ['abc', 'ends_with', ['x', 'bc'], true],
  ['abc', 'ends_with', ['a'], false],
  ['someone@example.com', 'matches', ['@example\\.com$'], true],
  ['someone@example.org', 'matches', ['@example\\.com$', '\\.org$'], true],
  ['ABC', 'matches', ['(?i)b'], true],
  [123, 'matches', ['2'], false],
  ['abc', 'not_matches', ['x'], true],
  ['abc', 'not_matches', ['b'], false],
  // A pattern that is no RE2 spoils its clause, and nothing else.
  ['abc', 'matches', ['(?=a)'], false],
  ['abc', 'not_matches', ['(?=a)'], false],
  ['aa', 'matches', ['(a)\\1'], false],
  // Numbers and numeric text; booleans never.
  [5, 'gt', [4], true],
  [4, 'gt', [4], false],
  [4, 'gte', [4], true],
  ['10', 'gt', ['9'], true],
  [' 1e3 ', 'gte', [1000], true],
  ['0x10', 'gt', [1], false],
  ['', 'lt', [1], false],
  ['ten', 'lt', [100], false],
  [true, 'gte', [1], false],
  [true, 'lt', [2], false],
  [NaN, 'lt', [1], false],
  [5, 'lt', [1, 6], true],
  [5, 'gt', [9, 4], true],
  [5, 'gt', ['x'], false],
  [5, 'lte', [5], true],
  [6, 'lte', [5], false],
  // Dates are instants.
  ['2026-01-05', 'before', ['2026-01-10'], true],
  ['2026-1-5', 'before', ['2026-01-10'], false],
  ['2026-01-10T00:30:00+02:00', 'before', ['2026-01-10T00:00:00Z'], true],
  ['2026-01-10T00:30:00', 'after', ['2026-01-10T00:00:00Z'], true],
  [Date.UTC(2026, 0, 11), 'after', ['2026-01-10'], true],
  [new Date('2026-01-11'), 'after', [Date.UTC(2026, 0, 10)], true],
  [new Date(NaN), 'after', ['2026-01-10'], false],
  ['2026-02-30', 'after', ['2026-01-10'], false],
  ['yesterday', 'before', ['2026-01-10'], false],
  [true, 'after', [0], false],
  ['2026-01-07', 'before', ['2026-01-05', '2026-01-10'], true],
  // SemVer 2.0, with a leading v and missing parts.
  ['1.2.3', 'semver_eq', ['1.2.3'], true],
  ['v1.2', 'semver_eq', ['1.2.0'], true],
  ['1.2.3+build.5', 'semver_eq', ['1.2.3+other'], true],
  ['1.0.0-rc.1', 'semver_lt', ['1.0.0'], true],
  ['1.0.0-alpha.2', 'semver_lt', ['1.0.0-alpha.10'], true],
  ['1.0.0-alpha', 'semver_lt', ['1.0.0-alpha.1'], true],
  ['1.0.0-1', 'semver_lt', ['1.0.0-alpha'], true],
  ['1.10.0', 'semver_gt', ['1.9.0'], true],
  ['2.0.0', 'semver_gte', ['2.0.0'], true],
  ['2.0.0', 'semver_lte', ['2'], true],
  ['2.0.1', 'semver_lte', ['2'], false],
  ['1.0.0-foo', 'semver_lt', ['1.0.0'], true],
  ['1.0.0-01', 'semver_lt', ['1.0.0'], false],
  ['01.0.0', 'semver_gt', ['0.1.0'], false],
  ['latest', 'semver_gt', ['0.0.1'], false],
  [2, 'semver_gt', ['1.0.0'], false],
  ['3.0.0', 'semver_gt', ['9.0.0', '2.0.0'], true],
  // Addresses.
  ['10.1.2.3', 'in_cidr', ['10.0.0.0/8'], true],
  ['11.1.2.3', 'in_cidr', ['10.0.0.0/8'], false],
  ['::ffff:10.1.2.3', 'in_cidr', ['10.0.0.0/8'], true],
  ['2001:db8::5', 'in_cidr', ['192.0.2.1', '2001:db8::/32'], true],
  ['192.0.2.1', 'in_cidr', ['192.0.2.1'], true],
  ['localhost', 'in_cidr', ['0.0.0.0/0'], false],
  // What is not known matches nothing.
  ['x', 'resembles', ['x'], false],
  ['x', 'in_segment', ['nobody'], false],
  ['x', 'not_in_segment', ['nobody'], true],
];

describe('a clause', () => {
  it.each(rows)('finds that %j %s %j is %s', (value, operator, values, verdict) => {
    expect(holds(operator, value, values)).toBe(verdict);
  });

  it.each(
    rows.filter(
      ([, operator, values]) =>
        operator !== 'resembles' &&
        !values.some((value) => /\(\?=|\\\\1/.test(JSON.stringify(value))) &&
        !(operator === 'gt' && values[0] === 'x'),
    ),
  )('finds the opposite of %j %s %j when it is negated, not %s', (value, operator, values, verdict) => {
    // A missing attribute matches nothing, and that too is inverted.
    expect(holds(operator, value, values, true)).toBe(!verdict);
  });

  it.each([
    ['resembles', ['x']],
    ['matches', ['(']],
    ['gt', ['x']],
    ['before', ['x']],
    ['semver_eq', ['x']],
    ['in_cidr', ['x']],
  ])('that is broken (%s %j) holds for nobody, negated or not', (operator, values) => {
    expect(holds(operator, 'x', values)).toBe(false);
    expect(holds(operator, 'x', values, true)).toBe(false);
  });

  it.each(['is', 'is_not', 'in', 'not_in', 'contains', 'not_contains', 'starts_with', 'ends_with', 'matches', 'not_matches'])(
    '%s holds for nobody without the attribute, and negated for everybody',
    (operator) => {
      expect(holds(operator, undefined, ['x'])).toBe(false);
      expect(holds(operator, undefined, ['x'], true)).toBe(true);
    },
  );

  it('does not take for an attribute what every object inherits', () => {
    for (const attribute of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const clause = { attribute, operator: 'is_not', values: ['x'], negate: false } as const;
      expect(compileClause(clause, () => NOBODY)({})).toBe(false);
    }
    const clause = { attribute: 'toString', operator: 'is', values: ['x'], negate: false } as const;
    expect(compileClause(clause, () => NOBODY)({ toString: 'x' } as never)).toBe(true);
  });

  it('reads the targeting key as key, and user as the kind of a context that does not say', () => {
    const is = (attribute: string, value: string) =>
      compileClause({ attribute, operator: 'is', values: [value], negate: false }, () => NOBODY);
    expect(is('key', 'u1')({ targetingKey: 'u1' })).toBe(true);
    expect(is('targetingKey', 'u1')({ targetingKey: 'u1' })).toBe(true);
    expect(is('key', 'other')({ targetingKey: 'u1', key: 'other' })).toBe(true);
    expect(is('kind', 'user')({})).toBe(true);
    expect(is('kind', 'device')({ kind: 'device' })).toBe(true);
  });

  it.each(['(a+)+$', '(.*)*x', '.{1,450}x', '(x+x+)+y', '(a|aa)+$'])('takes no more than a moment for %s', (pattern) => {
    const before = process.cpuUsage();
    for (const length of [10, 100, 1_000, 10_000]) holds('matches', `${'a'.repeat(length)}!`, [pattern]);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(200);
  });
});
