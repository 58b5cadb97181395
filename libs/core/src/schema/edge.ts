import type * as v from 'valibot';
import { instant, object } from './fields.js';

export const edgeRecord = object({
  /** The latest edge recorded. */
  recordedUntil: instant,
});

/** Up to when the edges in time of one record were recorded. Its key is {@link edgeKey}. */
export interface EdgeRecord extends v.InferOutput<typeof edgeRecord> {}

export function edgeKey(kind: string, key: string): string {
  return `${kind} ${key}`;
}
