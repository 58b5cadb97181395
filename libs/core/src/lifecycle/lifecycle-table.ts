import { GLOBAL_SCOPE, type MaintenanceRecord } from '../schema/maintenance.js';
import { formatRouteKey, parseRouteKey } from '../model/route-key.js';
import type { DeclaredRoute, RouteOverride } from '../schema/route.js';
import type { Clock } from '../model/time.js';
import type { StateChange } from '../state/control-state.js';
import { Snapshot } from '../state/snapshot.js';
import { CompiledMaintenance } from './compiled-maintenance.js';
import { decide, effectiveState, type EffectiveState, type MaintenanceOver } from './effective-state.js';
import type { LifecycleDecision, MaintenanceBlock } from './lifecycle-decision.js';
import type { LifecycleStep } from './lifecycle-step.js';
import { overrideIn } from './readable-override.js';
import { RouteHandle } from './route-handle.js';

/** Everything the lifecycle decision reads, compiled from the snapshot. A change recompiles what it touched and nothing else. */
export class LifecycleTable {
  readonly #handles = new Map<string, RouteHandle>();
  #snapshot = Snapshot.EMPTY;
  #globally: MaintenanceOver = { global: null, service: null };
  readonly #services = new Map<string, MaintenanceOver>();

  /**
   * @param service the service of this process; its keys stand behind that name
   * @param warn told of records that nobody can decide by
   */
  constructor(
    readonly service: string | null,
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
    this.#update(handle, declared, overrideIn(this.#snapshot.get('route', recordKey)?.value ?? null));
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
    handle.update(record.declared, overrideIn(record));
    return handle;
  }

  /** Global maintenance, then the service's, then the route itself. */
  decide(route: RouteHandle): LifecycleDecision {
    return decide(route, this.#over(route), this.clock);
  }

  /** What applies to a route now, and where that comes from: the outcome of {@link decide} for displays. */
  effective(route: RouteHandle): EffectiveState {
    return effectiveState(route, this.#over(route), this.clock());
  }

  /** Every check of {@link decide}, each for itself. */
  explain(route: RouteHandle): readonly LifecycleStep[] {
    const off = { block: null, passes: 'off' } as const;
    const { global, service } = this.#over(route);
    const decision = route.decide(this.clock);
    const passes = route.forceActive ? 'force_active' : 'open';
    return [
      { check: 'global_maintenance', ...(global?.explain(route, this.clock) ?? off) },
      { check: 'service_maintenance', ...(service?.explain(route, this.clock) ?? off) },
      { check: 'route', ...(decision.outcome === 'block' ? { block: decision, passes: null } : { block: null, passes }) },
    ];
  }

  /** The maintenance a request meets that no route answers to; `null` = none. */
  decideUnmatched(): MaintenanceBlock | null {
    const { global, service } = (this.service === null ? undefined : this.#services.get(this.service)) ?? this.#globally;
    return global?.blockAt(this.clock) ?? service?.blockAt(this.clock) ?? null;
  }

  apply({ after, changes }: StateChange): void {
    this.#snapshot = after;
    for (const change of changes) {
      if (change.kind === 'route') this.#overridden(change.key, overrideIn(change.value));
      else if (change.kind === 'maintenance') this.#switched(change.key, change.value ?? undefined);
    }
  }

  #over({ service }: RouteHandle): MaintenanceOver {
    if (service === null || this.#services.size === 0) return this.#globally;
    return this.#services.get(service) ?? this.#globally;
  }

  #overridden(key: string, override: RouteOverride | null): void {
    const handle = this.#handles.get(key);
    if (handle === undefined) return;
    this.#update(handle, handle.declared, override);
  }

  /** What restricts a route in a way that cannot be read, in words for operators. */
  unreadable(): readonly string[] {
    const routes = [...this.#handles.values()].filter(({ misfit }) => misfit !== null);
    const services = [...this.#services.values()].map(({ service }) => service);
    const switches = [this.#globally.global, ...services].filter((each) => each !== null && each.misfit !== null);
    return [
      ...routes.map(({ key }) => `the override of ${key} cannot be read; set it again`),
      ...(switches.length === 0 ? [] : ['a maintenance cannot be read; set it again']),
    ];
  }

  #update(handle: RouteHandle, declared: DeclaredRoute, override: RouteOverride | null): void {
    const wasMisfit = handle.misfit !== null && handle.override === override;
    handle.update(declared, override);
    if (handle.misfit === null || wasMisfit) return;
    this.warn(
      `The override of ${handle.key} cannot be read. The last readable restriction, else its fallback, applies. Set it again`,
      handle.misfit,
    );
  }

  #switched(key: string, record: MaintenanceRecord | undefined): void {
    const last = key === GLOBAL_SCOPE ? this.#globally.global : (this.#services.get(key)?.service ?? null);
    const maintenance = CompiledMaintenance.from(record, key === GLOBAL_SCOPE ? 'global' : 'service', last);
    maintenance?.blockAt(this.clock);
    if (maintenance !== null && maintenance.misfit !== null)
      this.warn(`The maintenance of '${key}' cannot be read, and applies. Set it again`, maintenance.misfit);
    if (key === GLOBAL_SCOPE) this.#setGlobal(maintenance);
    else this.#setService(key, maintenance);
  }

  #setGlobal(global: CompiledMaintenance | null): void {
    this.#globally = { global, service: null };
    for (const [name, { service }] of this.#services) this.#services.set(name, { global, service });
  }

  #setService(name: string, service: CompiledMaintenance | null): void {
    if (service === null) this.#services.delete(name);
    else this.#services.set(name, { global: this.#globally.global, service });
  }
}
