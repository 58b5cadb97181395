import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { AuditKind } from '../schema/audit.js';

/** What audit entries and webhooks call a record: the `path` of the wire contract, §2. */
export function auditPath(kind: AuditKind, key: string): string {
  switch (kind) {
    case 'route':
    case 'rate-limit':
      return key;
    case 'maintenance':
      return key === GLOBAL_SCOPE ? '__global__' : `__waygate:svc_global:${key}__`;
    case 'limit-scope':
      return key === GLOBAL_SCOPE ? '__global_rl__' : `__waygate:svc_rl:${key}__`;
    case 'state':
      return '__state__';
    default:
      return `${kind}:${key}`;
  }
}
