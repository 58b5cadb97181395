import type { WireInstant } from './routes.js';

/** A process that follows the server. */
export interface Instance {
  readonly id: string;
  readonly service: string | null;
  readonly version: string | null;
  /** The last revision it is known to have applied. */
  readonly revision: number;
  readonly last_seen: WireInstant;
  readonly connected: boolean;
  /** Not connected: what it decides by may be old. Forgotten after five minutes. */
  readonly stale: boolean;
}

/** Those that the server asked knows; another one on the same store knows its own. */
export interface Instances {
  /** The latest revision there is. */
  readonly revision: number;
  readonly instances: readonly Instance[];
}

export interface Health {
  readonly status: 'starting' | 'ready' | 'stale' | 'state-lost' | 'error' | 'draining' | 'closed';
  /** Why it is not ready. */
  readonly reason: string;
  /** All that is not as it should be. */
  readonly reasons: readonly string[];
  readonly since: WireInstant;
  readonly revision: number;
  readonly environment: string;
  /** The service the server itself is part of. */
  readonly service: string | null;
  /** Open streams. */
  readonly streams: number;
}

export interface ExplainRequest {
  readonly method: string;
  /** As in a request line. */
  readonly path: string;
  /** Whose route it is. Default: the service of the server, else the one service that answers the path. */
  readonly service?: string;
  /** For versions that are not part of the path. */
  readonly version?: string;
  readonly ip?: string;
  readonly user?: string;
  readonly api_key?: string;
  readonly roles?: readonly string[];
  /** What tiers are chosen by, e.g. `{ plan: 'pro' }`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ExplainedBlock {
  readonly kind: 'maintenance' | 'disabled' | 'env_gated' | 'rate_limited';
  readonly scope: 'global' | 'service' | 'route';
  readonly reason: string;
  readonly ends_at: WireInstant | null;
  readonly allowed_envs: readonly string[] | null;
}

/** Answered for itself, whatever the others say. */
export interface ExplainedStep {
  readonly check: 'global_maintenance' | 'service_maintenance' | 'route';
  readonly outcome: 'pass' | 'block';
  /** What lets it pass, or the kind of the block. */
  readonly why: string | null;
  readonly block: ExplainedBlock | null;
}

/** A limit that is asked where no step blocks. */
export interface ExplainedLimit {
  readonly scope: string;
  readonly name: string;
  readonly limit: string;
  readonly algorithm: string;
  readonly key_strategy: string;
  readonly mode: string;
  readonly phase: 'origin' | 'identity';
  /** `refuse` = it has no key to be counted by; `app` = a function of the app decides, which is not called. */
  readonly result: 'count' | 'exempt' | 'refuse' | 'app';
  /** What it is counted by. */
  readonly caller: string | null;
  readonly tier: string | null;
  readonly cost: number;
  /** What is counted now, read without counting; `null` = it cannot be read from there. */
  readonly usage?: {
    readonly used: number;
    /** Burst included. */
    readonly limit: number;
    readonly reset_at: WireInstant;
    /** Whether this request would be refused; in shadow mode it is only recorded. */
    readonly refuses: boolean;
    /** All processes together, or the one that answered. */
    readonly counted_by: 'all' | 'process';
  } | null;
}

/** What would become of a request, and why. */
export interface RequestExplanation {
  /** The most exact route that matches; `null` = none does, and maintenance refuses such requests too. */
  readonly route: string | null;
  readonly service?: string | null;
  /** Routers that take the first route registered may choose one of these. */
  readonly also_matching: readonly string[];
  readonly outcome: 'allow' | 'block';
  readonly block: ExplainedBlock | null;
  readonly deprecated: boolean;
  /** In the order they are asked; the first that blocks decides. */
  readonly steps: readonly ExplainedStep[];
  readonly limits: readonly ExplainedLimit[];
}
