import type { Deprecation, Instant, MaintenanceInEffect, WaygateEngine } from '@waygate/core';
import type { RouteEntry } from '../routes/route-registry.js';
import type { DocumentedOperation } from './map-operations.js';

/** What a document says about one operation now. */
export interface OperationState {
  readonly path: string;
  readonly method: string;
  /** `hidden` = nobody gets there: disabled, or gated away. */
  readonly status: 'active' | 'maintenance' | 'hidden';
  readonly reason: string;
  /** End of the maintenance; `null` = unknown. */
  readonly until: Instant | null;
  readonly deprecation: Deprecation | null;
  /** Whether it can be stopped at all. */
  readonly protected: boolean;
  readonly limited: boolean;
}

/** What a document says now, and how long that stays so if nobody changes anything. */
export interface DocsState {
  readonly revision: number;
  readonly maintenance: MaintenanceInEffect | null;
  readonly operations: readonly OperationState[];
  /** Epoch ms: true in `[from, until)`. */
  readonly from: number;
  readonly until: number;
}

/** Reads the state of a document's operations from the engine. */
export function docsState(engine: WaygateEngine, operations: readonly DocumentedOperation[]): DocsState {
  const now = engine.now();
  const maintenance = engine.sync.maintenance.get();
  const edges = [maintenance.nextChange];
  const states = operations.map(({ path, method, entries }) => {
    for (const { handle } of entries) edges.push(engine.effective(handle.key).next?.at ?? null);
    return { path, method, ...stateOf(engine, entries) };
  });
  const upcoming = edges.map((edge) => (edge === null ? Infinity : Date.parse(edge))).filter((edge) => edge > now);
  return {
    revision: engine.revision,
    maintenance: maintenance.current,
    operations: states,
    from: now,
    until: Math.min(Infinity, ...upcoming),
  };
}

/** Routes that share an operation: it is hidden when all are, and in maintenance when no visible one works. */
function stateOf(engine: WaygateEngine, entries: readonly RouteEntry[]): Omit<OperationState, 'path' | 'method'> {
  const decisions = entries.map((entry) => ({ entry, decision: engine.decide(entry.handle) }));
  const isProtected = entries.every(({ handle }) => handle.forceActive);
  const limited = entries.some(({ limits }) => {
    const plan = limits === null ? null : engine.limitPlan(limits);
    return plan !== null && plan.origin.length + plan.identity.length > 0;
  });
  const common = { protected: isProtected, limited, deprecation: commonDeprecation(engine, entries) };
  // What the route alone comes to: a maintenance of everything must not bring a gated route into sight.
  const visible = decisions.filter(({ entry }) => {
    const own = entry.handle.decide(() => engine.now());
    return own.outcome === 'allow' || own.kind === 'maintenance';
  });
  if (visible.length === 0) return { ...common, status: 'hidden', reason: '', until: null };
  for (const { decision } of visible)
    if (decision.outcome === 'allow') return { ...common, status: 'active', reason: '', until: null };
  const [first] = visible.map(({ decision }) => decision);
  const stopped = first?.outcome === 'block' && first.kind === 'maintenance' ? first : null;
  const until = stopped?.endsAt == null ? null : new Date(stopped.endsAt).toISOString();
  return { ...common, status: 'maintenance', reason: stopped?.reason ?? '', until };
}

function commonDeprecation(engine: WaygateEngine, entries: readonly RouteEntry[]): Deprecation | null {
  const deprecations = entries.map(({ handle }) => engine.sync.routes.get(handle.key).deprecation);
  return deprecations.every((deprecation) => deprecation !== null) ? (deprecations[0] ?? null) : null;
}
