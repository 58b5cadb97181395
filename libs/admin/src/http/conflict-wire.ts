import type { ChangeConflict } from '@waygate/core';
import { wireTime } from './wire-time.js';

/** A change that expected another revision, as it is answered. */
export function conflictWire({ last, ...conflict }: ChangeConflict): object {
  if (last === null) return { ...conflict, last };
  const { revision, action, actor, at } = last;
  return { ...conflict, last: { revision, action, actor, timestamp: wireTime(at) } };
}
