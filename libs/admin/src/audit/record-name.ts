import { auditPath, GLOBAL_SCOPE, type RecordedAuditEntry } from '@waygate/core';

type Named = Pick<RecordedAuditEntry, 'kind' | 'key'>;

const EVERYTHING = 'everything';
const SERVICE = 'service ';

/** What people call a record: as the wire does, but for the switches and limits of scopes. */
export function recordName({ kind, key }: Named): string {
  if (!isOfScope(kind)) return auditPath(kind, key);
  return key === GLOBAL_SCOPE ? EVERYTHING : SERVICE + key;
}

/** Records that a text names; several kinds of them share keys. */
export interface NamedRecords {
  readonly key: string;
  readonly has: (record: Named) => boolean;
}

/** @param text a path as it stands on the wire, or a name as {@link recordName} gives it */
export function recordsNamed(text: string): NamedRecords {
  const scope = text === EVERYTHING ? GLOBAL_SCOPE : text.startsWith(SERVICE) ? text.slice(SERVICE.length) : null;
  if (scope !== null) return { key: scope, has: ({ kind }) => isOfScope(kind) };
  return { key: keyOfPath(text), has: ({ kind, key }) => auditPath(kind, key) === text };
}

function isOfScope(kind: Named['kind']): boolean {
  return kind === 'maintenance' || kind === 'limit-scope';
}

function keyOfPath(path: string): string {
  if (path === '__global__' || path === '__state__' || path === '__global_rl__') return GLOBAL_SCOPE;
  const service = /^__waygate:svc_(?:global|rl):(.+)__$/.exec(path)?.[1];
  if (service !== undefined) return service;
  return /^(?:flag|segment|webhook|webhook-delivery|token|revocation|edge):([^/]*)$/.exec(path)?.[1] ?? path;
}
