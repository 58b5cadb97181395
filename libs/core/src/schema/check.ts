import * as v from 'valibot';
import { ValidationError } from '../model/errors.js';

/** A schema whose value is read from `In` and stored as `Out`. */
export type Schema<Out = unknown, In = unknown> = v.GenericSchema<In, Out>;

/** The first thing that is wrong with a value, and where: `['rules', 2, 'clauses', 0, 'operator']`. */
export interface Misfit {
  readonly path: readonly (string | number)[];
  /** What is wrong and what would be right; completes "`field`: …". */
  readonly problem: string;
}

/** The first problem ends the check, so that a large invalid body costs no more than a small one. */
const FIRST_ONLY = { abortEarly: true, abortPipeEarly: true } as const;

/**
 * Reads a value from outside: fills in defaults, normalizes, and drops unknown members.
 * @param field how messages name the value, e.g. `rateLimits[0]`; empty: messages name its members
 * @throws {ValidationError} naming the first member that is wrong
 */
export function read<Out>(schema: Schema<Out>, value: unknown, field = ''): Out {
  const result = v.safeParse(schema, value, FIRST_ONLY);
  if (result.success) return result.output;
  const { path, problem } = misfitFrom(result.issues[0]);
  throw new ValidationError(fieldName(path, field) || 'value', problem);
}

/** The first problem of a value; `null` = the value fits. Nothing is filled in. */
export function misfitOf(schema: Schema, value: unknown): Misfit | null {
  const result = v.safeParse(schema, value, FIRST_ONLY);
  return result.success ? null : misfitFrom(result.issues[0]);
}

/** `rules[2].clauses[0].operator` for a path, below `field` if that is not empty. */
export function fieldName(path: Misfit['path'], field = ''): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : `${name}${name && '.'}${part}`),
    field,
  );
}

/**
 * A rule over several members of a value, for `v.pipe`. It runs only if every member fits.
 * @param find returns the first problem, or `null`
 */
export function rule<T>(find: (value: T) => Misfit | null): v.RawCheckAction<T> {
  return v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const misfit = find(dataset.value);
    if (misfit !== null) addIssue({ message: misfit.problem, path: issuePath(misfit.path, dataset.value) });
  });
}

type IssuePath = [v.IssuePathItem, ...v.IssuePathItem[]];

function issuePath(path: Misfit['path'], input: unknown): IssuePath | undefined {
  const [first, ...rest] = path.map((key) => ({ type: 'unknown', origin: 'value', input, key, value: undefined }) as const);
  return first === undefined ? undefined : [first, ...rest];
}

function misfitFrom(issue: v.BaseIssue<unknown>): Misfit {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  // A missing member is reported by the object around it, as an issue about the key.
  const isMissing = issue.input === undefined && issue.path?.at(-1)?.origin === 'key';
  return { path, problem: isMissing ? 'is required' : issue.message };
}
