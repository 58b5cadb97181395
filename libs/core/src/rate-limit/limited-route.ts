import type { RateLimitInput } from '../schema/rate-limit.js';
import type { CompiledLimit, LimitCode } from './compiled-limit.js';
import type { RateLimitPolicy } from '../schema/rate-limit.js';

/** A limit as the code declares it on a route: plain data, and what stays in this process. */
export interface RateLimitDeclaration extends RateLimitInput, LimitCode {
  /** Default `decorator`. */
  readonly origin?: 'decorator' | 'throttler';
}

/** The limits that hold for a route now, outer ones first, by the phase in which they can be decided. */
export interface LimitPlan {
  readonly origin: readonly CompiledLimit[];
  readonly identity: readonly CompiledLimit[];
  /** Epoch ms at which an override runs out, and the plan must be made anew. */
  readonly holdsUntil: number;
}

/** A route of this process as limits see it. The guard keeps one for each handler. */
export class LimitedRoute {
  /** Made when first needed, dropped when something it was made from changes. */
  plan: LimitPlan | null = null;

  constructor(
    readonly key: string,
    readonly service: string | null,
    /** The key without the service, and the bare path: what exemption lists name. */
    readonly localKey: string,
    readonly path: string,
    readonly declared: readonly RateLimitPolicy[],
    /** By name of the policy. */
    readonly code: ReadonlyMap<string, LimitCode>,
  ) {}
}
