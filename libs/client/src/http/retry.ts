import { NoAnswerError, RateLimitedError, ServerError, TimeoutError, TlsError } from './errors.js';

export interface RetryPolicy {
  /** Attempts after the first. Default 2. */
  readonly retries: number;
  /** Milliseconds before the first repetition, doubled for each further one; a random part of it is waited. Default 100. */
  readonly baseMs: number;
  /** No wait is longer, not even one the server asks for: such a request fails instead. Default 5000. */
  readonly maxMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { retries: 2, baseMs: 100, maxMs: 5000 };

/** Methods of this API that may run twice without harm (RFC 9110, §9.2.2). DELETE is not among them: the second answers 404. */
const REPEATABLE = new Set(['GET', 'HEAD', 'PUT']);

/**
 * Whether, and after how many milliseconds, a failed request is sent again; `null` = never. What certainly never reached the server is
 * always safe; what may have is repeated only for methods that can run twice.
 */
export function retryDelay(
  error: unknown,
  method: string,
  attempt: number,
  policy: RetryPolicy,
  random: () => number = Math.random,
): number | null {
  if (attempt >= policy.retries || !worthIt(error, method)) return null;
  if (error instanceof RateLimitedError && error.retryAfter !== null) {
    const wait = error.retryAfter * 1000;
    return wait <= policy.maxMs ? wait : null;
  }
  return random() * Math.min(policy.maxMs, policy.baseMs * 2 ** attempt);
}

function worthIt(error: unknown, method: string): boolean {
  if (error instanceof TlsError || error instanceof TimeoutError) return false;
  if (error instanceof NoAnswerError) return error.neverSent || REPEATABLE.has(method);
  if (error instanceof RateLimitedError) return true;
  if (error instanceof ServerError) return REPEATABLE.has(method) && [502, 503, 504].includes(error.status);
  return false;
}
