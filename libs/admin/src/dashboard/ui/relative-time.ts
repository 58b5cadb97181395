const STEPS: readonly (readonly [limit: number, unit: number, name: string])[] = [
  [90, 1, 's'],
  [90 * 60, 60, 'min'],
  [36 * 3_600, 3_600, 'h'],
  [Infinity, 86_400, 'd'],
];

/** How far away a moment is, in a word: `3 min ago`, `in 2 h`. Used by the server and by the page's script. Both in epoch ms. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1_000);
  const distance = Math.abs(seconds);
  if (distance < 5) return 'now';
  const [, unit, name] = STEPS.find(([limit]) => distance < limit) ?? [0, 86_400, 'd'];
  const text = `${Math.round(distance / unit)} ${name}`;
  return seconds < 0 ? `${text} ago` : `in ${text}`;
}
