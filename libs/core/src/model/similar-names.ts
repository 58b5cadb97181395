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
    const limit = Math.max(2, Math.floor(folded.length / 4));
    const isPart = wanted.length > 1 && folded.includes(wanted);
    const distance = isPart ? folded.length - wanted.length : editDistance(wanted, folded, limit);
    if (isPart || distance <= limit) near.push({ name, distance });
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

/**
 * Levenshtein distance: characters to insert, remove, or replace. What is further away than `limit` is not measured to its end, so that a
 * mistyped name costs little among 10,000 others.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column += 1) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const cell = Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      current.push(cell);
      least = Math.min(least, cell);
    }
    if (least > limit) return Infinity;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
