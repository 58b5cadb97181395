import { ValidationError } from '../model/errors.js';
import type { JsonValue } from '../model/json.js';

/** Names that would reach into an object's prototype. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** One segment of a URL, as people write it. */
const KEY = /^[^\s/\\?#%\p{C}]{1,200}$/u;
const MAX_MEMBER = 256;
const MAX_JSON_LENGTH = 65_536;
const MAX_JSON_DEPTH = 32;

/** An object whose fields are not known to be right yet. */
export type Input = Readonly<Record<string, unknown>>;

/** @throws {ValidationError} */
export function readObject(value: unknown, field: string): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ValidationError(field, 'must be an object');
  return value as Input;
}

/** Text, or `fallback` where nothing is given. @throws {ValidationError} */
export function readText(
  value: unknown,
  field: string,
  { fallback, max = 256 }: { fallback?: string; max?: number } = {},
): string {
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value !== 'string') throw new ValidationError(field, 'must be text');
  if (value.length > max) throw new ValidationError(field, `must have at most ${max} characters`);
  return value;
}

/** Text that is not empty and names something. @throws {ValidationError} */
export function readName(value: unknown, field: string): string {
  const name = readText(value, field);
  if (name === '') throw new ValidationError(field, 'must not be empty');
  if (FORBIDDEN.has(name)) throw new ValidationError(field, `'${name}' cannot be used as a name`);
  return name;
}

/**
 * The key of a flag or segment.
 * @param taken words that stand for something else where keys stand in URLs
 * @throws {ValidationError}
 */
export function readKey(value: unknown, field: string, taken: readonly string[] = []): string {
  const key = readName(value, field);
  if (!KEY.test(key) || key === '.' || key === '..') {
    throw new ValidationError(field, "must have 1 to 200 characters, none of them a space, '/', '\\', '?', '#' or '%'");
  }
  if (taken.includes(key))
    throw new ValidationError(field, `'${key}' is taken: it is part of the admin's own addresses. Use another`);
  return key;
}

/** @throws {ValidationError} */
export function readBoolean(value: unknown, field: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw new ValidationError(field, 'must be true or false');
  return value;
}

/** @throws {ValidationError} */
export function readInteger(value: unknown, field: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new ValidationError(field, `must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** One of a few words. @throws {ValidationError} */
export function readChoice<T extends string>(value: unknown, field: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === value);
  if (choice === undefined) throw new ValidationError(field, `'${String(value)}' is unknown. Use one of ${choices.join(', ')}`);
  return choice;
}

/** A list, empty where nothing is given. @throws {ValidationError} */
export function readList<T>(value: unknown, field: string, max: number, read: (entry: unknown, at: string) => T): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ValidationError(field, 'must be a list');
  if (value.length > max) throw new ValidationError(field, `must have at most ${max} entries, not ${value.length}`);
  return value.map((entry: unknown, index) => read(entry, `${field}[${index}]`));
}

/** Targeting keys, each once. @throws {ValidationError} */
export function readMembers(value: unknown, field: string, max: number): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ValidationError(field, 'must be a list');
  if (value.length > max) throw new ValidationError(field, `must have at most ${max} entries, not ${value.length}`);
  const members = new Set<string>();
  // Lists may be long: paths of entries are made for those that are wrong only.
  value.forEach((entry: unknown, index) => {
    if (typeof entry !== 'string' || entry.length > MAX_MEMBER) readText(entry, `${field}[${index}]`, { max: MAX_MEMBER });
    else members.add(entry);
  });
  return [...members];
}

/** @throws {ValidationError} when two entries have the same name */
export function checkUnique(names: readonly string[], at: (index: number) => string): void {
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (seen.has(name)) throw new ValidationError(at(index), `'${name}' is there twice`);
    seen.add(name);
  });
}

/** Plain JSON of a bearable size. @throws {ValidationError} */
export function readJson(value: unknown, field: string): JsonValue {
  checkJson(value, field, 0);
  if (JSON.stringify(value).length > MAX_JSON_LENGTH) {
    throw new ValidationError(field, `must have at most ${MAX_JSON_LENGTH} characters as JSON`);
  }
  return value as JsonValue;
}

function checkJson(value: unknown, field: string, depth: number): void {
  if (depth > MAX_JSON_DEPTH) throw new ValidationError(field, `must not be nested more than ${MAX_JSON_DEPTH} levels deep`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ValidationError(field, 'must be a finite number');
  } else if (Array.isArray(value)) {
    value.forEach((entry: unknown, index) => checkJson(entry, `${field}[${index}]`, depth + 1));
  } else if (isPlain(value)) {
    for (const [key, entry] of Object.entries(value)) {
      if (FORBIDDEN.has(key)) throw new ValidationError(`${field}.${key}`, `'${key}' cannot be used as a name`);
      checkJson(entry, `${field}.${key}`, depth + 1);
    }
  } else {
    throw new ValidationError(field, 'must be JSON: text, a number, true, false, null, a list or an object');
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
