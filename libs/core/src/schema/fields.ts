import * as v from 'valibot';
import type { JsonValue } from '../model/json.js';
import { readInstant, type Instant, type InstantInput } from '../model/time.js';
import { rule, type Misfit } from './check.js';

/** The most characters of a value that a message repeats. */
const MAX_QUOTED = 64;
/** Names that would reach into an object's prototype. */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** One segment of a URL, as people write it. */
const KEY = /^[^\s/\\?#%\p{C}]{1,200}$/u;
const MAX_JSON_LENGTH = 65_536;
const MAX_JSON_DEPTH = 32;

type Issue = { readonly input: unknown };

/** A value as messages repeat it, cut to a bearable length. */
export function quoted(value: unknown): string {
  const shown = typeof value === 'object' && value !== null ? 'an object' : String(value);
  return `'${shown.length > MAX_QUOTED ? `${shown.slice(0, MAX_QUOTED)}…` : shown}'`;
}

/** An object with these members. Unknown members are ignored, and dropped where the value is read. */
export const object = <const E extends v.ObjectEntries>(entries: E) => v.pipe(v.object(entries, 'must be an object'), v.readonly());

/** A list of at most `max` entries. */
export const list = <const S extends v.GenericSchema>(item: S, max = 1_000) =>
  v.pipe(
    v.array(item, 'must be a list'),
    v.maxLength(max, ({ input }) => `must have at most ${max} entries, not ${input.length}`),
    v.readonly(),
  );

/** Members of any valid name. */
export const table = <const S extends v.GenericSchema>(member: S) =>
  v.pipe(v.record(v.string(), member, 'must be an object'), v.readonly());

/** One of a few words. */
export const choice = <const T extends readonly [string, ...string[]]>(words: T) =>
  v.picklist(words, ({ input }: Issue) => `${quoted(input)} is unknown. Use one of ${words.join(', ')}`);

export const bool = v.boolean('must be true or false');

/** Text of at most `max` characters. */
export const text = (max = 256) => v.pipe(v.string('must be text'), v.maxLength(max, `must have at most ${max} characters`));

/** Text that is not empty and names something. */
export const name = v.pipe(
  text(),
  v.minLength(1, 'must not be empty'),
  v.check(
    (value) => !FORBIDDEN_NAMES.has(value),
    ({ input }) => `${quoted(input)} cannot be used as a name`,
  ),
);

/** The key of a flag or a segment. */
export const key = v.pipe(
  name,
  v.check(
    (value) => KEY.test(value) && value !== '.' && value !== '..',
    "must have 1 to 200 characters, none of them a space, '/', '\\', '?', '#' or '%'",
  ),
);

/** Text that a pattern describes. `what` completes "… is not". */
export const matching = (pattern: RegExp, what: string) => {
  const message = ({ input }: Issue) => `${quoted(input)} is not ${what}`;
  return v.pipe(v.string(message), v.regex(pattern, message));
};

/** A whole number from `min` to `max`. */
export const whole = (max: number, min = 0) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
};

/** A count or a length of time that only grows. */
export const amount = whole(Number.MAX_SAFE_INTEGER);

const NOT_AN_INSTANT = ({ input }: Issue) =>
  `${input instanceof Date ? 'an invalid Date' : quoted(input)} is not a date. Use ISO 8601, e.g. 2027-01-01T02:00:00Z, or a Date`;

/** A moment: `Date`, ISO 8601 text, or epoch milliseconds; stored as ISO 8601 in UTC with milliseconds. */
export const instant = v.pipe(
  v.custom<InstantInput>(
    (value) => (value instanceof Date || typeof value === 'string' || typeof value === 'number') && !Number.isNaN(readInstant(value)),
    NOT_AN_INSTANT,
  ),
  v.transform((value): Instant => new Date(readInstant(value)).toISOString()),
);

/** Plain JSON of at most 65,536 characters, nested at most 32 levels deep. */
export const json = v.pipe(
  v.custom<JsonValue>(() => true),
  rule((value) => jsonMisfit(value)),
);

function jsonMisfit(value: unknown): Misfit | null {
  const misfit = nestedMisfit(value, [], 0);
  if (misfit !== null || JSON.stringify(value).length <= MAX_JSON_LENGTH) return misfit;
  return { path: [], problem: `must have at most ${MAX_JSON_LENGTH} characters as JSON` };
}

function nestedMisfit(value: unknown, path: Misfit['path'], depth: number): Misfit | null {
  if (depth > MAX_JSON_DEPTH) return { path, problem: `must not be nested more than ${MAX_JSON_DEPTH} levels deep` };
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : { path, problem: 'must be a finite number' };
  if (Array.isArray(value)) return firstOf(value.keys(), (index) => nestedMisfit(value[index], [...path, index], depth + 1));
  if (!isPlain(value)) return { path, problem: 'must be JSON: text, a number, true, false, null, a list or an object' };
  return firstOf(Object.entries(value), ([member, entry]) =>
    FORBIDDEN_NAMES.has(member)
      ? { path: [...path, member], problem: `'${member}' cannot be used as a name` }
      : nestedMisfit(entry, [...path, member], depth + 1),
  );
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The first problem among many items; `null` = none has one. */
export function firstOf<T>(items: Iterable<T>, find: (item: T) => Misfit | null): Misfit | null {
  for (const item of items) {
    const misfit = find(item);
    if (misfit !== null) return misfit;
  }
  return null;
}

/** The first entry that repeats an earlier one. */
export function duplicateIn(names: readonly string[], at: (index: number) => Misfit['path']): Misfit | null {
  const seen = new Set<string>();
  return firstOf(names.entries(), ([index, each]) => {
    if (seen.has(each)) return { path: at(index), problem: `${quoted(each)} is a duplicate` };
    seen.add(each);
    return null;
  });
}
