import { bold, plain, Styled, type Text } from './style.js';
import { displayWidth, wrap } from './text.js';

export interface Column {
  readonly title: string;
  /** The column that gives way first when the terminal is narrow. */
  readonly flexible?: boolean;
}

const GAP = 2;
const NARROWEST = 8;

/**
 * Lines of a table. `width` = columns of the terminal, `null` = as wide as it needs to be. What does not fit is broken over several
 * lines, never cut off; where not even that makes it fit, each row becomes a list of its cells.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Text[])[],
  width: number | null,
  coloured: boolean,
): readonly string[] {
  const natural = columns.map(({ title }, index) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(plain(row[index] ?? '')))),
  );
  const widths = width === null ? natural : fit(natural, columns, width);
  if (width !== null && spanOf(widths) > width) return rows.flatMap((row) => listLines(columns, row, width, coloured));
  const rule = widths.map((size) => '─'.repeat(size)).join(' '.repeat(GAP));
  const head = columns.map(({ title }) => bold(title));
  return [...rowLines(head, widths, coloured), rule, ...rows.flatMap((row) => rowLines(row, widths, coloured))];
}

function fit(natural: readonly number[], columns: readonly Column[], width: number): readonly number[] {
  const widths = [...natural];
  let excess = spanOf(widths) - width;
  const order = columns.map((column, index) => ({ index, first: column.flexible === true }));
  for (const { index } of order.filter(({ first }) => first)) excess -= shrink(widths, index, excess);
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (shrink(widths, widest, 1) === 0) break;
    excess -= 1;
  }
  return widths;
}

/** Columns that a row takes. */
function spanOf(widths: readonly number[]): number {
  return widths.reduce((sum, size) => sum + size, 0) + GAP * (widths.length - 1);
}

/** A row as one line a cell, behind its title, and an empty line. */
function listLines(columns: readonly Column[], row: readonly Text[], width: number, coloured: boolean): readonly string[] {
  const indent = Math.max(...columns.map(({ title }) => displayWidth(title))) + GAP;
  // A terminal that has no room beside the titles gets what it can hold.
  const room = Math.max(NARROWEST, width - indent);
  const lines = columns.flatMap(({ title }, index) => rowLines([bold(title), row[index] ?? ''], [indent - GAP, room], coloured));
  return [...lines, ''];
}

function shrink(widths: number[], index: number, by: number): number {
  const size = widths[index] ?? 0;
  const taken = Math.max(0, Math.min(by, size - NARROWEST));
  widths[index] = size - taken;
  return taken;
}

function rowLines(cells: readonly Text[], widths: readonly number[], coloured: boolean): readonly string[] {
  const wrapped = widths.map((size, index) => wrap(plain(cells[index] ?? ''), size));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    widths
      .map((size, index) => {
        const text = wrapped[index]?.[row] ?? '';
        const cell = cells[index];
        const shown = cell instanceof Styled ? cell.render(coloured, text) : text;
        return shown + ' '.repeat(size - displayWidth(text));
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}
