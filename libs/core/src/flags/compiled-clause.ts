import { AddressSet, isAddressBlock } from '../model/address-set.js';
import type { RuleClause } from '../schema/clause.js';
import type { ContextValue, EvaluationContext } from '../model/evaluation-context.js';
import type { JsonValue } from '../model/json.js';
import { toMoment, toNumber } from '../model/comparison.js';
import { compilePatterns } from '../model/pattern.js';
import { compareVersions, parseVersion, type Version } from '../model/semver.js';

/** Whether a clause holds for a context. */
export type CompiledClause = (context: EvaluationContext) => boolean;

/** Whether a caller belongs to a segment. */
export interface SegmentMembership {
  contains(context: EvaluationContext): boolean;
}

type ValueTest = (value: ContextValue) => boolean;

/** A clause that cannot be understood holds for nobody, negated or not. */
const NEVER: CompiledClause = () => false;

/**
 * Prepares a clause: sets, patterns, versions and instants are read once.
 * @param segment gives the membership of a segment by key; one that does not exist contains nobody
 */
export function compileClause(clause: RuleClause, segment: (key: string) => SegmentMembership): CompiledClause {
  try {
    return compile(clause, segment);
  } catch {
    // Not what a writer of ours lets through; it must not spoil the rules beside it.
    return NEVER;
  }
}

function compile(clause: RuleClause, segment: (key: string) => SegmentMembership): CompiledClause {
  const { attribute, operator, values, negate } = clause;
  if (operator === 'in_segment' || operator === 'not_in_segment') {
    return segmentClause(values, segment, (operator === 'not_in_segment') !== negate);
  }
  const test = valueTest(clause);
  if (test === null) return NEVER;
  const inverted = operator === 'is_not' || operator === 'not_in' || operator === 'not_contains' || operator === 'not_matches';
  const whenHit = inverted === negate;
  if (isPlainAttribute(attribute)) return plainClause(attribute, test, whenHit, negate, onlyText(clause));
  const read = attributeReader(attribute);
  return (context) => {
    const value = read(context);
    if (value === undefined || value === null) return negate;
    return hits(test, value) ? whenHit : !whenHit;
  };
}

/** A clause on an attribute of the application. Most compare with one text: that needs no call. */
function plainClause(
  attribute: string,
  test: ValueTest,
  whenHit: boolean,
  whenMissing: boolean,
  only: string | undefined,
): CompiledClause {
  if (only !== undefined) {
    return (context) => {
      const value = context[attribute];
      if (value === only) return whenHit;
      if (value === undefined || value === null) return whenMissing;
      return typeof value === 'object' && hits(test, value) ? whenHit : !whenHit;
    };
  }
  return (context) => {
    const value = context[attribute];
    if (value === undefined || value === null) return whenMissing;
    return hits(test, value) ? whenHit : !whenHit;
  };
}

/** The text that a clause compares with, where that is all it does. */
function onlyText({ operator, values }: RuleClause): string | undefined {
  const [only, ...more] = values;
  const compares = operator === 'is' || operator === 'is_not' || operator === 'in' || operator === 'not_in';
  return compares && more.length === 0 && typeof only === 'string' ? only : undefined;
}

/** An array is hit when it is hit as a whole, or any element is. */
function hits(test: ValueTest, value: ContextValue): boolean {
  return test(value) || (Array.isArray(value) && value.some(test));
}

/** Neither one that has a meaning of its own nor one that every object inherits. */
function isPlainAttribute(attribute: string): boolean {
  return attribute !== 'key' && attribute !== 'kind' && !(attribute in Object.prototype);
}

/** Reads an attribute of a context; `undefined` where it has none. */
export function attributeReader(attribute: string): (context: EvaluationContext) => ContextValue {
  if (attribute === 'key') return (context) => context['key'] ?? context.targetingKey;
  if (attribute === 'kind') return kindOf;
  // What every object inherits is no attribute of anybody.
  if (attribute in Object.prototype) {
    return (context) => (Object.hasOwn(context, attribute) ? context[attribute] : undefined);
  }
  return (context) => context[attribute];
}

/** What the subject of a context is; `user` unless it says otherwise. */
export function kindOf(context: EvaluationContext): string {
  const { kind } = context;
  return typeof kind === 'string' ? kind : 'user';
}

function segmentClause(
  values: readonly JsonValue[],
  segment: (key: string) => SegmentMembership,
  inverted: boolean,
): CompiledClause {
  const segments = values.filter((value) => typeof value === 'string').map(segment);
  return (context) => {
    for (const each of segments) if (each.contains(context)) return !inverted;
    return inverted;
  };
}

