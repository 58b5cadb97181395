const MOST = 3;

/** A line that names what was probably meant, or nothing. */
export function similar(typed: string, known: readonly string[]): readonly string[] {
  const near = known
    .map((name) => ({ name, far: distance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(
      ({ name, far }) => far <= Math.max(2, Math.floor(name.length / 4)) || name.toLowerCase().includes(typed.toLowerCase()),
    )
    .toSorted((a, b) => a.far - b.far);
  const nearest = near.filter(({ far }) => far === near[0]?.far).slice(0, MOST);
  return nearest.length === 0 ? [] : [`Did you mean ${nearest.map(({ name }) => name).join(' or ')}?`];
}

/** Levenshtein's distance: letters to insert, remove or replace. */
function distance(a: string, b: string): number {
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
