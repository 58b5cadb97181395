import type { Health } from '@waygate/core';

export const COUNTS_ALONE =
  'Each replica counts requests for rate limits alone: with n replicas a limit lets up to n times as much through. ' +
  "Give 'counterStore: new RedisCounterStore(...)' to share the counts.";

export function healthMessage({ status, reason, revision }: Health): string {
  if (status === 'ready') return `In step with the server at revision ${revision}`;
  if (status === 'error') return `Still out of touch with the server, deciding by revision ${revision}: ${reason}`;
  return `Out of touch with the server, deciding by revision ${revision}: ${reason}`;
}
