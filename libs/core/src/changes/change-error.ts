import { ChangeFailedError, ValidationError, WaygateError } from '../model/errors.js';
import type { Change } from './change.js';

/** Members of a change that hold an object whose fields an error may name. */
const NESTED = ['flag', 'segment', 'patch', 'rollout', 'planned', 'rule'];

/** The error that says which change of a list is wrong, and which of its fields. */
export function changeError(changes: readonly Change[], index: number, error: unknown): unknown {
  if (error instanceof ValidationError) return new ValidationError(fieldOf(changes[index], index, error.field), error.problem);
  return error instanceof WaygateError ? new ChangeFailedError(index, error) : error;
}

function fieldOf(change: object | undefined, index: number, field: string): string {
  const members: object = change ?? {};
  const nested = NESTED.find((member) => Object.hasOwn(members, member));
  const [first = field] = field.split(/[.[]/, 1);
  const path = nested === undefined || Object.hasOwn(members, first) ? field : `${nested}.${field}`;
  return `changes[${index}].${path}`;
}
