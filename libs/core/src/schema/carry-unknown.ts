import { isDeepStrictEqual } from 'node:util';
import { isArray, isLazy, isObject, isTable, isWrapping, rootOf, type AnySchema } from './schema-nodes.js';

/** What tells parts of a record apart, in this order. */
const PART_NAMES = ['id', 'key', 'name'];

/**
 * A record's next value with the members of the stored one that this version does not know. A later version wrote them, and they stay as they
 * are when this version changes something else. A part that was replaced as a whole, such as an override by another one, does not inherit
 * them.
 * @param schema of the value
 * @returns `next` itself when nothing is carried
 */
export function carryUnknown<T>(schema: AnySchema, stored: unknown, next: T): T;
export function carryUnknown(schema: AnySchema, stored: unknown, next: unknown): unknown {
  if (stored === next) return next;
  const root = rootOf(schema);
  if (isWrapping(root)) return carryUnknown(root.wrapped, stored, next);
  if (isLazy(root)) return carryUnknown(root.getter(next), stored, next);
  if (isArray(root)) return Array.isArray(stored) && Array.isArray(next) ? carryItems(root.item, stored, next) : next;
  if (!isPlain(stored) || !isPlain(next) || isReplaced(stored, next)) return next;
  if (isObject(root)) return carryMembers(root.entries, stored, next);
  return isTable(root) ? changed(next, Object.keys(next), (name) => carryUnknown(root.value, stored[name], next[name])) : next;
}

function carryMembers(entries: Readonly<Record<string, unknown>>, stored: Plain, next: Plain): Plain {
  const known = Object.keys(entries).filter((name) => Object.hasOwn(next, name));
  const unknown = Object.keys(stored).filter((name) => !Object.hasOwn(entries, name) && !Object.hasOwn(next, name));
  return changed(next, [...known, ...unknown], (name) =>
    Object.hasOwn(entries, name) ? carryUnknown(entries[name] as AnySchema, stored[name], next[name]) : stored[name],
  );
}

/** Items are the same part where they have the same id, key, or name. */
function carryItems(item: AnySchema, stored: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const carried = next.map((each) => {
    const name = nameOf(each);
    const former = name === null ? undefined : stored.find((other) => nameOf(other) === name);
    return former === undefined ? each : carryUnknown(item, former, each);
  });
  return carried.some((each, index) => each !== next[index]) ? carried : next;
}

function nameOf(item: unknown): string | null {
  if (!isPlain(item)) return null;
  const member = PART_NAMES.find((name) => typeof item[name] === 'string');
  return member === undefined ? null : `${member} ${String(item[member])}`;
}

/** An operator set another one in its place. */
function isReplaced(stored: Plain, next: Plain): boolean {
  return 'setAt' in next && !isDeepStrictEqual(stored['setAt'], next['setAt']);
}

function changed(value: Plain, names: readonly string[], memberOf: (name: string) => unknown): Plain {
  const differing = names.filter((name) => memberOf(name) !== value[name]);
  return differing.length === 0 ? value : { ...value, ...Object.fromEntries(differing.map((name) => [name, memberOf(name)])) };
}

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
