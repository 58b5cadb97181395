import type { AuditEntry } from '../schema/audit.js';
import { auditEntry, type Author } from '../model/author.js';
import type { FlagRecord } from '../schema/flag.js';
import { edges, type Edge } from './settle.js';

/** What a flag did by itself up to a moment. */
export interface DueEdges {
  /** The flag as it is by then. */
  readonly flag: FlagRecord;
  /** One entry per edge, oldest first. */
  readonly audit: readonly AuditEntry[];
}

/** Who records what a flag does by itself. */
const SCHEDULER: Author = { actor: 'scheduler', platform: 'scheduler' };

/** @param now epoch ms */
export function dueEdges(flag: FlagRecord, now: number): DueEdges {
  const due = [...edges(flag, now)];
  return { flag: due.at(-1)?.after ?? flag, audit: due.map((edge) => edgeEntry(flag.key, edge, now)) };
}

function edgeEntry(key: string, { what, before, after }: Edge, now: number): AuditEntry {
  const action = before.enabled === after.enabled ? 'flag_updated' : after.enabled ? 'flag_enabled' : 'flag_disabled';
  return auditEntry({ action, kind: 'flag', key, service: null, before, after }, { ...SCHEDULER, reason: what }, now);
}
