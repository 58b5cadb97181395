import type { RecordedAuditEntry } from '@waygate/core';
import type { Principal } from '../admin/surface.js';

/** What code declares is changed in the code; secrets are not kept. */
const LASTING: ReadonlySet<string> = new Set([
  'declare',
  'token_created',
  'token_revoked',
  'rl_reset',
  'global_rl_reset',
  'svc_rl_reset',
]);

/** Whether somebody may take back a change: who may make it. */
export function mayRevert(
  who: Principal,
  { action, kind, service }: Pick<RecordedAuditEntry, 'action' | 'kind' | 'service'>,
): boolean {
  return !LASTING.has(action) && who.has(kind === 'webhook' ? 'admin' : 'operator') && who.covers(service);
}
