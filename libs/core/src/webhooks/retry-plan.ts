/** Upper bounds of the waits between attempts, in ms: 11 attempts over at most a day. */
export const RETRY_DELAYS: readonly number[] = [
  5_000,
  30_000,
  2 * 60_000,
  10 * 60_000,
  30 * 60_000,
  3_600_000,
  2 * 3_600_000,
  4 * 3_600_000,
  8 * 3_600_000,
  8 * 3_600_000,
];

/** No receiver can put off an attempt for longer, in ms. */
const MAX_RETRY_AFTER = 24 * 3_600_000;

/**
 * How long to wait after a failed attempt: a random part of the plan's bound, at least a tenth of it, and never less than the receiver
 * asked for.
 *
 * @param attempts how many were made
 * @param retryAfter ms the receiver asked to wait; `null` = it did not
 * @param random in [0, 1)
 * @returns ms; `null` = that was the last attempt
 */
export function retryDelay(
  attempts: number,
  delays: readonly number[],
  retryAfter: number | null,
  random: number,
): number | null {
  const bound = delays[attempts - 1];
  if (bound === undefined) return null;
  const planned = bound * (0.1 + 0.9 * random);
  if (retryAfter === null || retryAfter <= planned) return planned;
  // A little later than asked for, each at another moment.
  return Math.min(retryAfter, MAX_RETRY_AFTER) + Math.min(planned, 5_000);
}

/**
 * Reads a `Retry-After` header (RFC 9110, §10.2.3): seconds, or an HTTP-date.
 * @param now epoch ms
 * @returns ms to wait, ≥ 0; `null` = there is none, or it cannot be read
 */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Only the forms of RFC 9110, §5.6.7: `Date.parse` alone would read almost anything.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .* ?\d/.test(text)) return null;
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
