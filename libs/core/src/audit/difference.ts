/** One place in a record where two values of it differ. */
export interface Difference {
  /** Where, e.g. `override.reason` or `rules[2].clauses[0].values`; empty = the whole. */
  readonly path: string;
  /** `undefined` = it was not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Where two JSON values differ, as deep as both have the same shape. Lists of things with an `id`, `name` or `key` are compared thing by
 * thing, so that one inserted in front does not make all behind it look changed.
 */
export function differences(before: unknown, after: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare('', before, after, found);
  return found;
}

function compare(path: string, before: unknown, after: unknown, found: Difference[]): void {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(path, before, after, found);
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const name of names) compare(path === '' ? name : `${path}.${name}`, own(before, name), own(after, name), found);
    return;
  }
  found.push({ path, before, after });
}

function compareLists(path: string, before: readonly unknown[], after: readonly unknown[], found: Difference[]): void {
  const identity = identityOf([...before, ...after]);
  if (identity === null) {
    const same = before.length === after.length && before.every((item, i) => JSON.stringify(item) === JSON.stringify(after[i]));
    if (same) return;
    if (before.length !== after.length || !before.every(isObject) || !after.every(isObject)) found.push({ path, before, after });
    else before.forEach((item, i) => compare(`${path}[${i}]`, item, after[i], found));
    return;
  }
  const nameOf = (item: unknown) => String(own(item as Record<string, unknown>, identity));
  const earlier = new Map(before.map((item) => [nameOf(item), item]));
  const later = new Map(after.map((item) => [nameOf(item), item]));
  for (const name of new Set([...earlier.keys(), ...later.keys()]))
    compare(`${path}[${name}]`, earlier.get(name), later.get(name), found);
  const order = (items: readonly unknown[], among: ReadonlyMap<string, unknown>) =>
    items.map(nameOf).filter((name) => among.has(name));
  const orderBefore = order(before, later);
  const orderAfter = order(after, earlier);
  if (orderBefore.some((name, i) => name !== orderAfter[i]))
    found.push({ path: `${path}.order`, before: orderBefore, after: orderAfter });
}

/** The member by which the things in a list are told apart, each by another value. */
function identityOf(items: readonly unknown[]): string | null {
  if (items.length === 0 || !items.every(isObject)) return null;
  return ['id', 'name', 'key'].find((member) => items.every((item) => typeof own(item, member) === 'string')) ?? null;
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
