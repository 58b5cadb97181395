import type { ComponentChildren } from 'preact';

/** The head of a column. */
export type Column = string | { readonly text: ComponentChildren; readonly class?: string; readonly title?: string };

/** The column of what can be done with each row; its head is only for those who hear it. */
export const ACTIONS: Column = { text: <span class="visually-hidden">Actions</span>, class: 'cell-actions' };

/** A column of numbers. */
export function numeric(text: string): Column {
  return { text, class: 'num' };
}

interface DataTableProps {
  /** What it lists, for those who hear it. */
  readonly label: string;
  /** Empty = the rows speak for themselves. */
  readonly columns?: readonly Column[];
  readonly class?: string;
  /** Its rows. */
  readonly children: ComponentChildren;
}

/** A table that scrolls by itself where the window is too narrow, by keyboard too. */
export function DataTable({ label, columns = [], class: className = '', children }: DataTableProps) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={`table ${className}`.trim()}>
        {columns.length === 0 ? null : (
          <thead>
            <tr>
              {columns.map((column, index) =>
                typeof column === 'string' ? (
                  <th key={index}>{column}</th>
                ) : (
                  <th key={index} class={column.class} title={column.title}>
                    {column.text}
                  </th>
                ),
              )}
            </tr>
          </thead>
        )}
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
