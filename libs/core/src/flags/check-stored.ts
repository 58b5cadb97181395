import { ValidationError } from '../model/errors.js';
import { TOTAL_WEIGHT, type FlagRecord } from '../model/flag.js';
import type { SegmentRecord } from '../model/segment.js';
import { toInstant } from '../model/time.js';
import { readFlag, readVariationName } from './read-flag.js';
import { readInteger, readList, readName, readObject, readText, type Input } from './read-input.js';
import { readSegment } from './read-segment.js';

/** Before everything that can be planned: what a record plans was checked when it was planned, and may be due meanwhile. */
const LONG_AGO = new Date(0).toISOString();
const MAX_STEPS = 1_000;

/**
 * Checks a flag in the form it is stored in: whole, as nothing is filled in on the way to the store.
 * @throws {ValidationError} naming the member below `field`
 */
export function checkFlagRecord(record: FlagRecord, key: string, field: string): void {
  within(field, () => {
    const input = readObject(record, 'value');
    const read = readFlag(input, { now: LONG_AGO, actor: '', before: null });
    checkKey(read.key, key);
    checkWhole(read, input, '');
    for (const name of ['createdAt', 'updatedAt']) checkInstant(input[name], name);
    readText(input['createdBy'], 'createdBy');
    if (input['switchBackAt'] !== null) checkInstant(input['switchBackAt'], 'switchBackAt');
    record.scheduledChanges.forEach((change, index) => {
      checkInstant(change.createdAt, `scheduledChanges[${index}].createdAt`);
      readText(change.createdBy, `scheduledChanges[${index}].createdBy`);
    });
    if (input['progressiveRollout'] !== null) checkRollout(input['progressiveRollout'], read);
  });
}

/**
 * Checks a segment in the form it is stored in.
 * @throws {ValidationError} naming the member below `field`
 */
export function checkSegmentRecord(record: SegmentRecord, key: string, field: string): void {
  within(field, () => {
    const input = readObject(record, 'value');
    const read = readSegment(input, null, LONG_AGO);
    checkKey(read.key, key);
    checkWhole(read, input, '');
    for (const name of ['createdAt', 'updatedAt']) checkInstant(input[name], name);
  });
}

function checkRollout(value: unknown, { variations }: FlagRecord): void {
  const at = 'progressiveRollout';
  const input = readObject(value, at);
  const names = variations.map(({ name }) => name);
  readName(input['id'], `${at}.id`);
  for (const name of ['variation', 'otherwise']) readVariationName(input[name], `${at}.${name}`, names);
  if (input['ruleId'] !== null) readName(input['ruleId'], `${at}.ruleId`);
  checkBucketing(input['bucketing'], `${at}.bucketing`);
  const steps = readList(input['steps'], `${at}.steps`, MAX_STEPS, (step, where) => {
    const { weight, after } = readObject(step, where);
    readInteger(weight, `${where}.weight`, 0, TOTAL_WEIGHT);
    return readInteger(after, `${where}.after`, 0, Number.MAX_SAFE_INTEGER);
  });
  if (steps.length === 0) throw new ValidationError(`${at}.steps`, 'must be at least one');
  checkInstant(input['startedAt'], `${at}.startedAt`);
  if (input['pausedAt'] !== null) checkInstant(input['pausedAt'], `${at}.pausedAt`);
  for (const name of ['pausedMs', 'recordedSteps']) readInteger(input[name], `${at}.${name}`, 0, Number.MAX_SAFE_INTEGER);
  readText(input['createdBy'], `${at}.createdBy`);
}

function checkBucketing(value: unknown, field: string): void {
  if (value === null) return;
  const { bucketBy, salt } = readObject(value, field);
  if (bucketBy !== null) readName(bucketBy, `${field}.bucketBy`);
  if (salt !== null) readText(salt, `${field}.salt`);
}

/** Whatever stands in what was read stands in what was given. More may stand there: versions differ. */
function checkWhole(read: unknown, given: unknown, field: string): void {
  if (given === undefined) throw new ValidationError(field, 'must be there');
  if (typeof read !== 'object' || read === null) return;
  const list = Array.isArray(read);
  for (const [name, member] of Object.entries(read)) {
    const at = list ? `${field}[${name}]` : field === '' ? name : `${field}.${name}`;
    checkWhole(member, (given as Input)[name], at);
  }
}

function checkKey(own: string, key: string): void {
  if (own !== key) throw new ValidationError('key', `must be '${key}', as the record is called`);
}

/** In the one form in which moments are stored: they are compared as text. */
function checkInstant(value: unknown, field: string): void {
  if (typeof value !== 'string' || toInstant(value, field) !== value)
    throw new ValidationError(field, 'must be a moment such as 2027-01-01T02:00:00.000Z');
}

function within(field: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new ValidationError(`${field}.${error.field}`, error.problem);
  }
}
