import { ValidationError } from './errors.js';
import { instantMs, toDuration, toInstant, type DurationInput, type Instant, type InstantInput } from './time.js';

/** How long something that was set holds; both missing = until it is changed or cleared. At most one of the two. */
export interface Expiry {
  readonly expiresIn?: DurationInput;
  readonly expiresAt?: InstantInput;
}

/**
 * The moment at which it ends; `null` = not by itself.
 * @param now epoch ms
 * @throws {ValidationError} for both at once, something that cannot be read, or a moment that is over
 */
export function readExpiry({ expiresIn, expiresAt }: Expiry, now: number): Instant | null {
  if (expiresIn !== undefined && expiresAt !== undefined)
    throw new ValidationError('expiresIn', "give either 'expiresIn' or 'expiresAt', not both");
  if (expiresIn !== undefined) return toInstant(now + toDuration(expiresIn, 'expiresIn'), 'expiresIn');
  if (expiresAt === undefined) return null;
  const at = toInstant(expiresAt, 'expiresAt');
  if (instantMs(at) <= now) throw new ValidationError('expiresAt', `${at} is over already`);
  return at;
}
