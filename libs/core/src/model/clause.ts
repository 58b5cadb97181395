import type { JsonValue } from './json.js';

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

/** One condition on the context. Several `values` are OR-ed. */
export interface RuleClause {
  /** Name of the attribute; `key` is the targeting key, `kind` the kind of context. Not read by the segment operators. */
  readonly attribute: string;
  readonly operator: ClauseOperator;
  /** What the attribute is compared with; for the segment operators, keys of segments. */
  readonly values: readonly JsonValue[];
  /** Inverts the verdict, that on a missing attribute too. */
  readonly negate: boolean;
}
