import type { ComponentChildren } from 'preact';
import type { Instant } from '@waygate/core';
import { Time } from './time.js';

/** A column: its head, and what it shows of each row. */
interface Column<T> {
  readonly head: ComponentChildren;
  readonly cell: (row: T) => ComponentChildren;
  /** Of head and cells. */
  readonly class?: string;
  /** Of cells only. */
  readonly cellClass?: string;
  /** Explains the head on hover. */
  readonly title?: string;
  /** Says what a value is on narrow screens, which show no heads. */
  readonly label?: string;
}

type ColumnOptions<T> = Omit<Column<T>, 'head' | 'cell'>;

interface Columns<T> {
  readonly column: (head: ComponentChildren, cell: Column<T>['cell'], options?: ColumnOptions<T>) => Column<T>;
  /** A column of numbers. */
  readonly numbers: (head: string, cell: Column<T>['cell']) => Column<T>;
  /** A column of moments. @param none what is shown in place of one that is `null` */
  readonly times: (head: string, at: (row: T) => Instant | number | null, none?: string) => Column<T>;
  /** The column of what can be done with each row; its head is only for screen readers. */
  readonly actions: (cell: Column<T>['cell']) => Column<T>;
}

/** Makes columns of a table whose rows are of one type. */
export function columnsOf<T>(): Columns<T> {
  return {
    column: (head, cell, options = {}) => ({ head, cell, ...options }),
    numbers: (head, cell) => ({ head, cell, class: 'num', label: head.toLowerCase() }),
    times: (head, at, none = 'never') => ({ head, cellClass: 'nowrap', cell: (row) => <TimeOr at={at(row)} none={none} /> }),
    actions: (cell) => ({ head: <span class="visually-hidden">Actions</span>, cell, class: 'cell-actions' }),
  };
}

function TimeOr({ at, none }: { readonly at: Instant | number | null; readonly none: string }) {
  return at === null ? <Faint>{none}</Faint> : <Time at={at} />;
}

export function Faint({ children }: { readonly children: ComponentChildren }) {
  return <span class="faint">{children}</span>;
}

interface DataTableProps<T> {
  /** What it lists, for screen readers. */
  readonly label: string;
  /** `null` = not for this viewer. */
  readonly columns: readonly (Column<T> | null)[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** Stands in its place while there are no rows. */
  readonly empty?: ComponentChildren;
  readonly class?: string;
  /** Without heads where the rows speak for themselves. */
  readonly headless?: boolean;
}

/** A table that scrolls by itself where the window is too narrow, by keyboard too. */
export function DataTable<T>({ label, rows, keyOf, empty, class: name = '', headless = false, ...props }: DataTableProps<T>) {
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  const columns = props.columns.filter((each) => each !== null);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={`table ${name}`.trim()}>
        {headless ? null : (
          <thead>
            <tr>
              {columns.map((each, index) => (
                <th key={index} class={each.class} title={each.title}>
                  {each.head}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} data-key={keyOf(row)}>
              {columns.map((each, index) => (
                <td key={index} class={each.cellClass ?? each.class} data-label={each.label}>
                  {each.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
