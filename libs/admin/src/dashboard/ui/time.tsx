import type { Instant } from '@waygate/core';

const STEPS: readonly (readonly [limit: number, unit: number, name: string])[] = [
  [90, 1, 's'],
  [90 * 60, 60, 'min'],
  [36 * 3_600, 3_600, 'h'],
  [Infinity, 86_400, 'd'],
];

/** How far away a moment is, in a word: `3 min ago`, `in 2 h`. The page's script says the same. */
function relativeTime(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1_000);
  const distance = Math.abs(seconds);
  if (distance < 5) return 'now';
  const [, unit, name] = STEPS.find(([limit]) => distance < limit) ?? [0, 86_400, 'd'];
  const text = `${Math.round(distance / unit)} ${name}`;
  return seconds < 0 ? `${text} ago` : `in ${text}`;
}

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
export function Time({ at, now }: { readonly at: Instant | number; readonly now: number }) {
  const iso = typeof at === 'number' ? new Date(at).toISOString() : at;
  return (
    <time dateTime={iso} title={iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')} data-relative>
      {relativeTime(Date.parse(iso), now)}
    </time>
  );
}
