import { readInstant } from './time.js';

const NUMERIC = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** Reads a number or numeric text; anything else, booleans too, is `NaN`. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMERIC.test(value) ? Number(value) : NaN;
}

/** Reads epoch milliseconds, ISO 8601 text, or a `Date`; anything else is `NaN`. */
export function toMoment(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'string' || value instanceof Date) return readInstant(value);
  return NaN;
}
