import type { Difference } from '../terminal/difference.js';
import type { Fields } from './waygate-document.js';

/**
 * Fields whose wanted value does not hold. What the wanted value leaves out is not compared, at any depth, so that a rule without an id
 * equals the same rule with one.
 * @param exact fields that are compared as a whole
 */
export function deviations(wanted: Fields, actual: object, exact: readonly string[] = []): readonly Difference[] {
  const held = actual as Fields;
  return Object.entries(wanted).flatMap(([name, value]) => {
    const same = exact.includes(name) ? JSON.stringify(value) === JSON.stringify(held[name]) : holds(value, held[name]);
    return same ? [] : [{ at: name, before: held[name] ?? undefined, after: value }];
  });
}

function holds(wanted: unknown, actual: unknown): boolean {
  if (wanted === null || wanted === undefined) return actual === null || actual === undefined;
  if (typeof wanted !== 'object') return wanted === actual;
  if (Array.isArray(wanted))
    return Array.isArray(actual) && wanted.length === actual.length && wanted.every((item, index) => holds(item, actual[index]));
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
  return Object.entries(wanted).every(([name, value]) => holds(value, (actual as Fields)[name]));
}
