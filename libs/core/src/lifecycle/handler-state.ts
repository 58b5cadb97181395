import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { RouteRecord, RouteStatus } from '../schema/route.js';
import type { Instant } from '../model/time.js';
import type { Snapshot } from '../state/snapshot.js';
import { CompiledMaintenance } from './compiled-maintenance.js';
import { effectiveRoute } from './effective.js';
import { decisionFor, RouteHandle } from './route-handle.js';

/** What applies to a handler at an instant. */
export interface HandlerState {
  readonly status: RouteStatus;
  /** Which check stops its requests; `null` = none. */
  readonly blockedBy: 'global_maintenance' | 'service_maintenance' | 'route' | null;
  readonly reason: string;
  /** When that ends; `null` = not planned. */
  readonly until: Instant | null;
}

/** Computes the states of handlers at one instant of one snapshot: global maintenance, then the service's, then the handler itself. */
export class HandlerStates {
  readonly #maintenance = new Map<string, CompiledMaintenance | null>();

  constructor(
    private readonly snapshot: Snapshot,
    private readonly environment: string,
    private readonly now: number,
  ) {}

  of(key: string, { declared, override }: RouteRecord): HandlerState {
    const handle = new RouteHandle(key, declared, this.environment);
    return (
      this.#under(GLOBAL_SCOPE, handle) ??
      (handle.service === null ? null : this.#under(handle.service, handle)) ??
      this.#alone({ declared, override })
    );
  }

  #under(scope: string, handle: RouteHandle): HandlerState | null {
    const block = this.#compiled(scope)?.blockFor(handle, () => this.now) ?? null;
    if (block === null) return null;
    const until = block.endsAt === null ? null : new Date(block.endsAt).toISOString();
    const blockedBy = scope === GLOBAL_SCOPE ? 'global_maintenance' : 'service_maintenance';
    return { status: 'maintenance', blockedBy, reason: block.reason, until };
  }

  #alone(record: Pick<RouteRecord, 'declared' | 'override'>): HandlerState {
    const effective = effectiveRoute(record, this.now);
    const { status, reason, until } = effective;
    const isBlocked = decisionFor(effective, this.environment).outcome === 'block';
    return { status, blockedBy: isBlocked ? 'route' : null, reason, until };
  }

  #compiled(scope: string): CompiledMaintenance | null {
    let compiled = this.#maintenance.get(scope);
    if (compiled === undefined) {
      const record = this.snapshot.get('maintenance', scope)?.value;
      compiled = CompiledMaintenance.from(record, scope === GLOBAL_SCOPE ? 'global' : 'service');
      this.#maintenance.set(scope, compiled);
    }
    return compiled;
  }
}
