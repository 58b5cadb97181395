import type { Output } from './output.js';
import { dim, green, red, yellow } from './style.js';

export interface Difference {
  /** Dotted path of the field; empty = the whole. */
  readonly at: string;
  /** `undefined` = absent. */
  readonly before: unknown;
  readonly after: unknown;
}

export function printDifferences(out: Output, found: readonly Difference[]): void {
  for (const { at, before, after } of found) {
    const name = at === '' ? '' : `${at}: `;
    if (before === undefined) out.say`  ${green(`+ ${name}${shown(after)}`)}`;
    else if (after === undefined) out.say`  ${red(`- ${name}${shown(before)}`)}`;
    else out.say`  ${yellow('~')} ${name}${red(shown(before))} ${dim('→')} ${green(shown(after))}`;
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '-');
}
