import type { RateLimitedBlock } from '@waygate/core';
import type { Block, BlockedBody } from './custom-response.js';

/** Status of the built-in answer. A gate answers 403 only where the module was told to admit that the route exists. */
export function blockedStatus(block: Block): number {
  if (block.kind === 'rate_limited') return 429;
  if (block.kind === 'flag') return 404;
  return block.kind === 'env_gated' ? 403 : 503;
}

/**
 * The built-in JSON answer; codes and messages are those of the wire contract, §8.
 * @param path path of the request as it came, without its query
 * @param now epoch ms
 */
export function blockedBody(block: Block, path: string, now: number): BlockedBody {
  const { reason } = block;
  switch (block.kind) {
    case 'maintenance': {
      const error = { code: 'MAINTENANCE_MODE', message: 'This endpoint is temporarily unavailable', reason, path };
      return { error: block.endsAt === null ? error : { ...error, retry_after: new Date(block.endsAt).toISOString() } };
    }
    case 'disabled':
      return { error: { code: 'ROUTE_DISABLED', message: 'This endpoint has been disabled', reason, path } };
    case 'rate_limited':
      return {
        error: {
          code: 'RATE_LIMIT_EXCEEDED',
          message: 'Too many requests',
          reason,
          path,
          limit: block.limit,
          retry_after_seconds: retryAfterSeconds(block, now),
          reset_at: new Date(block.resetAt).toISOString(),
        },
      };
    case 'flag':
      return { error: { code: 'NOT_FOUND', message: 'There is no such endpoint', reason: '', path } };
    case 'env_gated':
      return {
        error: {
          code: 'ENV_GATED',
          message: 'This endpoint is not available in the current environment',
          reason,
          path,
          current_env: block.environment,
          allowed_envs: block.allowed,
        },
      };
  }
}

/** Headers of every blocked answer: it must not be cached, and says when to come back where that is known (RFC 9110 §10.2.3). */
export function blockedHeaders(block: Block, now: number): readonly (readonly [name: string, value: string])[] {
  const headers: [string, string][] = [['Cache-Control', 'no-store']];
  if (block.kind === 'rate_limited') headers.push(['Retry-After', String(retryAfterSeconds(block, now))]);
  else if (block.kind === 'maintenance' && block.endsAt !== null)
    headers.push(['Retry-After', String(wholeSeconds(block.endsAt - now))]);
  return headers;
}

/** When it makes sense to come back. A limit of nothing never lets anybody in; its period says as much as can be said. */
function retryAfterSeconds({ retryAfterMs, resetAt }: RateLimitedBlock, now: number): number {
  return wholeSeconds(Number.isFinite(retryAfterMs) ? retryAfterMs : resetAt - now);
}

/** Rounded up: who comes back on the dot must not come too early. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
