export interface Top {
  readonly name: string;
  readonly count: number;
}

const SHOWN = 6;

/** What occurs most often, most first. */
export function topOf<T>(items: readonly T[], nameOf: (item: T) => string): readonly Top[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, SHOWN);
}
