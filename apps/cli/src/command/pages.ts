import type { Input } from './input.js';
import type { Output } from '../terminal/output.js';
import { dim } from '../terminal/style.js';

export interface Page<T> {
  readonly rows: readonly T[];
  /** From 1. */
  readonly number: number;
  readonly size: number;
  readonly more: boolean;
}

/** The options `--page` and `--per-page`, applied to rows from the first one on. */
export function pageOf<T>(input: Input, rows: readonly T[]): Page<T> {
  const { number, size } = pageNumbers(input);
  return { rows: rows.slice((number - 1) * size, number * size), number, size, more: rows.length > number * size };
}

export function pageNumbers(input: Input): { readonly number: number; readonly size: number } {
  return { number: input.number('page', 1), size: input.number('perPage', 1) };
}

/** `Showing 21–40 • ← --page 1 • --page 3 →`. */
export function pageFooter(out: Output, { rows, number, size, more }: Page<unknown>): void {
  const first = (number - 1) * size + 1;
  const parts = [`Showing ${first}–${first + rows.length - 1}`];
  if (number > 1) parts.push(`← --page ${number - 1}`);
  parts.push(more ? `--page ${number + 1} →` : '(last page)');
  out.say`${dim(parts.join(' • '))}`;
}