/** How one value of the context is tested; `null` = the operator is unknown or nothing it names can be read. */
function valueTest({ operator, values }: RuleClause): ValueTest | null {
  switch (operator) {
    case 'is':
    case 'is_not':
    case 'in':
    case 'not_in':
      return equalsAny(values);
    case 'contains':
    case 'not_contains':
      return textTest(values, (text, part) => text.includes(part));
    case 'starts_with':
      return textTest(values, (text, part) => text.startsWith(part));
    case 'ends_with':
      return textTest(values, (text, part) => text.endsWith(part));
    case 'matches':
    case 'not_matches':
      return patternTest(values);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return thresholdTest(operator, values.map(toNumber), toNumber);
    case 'before':
      return thresholdTest('lt', values.map(toMoment), toMoment);
    case 'after':
      return thresholdTest('gt', values.map(toMoment), toMoment);
    case 'semver_eq':
      return versionTest(values, (order) => order === 0);
    case 'semver_lt':
      return versionTest(values, (order) => order < 0);
    case 'semver_lte':
      return versionTest(values, (order) => order <= 0);
    case 'semver_gt':
      return versionTest(values, (order) => order > 0);
    case 'semver_gte':
      return versionTest(values, (order) => order >= 0);
    case 'in_cidr':
      return addressTest(values);
    default:
      return null;
  }
}

/** Equal without coercion: `1` is not `'1'`, and `true` is not `1`. Arrays and objects by their contents. */
function equalsAny(values: readonly JsonValue[]): ValueTest {
  const plain = values.filter((value) => typeof value !== 'object' || value === null);
  const deep = values.filter((value) => typeof value === 'object' && value !== null);
  if (deep.length === 0 && plain.length === 1) {
    const [only] = plain;
    return (value) => value === only || (value instanceof Date && isoOf(value) === only);
  }
  const set = new Set<unknown>(plain);
  return (value) => {
    if (typeof value !== 'object' || value === null) return set.has(value);
    if (value instanceof Date) return set.has(isoOf(value));
    return deep.some((listed) => deepEqual(listed, value));
  };
}

function isoOf(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function deepEqual(listed: JsonValue | undefined, value: unknown): boolean {
  if (typeof listed !== 'object' || listed === null) return listed === value;
  if (typeof value !== 'object' || value === null || Array.isArray(listed) !== Array.isArray(value)) return false;
  const keys = Object.keys(listed);
  if (keys.length !== Object.keys(value).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(value, key) && deepEqual((listed as Record<string, JsonValue>)[key], (value as Record<string, unknown>)[key]),
  );
}

function textTest(values: readonly JsonValue[], holds: (text: string, part: string) => boolean): ValueTest {
  const parts = values.filter((value) => typeof value === 'string');
  return (value) => {
    if (typeof value !== 'string') return false;
    for (const part of parts) if (holds(value, part)) return true;
    return false;
  };
}

function patternTest(values: readonly JsonValue[]): ValueTest | null {
  try {
    const patterns = compilePatterns(values.map(String));
    return (value) => typeof value === 'string' && patterns.matches(value);
  } catch {
    return null;
  }
}

/** Several thresholds are OR-ed, so that the one that is easiest to pass decides. */
function thresholdTest(
  operator: 'gt' | 'gte' | 'lt' | 'lte',
  thresholds: readonly number[],
  read: (value: unknown) => number,
): ValueTest | null {
  const known = thresholds.filter((threshold) => !Number.isNaN(threshold));
  if (known.length === 0) return null;
  const least = Math.min(...known);
  const greatest = Math.max(...known);
  switch (operator) {
    case 'gt':
      return (value) => read(value) > least;
    case 'gte':
      return (value) => read(value) >= least;
    case 'lt':
      return (value) => read(value) < greatest;
    case 'lte':
      return (value) => read(value) <= greatest;
  }
}

function versionTest(values: readonly JsonValue[], holds: (order: number) => boolean): ValueTest | null {
  const listed = values
    .map((value) => (typeof value === 'string' ? parseVersion(value) : null))
    .filter((version): version is Version => version !== null);
  if (listed.length === 0) return null;
  return (value) => {
    const version = typeof value === 'string' ? parseVersion(value) : null;
    return version !== null && listed.some((other) => holds(compareVersions(version, other)));
  };
}

function addressTest(values: readonly JsonValue[]): ValueTest | null {
  const blocks = values.filter((value) => typeof value === 'string' && isAddressBlock(value));
  if (blocks.length === 0) return null;
  const set = new AddressSet(blocks);
  return (value) => typeof value === 'string' && set.has(value);
}
