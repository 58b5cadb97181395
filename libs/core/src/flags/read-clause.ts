import { isAddressBlock } from '../model/address-set.js';
import { CLAUSE_OPERATORS, type ClauseOperator, type RuleClause } from '../model/clause.js';
import { ValidationError } from '../model/errors.js';
import type { JsonValue } from '../model/json.js';
import { errorMessage } from '../native-errors/native-error.js';
import { toMoment, toNumber } from './compiled-clause.js';
import { compilePatterns } from './pattern.js';
import { readBoolean, readChoice, readJson, readKey, readList, readName, readObject, readText } from './read-input.js';
import { parseVersion } from './semver.js';

/** A clause as callers write it. */
export interface ClauseInput {
  /** Not needed by the segment operators. */
  readonly attribute?: string;
  readonly operator: ClauseOperator;
  /** At least one. */
  readonly values: readonly JsonValue[];
  /** Default `false`. */
  readonly negate?: boolean;
}

const MAX_CLAUSES = 50;
const MAX_VALUES = 10_000;
const MAX_PATTERN = 1_000;

/** @throws {ValidationError} naming the clause and its field */
export function readClauses(value: unknown, field: string): readonly RuleClause[] {
  return readList(value, field, MAX_CLAUSES, readClause);
}

function readClause(value: unknown, field: string): RuleClause {
  const input = readObject(value, field);
  const operator = readChoice(input['operator'], `${field}.operator`, CLAUSE_OPERATORS);
  const ofSegments = operator === 'in_segment' || operator === 'not_in_segment';
  const attribute = ofSegments
    ? readText(input['attribute'], `${field}.attribute`, { fallback: 'key' })
    : readName(input['attribute'], `${field}.attribute`);
  const values = readList(input['values'], `${field}.values`, MAX_VALUES, (entry, at) => readValue(operator, entry, at));
  if (values.length === 0) throw new ValidationError(`${field}.values`, 'must name at least one value to compare with');
  if (operator === 'matches' || operator === 'not_matches') checkPatterns(values, `${field}.values`);
  return { attribute, operator, values, negate: readBoolean(input['negate'], `${field}.negate`, false) };
}

function readValue(operator: ClauseOperator, value: unknown, field: string): JsonValue {
  switch (operator) {
    case 'contains':
    case 'not_contains':
    case 'starts_with':
    case 'ends_with':
      return readText(value, field, { max: MAX_PATTERN });
    case 'matches':
    case 'not_matches':
      return readText(value, field, { max: MAX_PATTERN });
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return checked(value, field, !Number.isNaN(toNumber(value)) && Number.isFinite(toNumber(value)), 'a number');
    case 'before':
    case 'after':
      return checked(
        value instanceof Date ? value.toISOString() : value,
        field,
        !Number.isNaN(toMoment(value)),
        'a date: ISO 8601, e.g. 2027-01-01T02:00:00Z, or epoch milliseconds',
      );
    case 'semver_eq':
    case 'semver_lt':
    case 'semver_lte':
    case 'semver_gt':
    case 'semver_gte':
      return checked(value, field, typeof value === 'string' && parseVersion(value) !== null, 'a version, e.g. 2.1.0-rc.1');
    case 'in_cidr':
      return checked(value, field, isAddressBlock(value), 'an address or CIDR block, e.g. 10.0.0.0/8 or 2001:db8::/32');
    case 'in_segment':
    case 'not_in_segment':
      return readKey(value, field);
    default:
      return readJson(value, field);
  }
}

function checked(value: unknown, field: string, holds: boolean, what: string): JsonValue {
  if (!holds) throw new ValidationError(field, `'${String(value)}' is not ${what}`);
  return value as JsonValue;
}

function checkPatterns(values: readonly JsonValue[], field: string): void {
  values.forEach((value, index) => tryPatterns([value], `${field}[${index}]`));
  tryPatterns(values, field);
}

function tryPatterns(values: readonly JsonValue[], field: string): void {
  try {
    compilePatterns(values.map(String));
  } catch (error) {
    throw new ValidationError(
      field,
      `is not a usable RE2 pattern (${errorMessage(error)}). RE2 has no lookaround and no backreferences`,
    );
  }
}
