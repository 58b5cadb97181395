import type { ClauseOperator, JsonValue } from '@waygate/core';

/** Operators that compare texts, whatever they look like. */
const TEXTUAL: ReadonlySet<ClauseOperator> = new Set([
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'matches',
  'not_matches',
  'semver_eq',
  'semver_lt',
  'semver_lte',
  'semver_gt',
  'semver_gte',
  'in_cidr',
  'in_segment',
  'not_in_segment',
]);
const SCALAR = /^(?:true|false|-?\d+(?:\.\d+)?)$/;
/** Quoted text as a whole, or what stands between two commas. */
const PIECE = /\s*"(?:[^"\\]|\\.)*"\s*(?=,|$)|[^,]+/g;

/** Reads values separated by commas: quoted text, numbers, `true` and `false`; everything else is text. */
export function readValues(text: string, operator: ClauseOperator): readonly JsonValue[] {
  return (text.match(PIECE) ?? [])
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
    .map((piece) => readValue(piece, operator));
}

function readValue(piece: string, operator: ClauseOperator): JsonValue {
  if (piece.startsWith('"') && piece.endsWith('"') && piece.length > 1) return JSON.parse(piece) as string;
  return !TEXTUAL.has(operator) && SCALAR.test(piece) ? (JSON.parse(piece) as JsonValue) : piece;
}

/** Writes values so that {@link readValues} reads the same. */
export function writeValues(values: readonly JsonValue[], operator: ClauseOperator): string {
  return values.map((value) => writeValue(value, operator)).join(', ');
}

function writeValue(value: JsonValue, operator: ClauseOperator): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const ambiguous = /[",]|^\s|\s$/.test(value) || value === '' || (!TEXTUAL.has(operator) && SCALAR.test(value));
  return ambiguous ? JSON.stringify(value) : value;
}
