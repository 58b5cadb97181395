import type { ComponentChildren } from 'preact';

interface DataTableProps {
  /** What it lists, for those who hear it. */
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A table that scrolls by itself where the window is too narrow, by keyboard too. */
export function DataTable({ label, class: className = '', children }: DataTableProps) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={`table ${className}`.trim()}>{children}</table>
    </div>
  );
}
