import { GLOBAL_SCOPE, type MaintenanceRecord } from '../schema/maintenance.js';
import { formatRouteKey, parseRouteKey } from '../model/route-key.js';
import type { DeclaredRoute, RouteOverride } from '../schema/route.js';
import type { Clock } from '../model/time.js';
import type { StateChange } from '../state/control-state.js';
import { Snapshot } from '../state/snapshot.js';
import { CompiledMaintenance } from './compiled-maintenance.js';
import type { LifecycleDecision, MaintenanceBlock } from './decision.js';
import type { LifecycleStep } from './explain.js';
import { RouteHandle } from './route-handle.js';

/** Everything the lifecycle decision reads, compiled from the snapshot. A change recompiles what it touched and nothing else. */
export class LifecycleTable {
  readonly #handles = new Map<string, RouteHandle>();
  #snapshot = Snapshot.EMPTY;
  #global: CompiledMaintenance | null = null;
  readonly #services = new Map<string, CompiledMaintenance>();

  /**
   * @param service the service of this process; its keys stand behind that name
   * @param warn told of records that nobody can decide by
   */
  constructor(
    private readonly service: string | null,
    private readonly environment: string,
    private readonly clock: Clock,
    private readonly warn: (what: string, error: unknown) => void = () => undefined,
  ) {}

  /** The record key of a key written in this process: a key that names no service belongs to the own one. */
  qualify(key: string): string {
    if (this.service === null) return key;
    const parts = parseRouteKey(key);
    return parts.service === null ? formatRouteKey({ ...parts, service: this.service }) : key;
  }

  /**
   * Puts what the code declares about a route into force in this process, whatever the store says about older code.
   * @returns the handle to decide with; the same for the same key
   */
  declare(recordKey: string, declared: DeclaredRoute): RouteHandle {
    let handle = this.#handles.get(recordKey);
    if (handle === undefined) {
      handle = new RouteHandle(recordKey, declared, this.environment);
      this.#handles.set(recordKey, handle);
    }
    handle.update(declared, this.#snapshot.get('route', recordKey)?.value.override ?? null);
    return handle;
  }

  isDeclared(recordKey: string): boolean {
    return this.#handles.has(recordKey);
  }

  /** Routes declared in this process. */
  handles(): IterableIterator<RouteHandle> {
    return this.#handles.values();
  }

  /** @returns the handle of a declared route, or a passing one for a route only the store knows; `undefined` = unknown */
  find(recordKey: string): RouteHandle | undefined {
    const declared = this.#handles.get(recordKey);
    if (declared !== undefined) return declared;
    const record = this.#snapshot.get('route', recordKey)?.value;
    if (record === undefined) return undefined;
    const handle = new RouteHandle(recordKey, record.declared, this.environment);
    handle.update(record.declared, record.override);
    return handle;
  }

  /** Global maintenance, then the service's, then the route itself. */
  decide(route: RouteHandle): LifecycleDecision {
    const globally = this.#global === null ? null : this.#global.blockFor(route, this.clock);
    if (globally !== null) return globally;
    if (this.#services.size > 0 && route.service !== null) {
      const byService = this.#services.get(route.service)?.blockFor(route, this.clock) ?? null;
      if (byService !== null) return byService;
    }
    return route.decide(this.clock);
  }

  /** Every check of {@link decide}, each for itself. */
  explain(route: RouteHandle): readonly LifecycleStep[] {
    const off = { block: null, passes: 'off' } as const;
    const byService = route.service === null ? undefined : this.#services.get(route.service);
    const decision = route.decide(this.clock);
    const passes = route.forceActive ? 'force_active' : 'open';
    return [
      { check: 'global_maintenance', ...(this.#global?.explain(route, this.clock) ?? off) },
      { check: 'service_maintenance', ...(byService?.explain(route, this.clock) ?? off) },
      { check: 'route', ...(decision.outcome === 'block' ? { block: decision, passes: null } : { block: null, passes }) },
    ];
  }

  /** The maintenance a request meets that no route answers to; `null` = none. */
  decideUnmatched(): MaintenanceBlock | null {
    const globally = this.#global?.blockAt(this.clock) ?? null;
    if (globally !== null || this.service === null) return globally;
    return this.#services.get(this.service)?.blockAt(this.clock) ?? null;
  }

  apply({ after, changes }: StateChange): void {
    this.#snapshot = after;
    for (const change of changes) {
      if (change.kind === 'route') this.#overridden(change.key, change.value?.override ?? null);
      else if (change.kind === 'maintenance') this.#switched(change.key, change.value ?? undefined);
    }
  }

  #overridden(key: string, override: RouteOverride | null): void {
    const handle = this.#handles.get(key);
    if (handle === undefined) return;
    handle.update(handle.declared, override);
    handle.decide(this.clock);
    if (handle.misfit !== null)
      this.warn(`The override of ${key} cannot be read; what the code declares holds. Set it anew`, handle.misfit);
  }

  #switched(key: string, record: MaintenanceRecord | undefined): void {
    const maintenance = CompiledMaintenance.from(record, key === GLOBAL_SCOPE ? 'global' : 'service');
    maintenance?.blockAt(this.clock);
    if (maintenance !== null && maintenance.misfit !== null)
      this.warn(`The maintenance of '${key}' cannot be read and does not hold. Set it anew`, maintenance.misfit);
    if (key === GLOBAL_SCOPE) this.#global = maintenance;
    else this.#setService(key, maintenance);
  }

  #setService(service: string, maintenance: CompiledMaintenance | null): void {
    if (maintenance === null) this.#services.delete(service);
    else this.#services.set(service, maintenance);
  }
}
