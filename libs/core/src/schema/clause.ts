import * as v from 'valibot';
import { isAddressBlock } from '../model/address-set.js';
import { toMoment, toNumber } from '../model/comparison.js';
import type { JsonValue } from '../model/json.js';
import { compilePatterns } from '../model/pattern.js';
import { parseVersion } from '../model/semver.js';
import { errorMessage } from '../native-errors/native-error.js';
import { misfitOf, type Misfit } from './check.js';
import { bool, choice, firstOf, json, key, list, name, object, quoted, text, type MembersOf } from './fields.js';

/** Every operator, in the order they are documented. */
export const CLAUSE_OPERATORS = [
  'is',
  'is_not',
  'in',
  'not_in',
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'matches',
  'not_matches',
  'gt',
  'gte',
  'lt',
  'lte',
  'before',
  'after',
  'semver_eq',
  'semver_lt',
  'semver_lte',
  'semver_gt',
  'semver_gte',
  'in_cidr',
  'in_segment',
  'not_in_segment',
] as const;

export type ClauseOperator = (typeof CLAUSE_OPERATORS)[number];

const MAX_CLAUSES = 50;
const MAX_VALUES = 10_000;

/** A `Date` among the values becomes ISO 8601 text. */
const value = v.pipe(
  v.custom<JsonValue>(() => true),
  v.transform((given) => (given instanceof Date && !Number.isNaN(given.getTime()) ? given.toISOString() : given)),
  json,
);

const clauseFields = {
  /** Name of the attribute; `key` is the targeting key, `kind` the kind of context. Not read by the segment operators. */
  attribute: v.optional(text(), ''),
  operator: choice(CLAUSE_OPERATORS),
  /** What the attribute is compared with; for the segment operators, keys of segments. At least one, at most 10,000; OR-ed. */
  values: list(value, MAX_VALUES),
  /** Inverts the verdict, also on a missing attribute. Default `false`. */
  negate: v.optional(bool, false),
} as const;

const clause = v.pipe(
  object(clauseFields, clauseMisfit),
  v.transform((given) => (given.attribute === '' ? { ...given, attribute: 'key' } : given)),
);

/** One condition on the context. Several `values` are OR-ed. */
export interface RuleClause extends v.InferOutput<typeof clause> {}

/** A clause as callers write it. `attribute` is required, except by the segment operators. */
export interface ClauseInput extends v.InferInput<typeof clause> {}

export const clauses = list(clause, MAX_CLAUSES);

function clauseMisfit({ attribute, operator, values }: MembersOf<typeof clauseFields>): Misfit | null {
  const isSegment = operator === 'in_segment' || operator === 'not_in_segment';
  const named = isSegment ? null : misfitOf(name, attribute);
  if (named !== null) return { path: ['attribute'], problem: named.problem };
  if (values.length === 0) return { path: ['values'], problem: 'must name at least one value to compare with' };
  const wrong = firstOf(values.entries(), ([index, each]) => {
    const problem = valueProblem(operator, each);
    return problem === null ? null : { path: ['values', index], problem };
  });
  if (wrong !== null || (operator !== 'matches' && operator !== 'not_matches')) return wrong;
  return (
    firstOf(values.entries(), ([index, each]) => patternMisfit([each], ['values', index])) ?? patternMisfit(values, ['values'])
  );
}

const pattern = text(1_000);

function valueProblem(operator: ClauseOperator, each: JsonValue): string | null {
  switch (operator) {
    case 'contains':
    case 'not_contains':
    case 'starts_with':
    case 'ends_with':
    case 'matches':
    case 'not_matches':
      return misfitOf(pattern, each)?.problem ?? null;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return Number.isFinite(toNumber(each)) ? null : `${quoted(each)} is not a number`;
    case 'before':
    case 'after':
      return Number.isNaN(toMoment(each))
        ? `${quoted(each)} is not a date: ISO 8601, e.g. 2027-01-01T02:00:00Z, or epoch milliseconds`
        : null;
    case 'semver_eq':
    case 'semver_lt':
    case 'semver_lte':
    case 'semver_gt':
    case 'semver_gte':
      return typeof each === 'string' && parseVersion(each) !== null ? null : `${quoted(each)} is not a version, e.g. 2.1.0-rc.1`;
    case 'in_cidr':
      return isAddressBlock(each) ? null : `${quoted(each)} is not an address or CIDR block, e.g. 10.0.0.0/8 or 2001:db8::/32`;
    case 'in_segment':
    case 'not_in_segment':
      return misfitOf(key, each)?.problem ?? null;
    default:
      return null;
  }
}

function patternMisfit(values: readonly JsonValue[], path: Misfit['path']): Misfit | null {
  try {
    compilePatterns(values.map(String));
    return null;
  } catch (error) {
    const reason = errorMessage(error);
    return { path, problem: `is not a usable RE2 pattern (${reason}). RE2 has no lookaround and no backreferences` };
  }
}
