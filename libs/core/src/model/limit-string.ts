import { InvalidLimitError } from './errors.js';

/** What a limit string says. */
export interface ParsedLimit {
  /** Requests per period; whole, ≥ 0. */
  readonly amount: number;
  /** Length of the period in ms. A month counts 30 days, a year 360. */
  readonly periodMs: number;
  /** The canonical form, e.g. `100/2minutes`. */
  readonly text: string;
}

/** A tier with this in place of a limit is not counted. */
export const UNLIMITED = 'unlimited';

const UNIT_MS: Readonly<Record<string, number>> = Object.freeze({
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
  year: 360 * 86_400_000,
});
const LIMIT = /^(\d{1,15}) ?(?:\/|per) ?(\d{1,5})? ?(second|minute|hour|day|month|year)s?$/;
const MAX_LENGTH = 64;

/**
 * Writes a limit with the largest unit that fits; a period is rounded up to whole seconds.
 * @param periodMs > 0
 */
export function formatLimit(amount: number, periodMs: number): string {
  const seconds = Math.max(1, Math.ceil(periodMs / 1_000));
  for (const unit of ['day', 'hour', 'minute', 'second'] as const) {
    const length = (UNIT_MS[unit] ?? NaN) / 1_000;
    if (seconds % length !== 0) continue;
    return seconds === length ? `${amount}/${unit}` : `${amount}/${seconds / length}${unit}s`;
  }
  return `${amount}/${seconds}seconds`;
}

/**
 * Reads `N/[M]unit` or `N per [M] unit`, in any case, spaces optional (wire contract, §9). Lists (`10/second;100/hour`) and short units
 * (`10/s`) are refused.
 * @throws {InvalidLimitError}
 */
export function parseLimit(limit: string): ParsedLimit {
  const match =
    typeof limit === 'string' && limit.length <= MAX_LENGTH ? LIMIT.exec(limit.trim().toLowerCase().replace(/\s+/g, ' ')) : null;
  if (match === null) throw new InvalidLimitError(String(limit).slice(0, MAX_LENGTH));
  const [, count = '', multiple = '1', unit = ''] = match;
  const amount = Number(count);
  // The grammar's origin reads a multiple of 0 as 1.
  const multiplier = Math.max(1, Number(multiple));
  const text = multiplier === 1 ? `${amount}/${unit}` : `${amount}/${multiplier}${unit}s`;
  return { amount, periodMs: multiplier * (UNIT_MS[unit] ?? NaN), text };
}
