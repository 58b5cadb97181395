import type { LifecycleBlock } from './lifecycle-decision.js';

/** One thing that is asked about a request, and the answer to it alone: whether it would stop the request if nothing before did. */
export interface LifecycleStep {
  readonly check: 'global_maintenance' | 'service_maintenance' | 'route';
  readonly block: LifecycleBlock | null;
  /** Why it lets the request through; `null` = it does not. */
  readonly passes: 'off' | 'exempt' | 'force_active' | 'open' | null;
}
