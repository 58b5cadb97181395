import type { WireInstant } from './routes.js';

/** A process that follows the control state. */
export interface Instance {
  readonly id: string;
  readonly service: string | null;
  readonly version: string | null;
  /** The last revision it applied. */
  readonly revision: number;
  readonly last_seen: WireInstant;
  readonly stale?: boolean;
}

export interface Instances {
  /** The latest revision there is. */
  readonly revision: number;
  readonly instances: readonly Instance[];
}

export interface ExplainRequest {
  readonly method: string;
  readonly path: string;
  readonly ip?: string;
  readonly user?: string;
  readonly roles?: readonly string[];
}

/** What a request would meet; the steps are for people to read and may grow. */
export interface RequestExplanation {
  readonly allowed: boolean;
  readonly status?: number;
  readonly code?: string | null;
  readonly route?: string | null;
  readonly steps?: readonly Readonly<Record<string, unknown>>[];
  readonly [more: string]: unknown;
}
