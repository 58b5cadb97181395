/** Strokes on a grid of 16, drawn for this dashboard. */
const PATHS = {
  pulse: 'M1.5 8.5h3l2-5 3 9 2-4h3',
  route: 'M4 13.5v-3a2.5 2.5 0 0 1 2.5-2.5h3A2.5 2.5 0 0 0 12 5.5v-3M9.5 4.5 12 2l2.5 2.5M2 13.5h4',
  gauge: 'M2.5 12.5a6.5 6.5 0 1 1 11 0M8 10l3-4',
  shield: 'M8 1.8 13 4v3.8c0 3-2 5.2-5 6.4-3-1.2-5-3.4-5-6.4V4zM6 6.2l4 4M10 6.2l-4 4',
  flag: 'M3.5 14.5v-12M3.5 3h8.2l-1.7 3 1.7 3H3.5',
  people:
    'M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM1.5 13.5c.3-2.6 2-4 4.5-4s4.2 1.4 4.5 4M10.8 3.2a2.2 2.2 0 0 1 0 4.1M12 9.8c1.5.6 2.3 1.8 2.5 3.7',
  flask: 'M6.2 1.8h3.6M6.8 1.8v4.4L2.8 12.5c-.5 1 .1 1.9 1.2 1.9h8c1.1 0 1.7-.9 1.2-1.9L9.2 6.2V1.8M4.7 10h6.6',
  history: 'M2.3 8a5.7 5.7 0 1 1 1.7 4.1M2 11v-3h3M8 4.8V8l2.3 1.5',
  hook: 'M10.5 2.5v7a3.5 3.5 0 0 1-7 0v-1l2 1.5M10.5 4.5h2v-2h-4v2z',
  stack: 'M8 1.8 14.2 5 8 8.2 1.8 5zM2 8l6 3.1L14 8M2 11l6 3.1 6-3.1',
  cog: 'M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM8 1.7v1.9M8 12.4v1.9M1.7 8h1.9M12.4 8h1.9M3.5 3.5l1.4 1.4M11.1 11.1l1.4 1.4M12.5 3.5l-1.4 1.4M4.9 11.1l-1.4 1.4',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14',
  menu: 'M2 4h12M2 8h12M2 12h12',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.2v1.5M8 13.3v1.5M1.2 8h1.5M13.3 8h1.5M3.2 3.2l1 1M11.8 11.8l1 1M12.8 3.2l-1 1M4.2 11.8l-1 1',
  out: 'M6 2.5H3.5v11H6M6.5 8H14M11 5l3 3-3 3',
  plus: 'M8 3v10M3 8h10',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  grip: 'M6 3.5h.01M10 3.5h.01M6 8h.01M10 8h.01M6 12.5h.01M10 12.5h.01',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  right: 'M6 3.5 10.5 8 6 12.5',
  clock: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 4.5V8l2.5 1.5',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it means stands beside it as text, or as the label of its control. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function BrandMark({ size }: { readonly size: number }) {
  return (
    <svg class="brand-mark" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d="M3 17V7a7 7 0 0 1 14 0v10" />
      <path d="M8 17V8.5a2 2 0 0 1 4 0V17" />
    </svg>
  );
}
