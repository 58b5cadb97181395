import type { Output } from './output.js';
import { cyan, dim, green, red } from './style.js';

/** Prints an explanation: its plain fields, then its steps, one a line, with what they hold. */
export function printSteps(out: Output, explanation: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(explanation)) {
    if (name === 'steps' || value === null || value === undefined) continue;
    out.say`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  }
  const { steps } = explanation;
  if (!Array.isArray(steps)) return;
  for (const [index, step] of steps.entries()) {
    if (typeof step !== 'object' || step === null) out.say`${index + 1}. ${String(step)}`;
    else printStep(out, index + 1, step as Readonly<Record<string, unknown>>);
  }
}

function printStep(out: Output, number: number, step: Readonly<Record<string, unknown>>): void {
  const { name, step: kind, check, verdict, result, passed, ...rest } = step;
  const title = [name, kind, check].find((value) => typeof value === 'string');
  const outcome = [verdict, result, passed].find((value) => value !== undefined);
  const shown = outcome === undefined ? '' : typeof outcome === 'string' ? outcome : JSON.stringify(outcome);
  const coloured = outcome === false || outcome === 'blocked' ? red(shown) : green(shown);
  out.say`${number}. ${cyan(typeof title === 'string' ? title : 'step')}${shown === '' ? '' : ': '}${coloured}`;
  for (const [key, value] of Object.entries(rest)) {
    if (value !== null && value !== undefined)
      out.say`   ${dim(key)} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  }
}
