import type { Output } from './output.js';
import { dim, green, red, yellow } from './style.js';

export interface Difference {
  /** Dotted path of the field; empty = the whole. */
  readonly at: string;
  /** `undefined` = absent. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Fields that differ, objects looked into, lists compared as a whole. */
export function differences(before: unknown, after: unknown, at = ''): readonly Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [old, young] = [fieldsOf(before), fieldsOf(after)];
  if (old === null || young === null) return [{ at, before: before ?? undefined, after: after ?? undefined }];
  return [...new Set([...Object.keys(old), ...Object.keys(young)])].flatMap((name) =>
    differences(old[name], young[name], at === '' ? name : `${at}.${name}`),
  );
}

export function printDifferences(out: Output, found: readonly Difference[]): void {
  for (const { at, before, after } of found) {
    const name = at === '' ? '' : `${at}: `;
    if (before === undefined) out.say`  ${green(`+ ${name}${shown(after)}`)}`;
    else if (after === undefined) out.say`  ${red(`- ${name}${shown(before)}`)}`;
    else out.say`  ${yellow('~')} ${name}${red(shown(before))} ${dim('→')} ${green(shown(after))}`;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '-');
}
