import type { Deprecation } from '../schema/route.js';

/** The request may go on. */
export interface Allowed {
  readonly outcome: 'allow';
  /** Set when the route is deprecated, and the answer should say so. */
  readonly deprecation: Deprecation | null;
}

/** The route, its service or everything is in maintenance. */
export interface MaintenanceBlock {
  readonly outcome: 'block';
  readonly kind: 'maintenance';
  readonly scope: 'global' | 'service' | 'route';
  readonly reason: string;
  /** Epoch ms at which it ends; `null` = unknown. */
  readonly endsAt: number | null;
}

/** The route was switched off. */
export interface DisabledBlock {
  readonly outcome: 'block';
  readonly kind: 'disabled';
  readonly reason: string;
}

/** The route does not exist in this environment. */
export interface EnvGatedBlock {
  readonly outcome: 'block';
  readonly kind: 'env_gated';
  readonly reason: string;
  readonly environment: string;
  readonly allowed: readonly string[];
}

export type LifecycleBlock = MaintenanceBlock | DisabledBlock | EnvGatedBlock;
export type LifecycleDecision = Allowed | LifecycleBlock;

export const ALLOWED: Allowed = Object.freeze({ outcome: 'allow', deprecation: null });
