import { ValidationError } from '../model/errors.js';
import type { RateLimitResets } from '../schema/rate-limit.js';

const KEPT_CALLERS = 32;

/** What is to be forgotten after one more reset: of everybody, or of one caller. */
export function afterReset(resets: RateLimitResets, caller: string | undefined): RateLimitResets {
  if (caller === undefined) return { generation: resets.generation + 1, callers: resets.callers };
  if (typeof caller !== 'string' || caller === '' || caller.length > 512)
    throw new ValidationError('caller', 'must be text of 1 to 512 characters');
  const sequence = (resets.callers.at(-1)?.sequence ?? 0) + 1;
  return { generation: resets.generation, callers: [...resets.callers, { caller, sequence }].slice(-KEPT_CALLERS) };
}
