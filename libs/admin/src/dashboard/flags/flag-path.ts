import { encodePathKey } from '../admin/surface.js';

/** The page of a flag, below the mount. */
export function flagPath(key: string): string {
  return `flags/${encodePathKey(key)}`;
}
