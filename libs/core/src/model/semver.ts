/** A version as it is compared: SemVer 2.0 without build metadata. */
export interface Version {
  /** Major, minor, patch. */
  readonly numbers: readonly [number, number, number];
  /** Identifiers of the pre-release; empty = a release. */
  readonly prerelease: readonly (number | string)[];
}

const VERSION =
  /^\s*v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\s*$/i;
/** Longer texts are no versions that anybody compares. */
const MAX_LENGTH = 256;

/**
 * Reads SemVer 2.0, and two things people write: a leading `v`, and missing minor or patch numbers (they count as 0).
 * @returns `null` for anything else
 */
export function parseVersion(text: string): Version | null {
  if (text.length > MAX_LENGTH) return null;
  const match = VERSION.exec(text);
  if (match === null) return null;
  const [, major, minor = '0', patch = '0', pre] = match;
  const prerelease = pre === undefined ? [] : pre.split('.').map(readIdentifier);
  if (prerelease.includes(NaN)) return null;
  return { numbers: [Number(major), Number(minor), Number(patch)], prerelease };
}

/** Precedence after SemVer 2.0, §11: negative = `a` comes before `b`. */
export function compareVersions(a: Version, b: Version): number {
  for (const part of [0, 1, 2] as const) {
    const difference = a.numbers[part] - b.numbers[part];
    if (difference !== 0) return difference;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length;
  const shared = Math.min(a.prerelease.length, b.prerelease.length);
  for (let i = 0; i < shared; i++) {
    const difference = compareIdentifiers(a.prerelease[i] ?? 0, b.prerelease[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.prerelease.length - b.prerelease.length;
}

/** `NaN` = a number with a leading zero, which SemVer does not allow. */
function readIdentifier(identifier: string): number | string {
  if (!/^\d+$/.test(identifier)) return identifier;
  return identifier.length > 1 && identifier.startsWith('0') ? NaN : Number(identifier);
}

/** Numbers come before words. */
function compareIdentifiers(a: number | string, b: number | string): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  if (typeof b === 'number') return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
