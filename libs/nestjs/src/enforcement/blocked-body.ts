import type { LifecycleBlock } from '@waygate/core';
import type { BlockedBody } from './custom-response.js';

/** Status of the built-in answer. A gate answers 403 only where the module was told to admit that the route exists. */
export function blockedStatus(block: LifecycleBlock): number {
  return block.kind === 'env_gated' ? 403 : 503;
}

/**
 * The built-in JSON answer; codes and messages are those of the wire contract, §8.
 * @param path path of the request as it came, without its query
 */
export function blockedBody(block: LifecycleBlock, path: string): BlockedBody {
  const { reason } = block;
  switch (block.kind) {
    case 'maintenance': {
      const error = { code: 'MAINTENANCE_MODE', message: 'This endpoint is temporarily unavailable', reason, path };
      return { error: block.endsAt === null ? error : { ...error, retry_after: new Date(block.endsAt).toISOString() } };
    }
    case 'disabled':
      return { error: { code: 'ROUTE_DISABLED', message: 'This endpoint has been disabled', reason, path } };
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
export function blockedHeaders(block: LifecycleBlock, now: number): readonly (readonly [name: string, value: string])[] {
  const headers: [string, string][] = [['Cache-Control', 'no-store']];
  if (block.kind === 'maintenance' && block.endsAt !== null) {
    headers.push(['Retry-After', String(Math.max(1, Math.ceil((block.endsAt - now) / 1_000)))]);
  }
  return headers;
}
