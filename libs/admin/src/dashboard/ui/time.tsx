import type { Instant } from '@waygate/core';
import { useView } from './view.js';
import { relativeTime } from './relative-time.js';

const UNITS: readonly (readonly [unit: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** How long something lasts, exactly: in the largest unit of which it is a multiple, e.g. `90 min`, `36 h`, `1 d`. */
export function lengthOfTime(seconds: number): string {
  const [unit, name] = UNITS.find(([each]) => seconds % each === 0) ?? [1, 's'];
  return `${seconds / unit} ${name}`;
}

/** A moment, near or far; the exact one is told on hover, in UTC and, by the page's script, in the viewer's zone. */
export function Time({ at }: { readonly at: Instant | number }) {
  const { now } = useView();
  const iso = typeof at === 'number' ? new Date(at).toISOString() : at;
  return (
    <time dateTime={iso} title={iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')} data-relative>
      {relativeTime(Date.parse(iso), now)}
    </time>
  );
}
