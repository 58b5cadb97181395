import type { WireInstant } from './routes.js';

/** One commit of the control state. */
export interface Revision {
  readonly revision: number;
  readonly timestamp: WireInstant;
  readonly actor: string;
  readonly platform: string;
  readonly action: string;
  /** The kind of record changed, e.g. `route` or `flag`. */
  readonly kind: string;
  readonly key: string;
  readonly service: string | null;
  readonly reason: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface RecordDifference {
  readonly kind: string;
  readonly key: string;
  /** `null` = it did not exist. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface RevisionDiff {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly RecordDifference[];
}
