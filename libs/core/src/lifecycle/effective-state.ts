import type { Instant } from '../model/time.js';
import type { RouteStatus } from '../schema/route.js';
import type { CompiledMaintenance } from './compiled-maintenance.js';
import type { LifecycleDecision } from './lifecycle-decision.js';
import type { RouteHandle } from './route-handle.js';
import { maintenanceSince, routeSince } from './since.js';

/** The check that refuses a handler's requests. */
export type BlockedBy = 'global' | 'service' | 'route' | 'environment';

/** What applies to a handler in one span of time. */
interface Answer {
  /**
   * What a request gets: `maintenance`, `disabled`, and `env_gated` with a `blockedBy` are refused, everything else is answered.
   * `env_gated` without a `blockedBy` = the handler is limited to environments, and this process runs in one of them.
   */
  readonly status: RouteStatus;
  /** Which check refuses its requests; `null` = none. */
  readonly blockedBy: BlockedBy | null;
  /** Why it is in this state; empty = no reason given. */
  readonly reason: string;
}

/**
 * What applies to a handler now: global maintenance, then its service's, then its environment gate, then its override or declaration.
 * The guard decides by the same function, so this is what a request gets.
 */
export interface EffectiveState extends Answer {
  /** The handler's record key, e.g. `shop:GET:/payments`. */
  readonly key: string;
  /** When this state began; `null` = unknown, e.g. because the code declares it. */
  readonly since: Instant | null;
  /** When this state ends on its own; `null` = when it is changed. */
  readonly until: Instant | null;
  /** Whether the code or an operator decided it. */
  readonly source: 'declared' | 'override';
  /** The operator who decided it; `null` = the code did. */
  readonly setBy: string | null;
  /** What the state changes to next on its own; `null` = nothing is scheduled. */
  readonly next: (Answer & { readonly at: Instant }) | null;
}

/** The maintenance switches that concern a handler; `null` = off. */
export interface MaintenanceOver {
  readonly global: CompiledMaintenance | null;
  readonly service: CompiledMaintenance | null;
}

/** The decision about a request: the first check that blocks, else what the handler says. */
export function decide(route: RouteHandle, { global, service }: MaintenanceOver, clock: () => number): LifecycleDecision {
  return global?.blockFor(route, clock) ?? service?.blockFor(route, clock) ?? route.decide(clock);
}

/** The state of a handler at `now` (epoch ms): the outcome of {@link decide}, and where it comes from. */
export function effectiveState(route: RouteHandle, over: MaintenanceOver, now: number): EffectiveState {
  return { key: route.key, ...stateAt(route, over, now), next: nextOf(route, over, now) };
}

type StateAt = Omit<EffectiveState, 'key' | 'next'>;

function stateAt(route: RouteHandle, over: MaintenanceOver, now: number): StateAt {
  const clock = () => now;
  const decision = decide(route, over, clock);
  if (decision.outcome === 'block' && decision.kind === 'maintenance' && decision.scope !== 'route') {
    const maintenance = decision.scope === 'global' ? over.global : over.service;
    const record = maintenance?.inForce(clock) ?? null;
    return {
      status: 'maintenance',
      blockedBy: decision.scope,
      reason: decision.reason,
      since: record === null ? null : maintenanceSince(record, now),
      until: decision.endsAt === null ? null : new Date(decision.endsAt).toISOString(),
      source: 'override',
      setBy: record?.setBy ?? null,
    };
  }
  return ofRoute(route, decision, now);
}

function ofRoute(route: RouteHandle, decision: LifecycleDecision, now: number): StateAt {
  const effective = route.effective(now);
  const { reason, until, source, inForce } = effective;
  const gated = decision.outcome === 'block' && decision.kind === 'env_gated';
  return {
    status: gated ? 'env_gated' : effective.status,
    blockedBy: decision.outcome === 'allow' ? null : gated ? 'environment' : 'route',
    reason,
    since: routeSince(effective, route.declared, now),
    until,
    source,
    setBy: inForce?.setBy ?? null,
  };
}

/** A recurring window under an indefinite maintenance opens without end and changes nothing: stop looking after this many edges. */
const MAX_EDGES = 16;

/** The next instant at which a request gets another answer. */
function nextOf(route: RouteHandle, over: MaintenanceOver, now: number): EffectiveState['next'] {
  let at = nextEdge(route, over, now);
  if (at === Infinity) return null;
  const current = stateAt(route, over, now);
  for (let edges = 0; at !== Infinity && edges < MAX_EDGES; edges++) {
    const { status, blockedBy, reason } = stateAt(route, over, at);
    if (status !== current.status || blockedBy !== current.blockedBy || reason !== current.reason)
      return { at: new Date(at).toISOString(), status, blockedBy, reason };
    at = nextEdge(route, over, at);
  }
  return null;
}

/** The first instant after `now` at which a window opens or closes, epoch ms. */
function nextEdge(route: RouteHandle, { global, service }: MaintenanceOver, now: number): number {
  return Math.min(
    route.effective(now).holdsUntil,
    global?.holdsUntil(() => now) ?? Infinity,
    service?.holdsUntil(() => now) ?? Infinity,
  );
}
