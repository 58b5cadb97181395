import type { RouteStatus, WireInstant } from './routes.js';

export interface AuditEntry {
  readonly id: string;
  readonly timestamp: WireInstant;
  /** Route key, or `__global__`, `flag:k`, `segment:k`, … */
  readonly path: string;
  readonly service: string | null;
  readonly action: string;
  readonly actor: string;
  /** What an SDK says and the server cannot verify. Absent: everything was set by the server. */
  readonly claimed?: { readonly actor: string; readonly platform: string; readonly timestamp: string };
  readonly platform: string;
  readonly reason: string;
  readonly previous_status: RouteStatus | null;
  readonly new_status: RouteStatus | null;
  /** Other servers of this protocol do not send it. */
  readonly revision?: number;
}

export interface AuditQuery {
  readonly route?: string;
  readonly service?: string;
  readonly actor?: string;
  readonly action?: string;
  /** Inclusive. */
  readonly since?: WireInstant;
  /** Exclusive. */
  readonly until?: WireInstant;
  /** Default 50, at most 1000; newest first. */
  readonly limit?: number;
  /** Where a page before this one ended. */
  readonly cursor?: string;
}

/** What is written out, and how. */
export interface AuditExportOptions extends Omit<AuditQuery, 'limit' | 'cursor'> {
  /** JSON lines, each an {@link AuditEntry}, or CSV (RFC 4180). Default `jsonl`. */
  readonly format?: 'jsonl' | 'csv';
  /** Ends the export; what waits for it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}
