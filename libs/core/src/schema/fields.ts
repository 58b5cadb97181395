import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { JsonValue } from '../model/json.js';
import { readDuration, readInstant, type DurationInput, type Instant, type InstantInput } from '../model/time.js';
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

/** The value of an object with these members. */
export type MembersOf<E extends v.ObjectEntries> = Readonly<v.InferOutput<v.ObjectSchema<E, undefined>>>;

/** An object with these members. Unknown members are ignored, and dropped where the value is read. */
export function object<const E extends v.ObjectEntries>(
  entries: E,
  findMisfit?: (value: MembersOf<E>) => Misfit | null,
): v.GenericSchema<Readonly<v.InferInput<v.ObjectSchema<E, undefined>>>, MembersOf<E>> {
  const shape = v.object(entries, 'must be an object');
  return findMisfit === undefined ? shape : v.pipe(shape, rule<MembersOf<E>>(findMisfit));
}

/** A list of at most `max` entries. */
export function list<S extends v.GenericSchema>(
  item: S,
  max = 1_000,
): v.GenericSchema<readonly v.InferInput<S>[], readonly v.InferOutput<S>[]> {
  return v.pipe(
    v.array(item, 'must be a list'),
    v.maxLength(max, ({ input }) => `must have at most ${max} entries, not ${input.length}`),
  );
}

/** Members of any valid name. */
export function table<S extends v.GenericSchema>(
  member: S,
): v.GenericSchema<Readonly<Record<string, v.InferInput<S>>>, Readonly<Record<string, v.InferOutput<S>>>> {
  return v.record(v.string(), member, 'must be an object');
}

/** The stored form of schemas that accept more than what they store. */
const STORED_FORMS = new WeakMap<v.GenericSchema, v.GenericSchema>();

/** A schema that accepts several spellings of a value and stores one: `accepts` reads it, `stores` describes what is stored. */
export function normalized<A extends v.GenericSchema>(accepts: A, stores: v.GenericSchema<unknown, v.InferOutput<A>>): A {
  STORED_FORMS.set(accepts, stores);
  return accepts;
}

/** What a {@link normalized} schema stores; `undefined` for all others. */
export function storedFormOf(schema: v.GenericSchema): v.GenericSchema | undefined {
  return STORED_FORMS.get(schema);
}

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

/** The id of a part of a record, unique within it. Default: a new UUID. */
export const partId = v.optional(name, () => randomUUID());

/** The key of a flag or a segment. */
export const key = v.pipe(
  name,
  v.check(
    (value) => KEY.test(value) && value !== '.' && value !== '..',
    "must have 1 to 200 characters, none of them a space, '/', '\\', '?', '#' or '%'",
  ),
);

/** What is known by its key alone. */
export const keyed = object({ key });

/** The key of a flag or a segment that is created. `taken` are words with another meaning where keys appear in URLs. */
export const freeKey = (taken: readonly string[]) =>
  v.pipe(
    key,
    v.check(
      (value) => !taken.includes(value),
      ({ input }) => `${quoted(input)} is taken: it is part of the admin's own addresses. Use another`,
    ),
  );

const MAX_MEMBERS = 200_000;
const MAX_MEMBER_LENGTH = 256;

/** Targeting keys, each once; at most 200,000. Checked in one loop, as lists may be long. */
export const members = v.pipe(
  v.custom<readonly string[]>(Array.isArray, 'must be a list'),
  rule((list) => membersMisfit(list)),
  v.transform((list): readonly string[] => [...new Set(list)]),
);

function membersMisfit(list: readonly unknown[]): Misfit | null {
  if (list.length > MAX_MEMBERS) return { path: [], problem: `must have at most ${MAX_MEMBERS} entries, not ${list.length}` };
  for (let index = 0; index < list.length; index++) {
    const member = list[index];
    if (typeof member !== 'string') return { path: [index], problem: 'must be text' };
    if (member.length > MAX_MEMBER_LENGTH) return { path: [index], problem: `must have at most ${MAX_MEMBER_LENGTH} characters` };
  }
  return null;
}

/** Words that flags and segments are filed under, each once. */
export const tags = v.pipe(
  list(name, 50),
  v.transform((list): readonly string[] => [...new Set(list)]),
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

/** A moment as it is stored: ISO 8601 in UTC with milliseconds, so that moments can be compared as text. */
export const instant = v.pipe(
  v.string('must be a moment such as 2027-01-01T02:00:00.000Z'),
  v.check(isInstant, 'must be a moment such as 2027-01-01T02:00:00.000Z'),
);

function isInstant(value: string): boolean {
  const ms = readInstant(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value;
}

/** A moment as callers write it: a `Date`, ISO 8601 text (no offset = UTC), or epoch milliseconds. Stored as an {@link instant}. */
export const moment = normalized(
  v.pipe(
    v.custom<InstantInput>(
      (value) =>
        (value instanceof Date || typeof value === 'string' || typeof value === 'number') && !Number.isNaN(readInstant(value)),
      ({ input }) =>
        `${input instanceof Date ? 'an invalid Date' : quoted(input)} is not a date. Use ISO 8601, e.g. 2027-01-01T02:00:00Z, or a Date`,
    ),
    v.transform((value): Instant => new Date(readInstant(value)).toISOString()),
  ),
  instant,
);

/** A length of time as callers write it: milliseconds, or text such as `30s`, `15m`, `2h`. 0 = at once. Stored in ms. */
export const duration = normalized(
  v.pipe(
    v.custom<DurationInput>(
      (value) => (typeof value === 'number' || typeof value === 'string') && (value === 0 || !Number.isNaN(readDuration(value))),
      ({ input }) => `${quoted(input)} is not a duration. Use e.g. 30s, 15m, 2h, 1d, or milliseconds`,
    ),
    v.transform((value) => (value === 0 ? 0 : readDuration(value))),
  ),
  amount,
);

/** Plain JSON of at most 65,536 characters, nested at most 32 levels deep. */
export const json = v.pipe(
  v.custom<JsonValue>(() => true),
  rule((value) => jsonMisfit(value)),
);

export function jsonMisfit(value: unknown): Misfit | null {
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
