/** What is wrong with a value edited by hand, and where within it; `null` = nothing is. */
export type Check = (value: unknown, path: readonly string[]) => Misfit | null;

export interface Misfit {
  readonly path: readonly string[];
  readonly problem: string;
}

export const nullOr =
  (check: Check): Check =>
  (value, path) =>
    value === null ? null : check(value, path);

/** A member that may be missing. */
export const ifThere =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? null : check(value, path);

export const both =
  (...checks: readonly Check[]): Check =>
  (value, path) =>
    first(checks.map((check) => () => check(value, path)));

export const listOf =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? first(value.map((item, index) => () => check(item, [...path, String(index)])))
      : { path, problem: 'must be a list' };

/** Members of any name. */
export const tableOf =
  (name: Check, member: Check): Check =>
  (value, path) =>
    isObject(value)
      ? first(
          Object.entries(value).flatMap(([key, entry]) => [() => name(key, [...path, key]), () => member(entry, [...path, key])]),
        )
      : { path, problem: 'must hold members' };

export const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) =>
    values.includes(value as string) ? null : { path, problem: `must be one of ${values.join(', ')}` };

export const simple =
  (problem: string, holds: (value: unknown) => boolean): Check =>
  (value, path) =>
    holds(value) ? null : { path, problem };

export const text = simple('must be text', (value) => typeof value === 'string');
export const flag = simple('must be true or false', (value) => typeof value === 'boolean');
export const amount = simple('must be a number of at least 0', (value) => typeof value === 'number' && value >= 0);
export const wholeUpTo = (most: number): Check =>
  simple(
    `must be a whole number from 0 to ${most}`,
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most,
  );
export const instant = simple(
  'must be a moment such as 2027-01-01T02:00:00.000Z',
  (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$/.test(value) && !Number.isNaN(Date.parse(value)),
);

/** Names only members that there are. */
export type MembersOf<T> = { readonly [P in keyof T]?: Check };

/** Members that decide; of those not named here none is checked, so that versions may differ. */
export const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (!isObject(value)) return { path, problem: 'must hold members' };
    return first(
      Object.entries(members).map(([name, check]) => () => {
        const member = Object.hasOwn(value, name) ? value[name] : undefined;
        const misfit = check(member, [...path, name]);
        return misfit !== null && member === undefined ? { path, problem: `lacks the member '${name}'` } : misfit;
      }),
    );
  };

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function first(checks: readonly (() => Misfit | null)[]): Misfit | null {
  for (const check of checks) {
    const misfit = check();
    if (misfit !== null) return misfit;
  }
  return null;
}
