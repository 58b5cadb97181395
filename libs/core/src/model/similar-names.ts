const MAX_SUGGESTIONS = 3;

/**
 * The known names nearest to a typed one, for "Did you mean". Case is ignored.
 * @returns at most three; none when nothing is near
 */
export function similarNames(typed: string, known: Iterable<string>): readonly string[] {
  const wanted = fold(typed);
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(known)) {
    const folded = fold(name);
    const distance = editDistance(wanted, folded);
    const isPart = wanted.length > 1 && folded.includes(wanted);
    if (isPart || distance <= Math.max(2, Math.floor(folded.length / 4))) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near
    .filter(({ distance }) => distance === near[0]?.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** ` Did you mean "a" or "b"?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : ` Did you mean ${names.map((name) => `'${name}'`).join(' or ')}?`;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/\/+$/, '');
}

/** Levenshtein distance: characters to insert, remove, or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
