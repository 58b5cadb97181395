import type { Health } from '@waygate/core';

export function healthMessage({ status, reason, revision }: Health): string {
  if (status === 'ready') return `In step with the backend again, at revision ${revision}`;
  if (status === 'state-lost') return `The store lost state and is not believed, deciding by revision ${revision}: ${reason}`;
  if (status === 'error') return `Still out of touch with the backend, deciding by revision ${revision}: ${reason}`;
  return `Out of touch with the backend, deciding by revision ${revision}: ${reason}`;
}

export const COUNTED_TOGETHER = 'Requests are counted together again';

export function countersMessage(error: Error): string {
  return `Requests cannot be counted together, so each limit's 'onStoreError' holds: ${error.message}`;
}
