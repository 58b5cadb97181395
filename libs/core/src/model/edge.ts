import type { Instant } from './time.js';

/** Up to when the edges in time of one record were recorded. Its key is {@link edgeKey}. */
export interface EdgeRecord {
  /** The latest edge recorded. */
  readonly recordedUntil: Instant;
}

export function edgeKey(kind: string, key: string): string {
  return `${kind} ${key}`;
}
