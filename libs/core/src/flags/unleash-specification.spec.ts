import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClauseOperator, RuleClause } from '../schema/clause.js';
import type { EvaluationContext } from '../model/evaluation-context.js';
import { compileClause } from './compiled-clause.js';

/** The operators of another system's published specification, mapped onto ours. */
interface Constraint {
  readonly contextName: string;
  readonly operator: string;
  readonly value?: string;
  readonly values?: readonly string[];
  readonly inverted?: boolean;
  readonly caseInsensitive?: boolean;
}
interface Strategy {
  readonly name: string;
  readonly parameters?: { readonly userIds?: string };
  readonly constraints?: readonly Constraint[];
}
interface Specification {
  readonly state: {
    readonly features: readonly {
      readonly name: string;
      readonly enabled: boolean;
      readonly strategies: readonly Strategy[];
    }[];
  };
  readonly tests?: readonly {
    readonly description: string;
    readonly context: Readonly<Record<string, unknown>> & { readonly properties?: Readonly<Record<string, string>> };
    readonly toggleName: string;
    readonly expectedResult: boolean;
  }[];
}

const require = createRequire(resolve('package.json'));
const OPERATORS: Readonly<Record<string, ClauseOperator>> = {
  IN: 'in',
  STR_STARTS_WITH: 'starts_with',
  STR_ENDS_WITH: 'ends_with',
  STR_CONTAINS: 'contains',
  NUM_GT: 'gt',
  NUM_GTE: 'gte',
  NUM_LT: 'lt',
  NUM_LTE: 'lte',
  DATE_AFTER: 'after',
  DATE_BEFORE: 'before',
  SEMVER_EQ: 'semver_eq',
  SEMVER_GT: 'semver_gt',
  SEMVER_GTE: 'semver_gte',
  SEMVER_LT: 'semver_lt',
  SEMVER_LTE: 'semver_lte',
  REGEX: 'matches',
  IN_CIDR: 'in_cidr',
};
const ESCAPED = /[\\^$.*+?()[\]{}|]/g;

/** Whether a constraint holds, as one clause of ours, or two where we have no single one. */
function holds(constraint: Constraint, context: EvaluationContext): boolean {
  const { contextName: attribute, operator, inverted = false, caseInsensitive = false } = constraint;
  const values = constraint.values !== undefined && constraint.values.length > 0 ? constraint.values : [constraint.value ?? ''];
  const check = (own: ClauseOperator, given: readonly string[], negate: boolean) => {
    const clause: RuleClause = { attribute, operator: own, values: given, negate };
    return compileClause(clause, () => ({ contains: () => false }))(context);
  };
  if (operator === 'NOT_IN') return check('in', values, !inverted);
  if (operator === 'NUM_EQ') return (check('gte', values, false) && check('lte', values, false)) !== inverted;
  if (caseInsensitive) {
    const [before, after] = { STR_STARTS_WITH: ['^', ''], STR_ENDS_WITH: ['', '$'] }[operator] ?? ['', ''];
    const patterns = values.map((text) => `(?i)${before}${operator === 'REGEX' ? text : text.replace(ESCAPED, '\\$&')}${after}`);
    return check('matches', patterns, inverted);
  }
  return check(OPERATORS[operator] ?? (operator as ClauseOperator), values, inverted);
}

function constraintsOf({ name, parameters, constraints = [] }: Strategy): readonly Constraint[] {
  if (name === 'default') return constraints;
  expect(name).toBe('userWithId');
  return [...constraints, { contextName: 'userId', operator: 'IN', values: parameters?.userIds?.split(',') ?? [] }];
}

/** A leading `v` is part of how people write versions; we read it. */
const DIFFERENT_ON_PURPOSE: ReadonlySet<string> = new Set(['F8.invalidSemverWithLeadingV - invalid semver resolves to false']);

const FILES = [
  '09-strategy-constraints',
  '11-strategy-constraints-edge-cases',
  '13-constraint-operators',
  '14-constraint-semver-operators',
  '21-regex-constraint-operators',
  '22-cidr-constraint-operators',
];

describe.each(FILES)('the cases of %s', (file) => {
  const path = require.resolve(`@unleash/client-specification/specifications/${file}.json`);
  const { state, tests = [] } = JSON.parse(readFileSync(path, 'utf8')) as Specification;

  it.each(tests.map((test) => [test.description, test] as const))(
    '%s',
    (description, { context, toggleName, expectedResult }) => {
      const { properties = {}, ...rest } = context;
      const feature = state.features.find(({ name }) => name === toggleName);
      const enabled =
        feature?.enabled === true &&
        feature.strategies.some((strategy) =>
          constraintsOf(strategy).every((constraint) => holds(constraint, { ...properties, ...rest } as EvaluationContext)),
        );
      expect(enabled).toBe(DIFFERENT_ON_PURPOSE.has(description) ? !expectedResult : expectedResult);
    },
  );
});
