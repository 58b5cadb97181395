import { GLOBAL_SCOPE, NO_MAINTENANCE, type MaintenanceRecord } from '../schema/maintenance.js';
import { recordMisfit } from '../schema/record.js';
import { windowAt } from '../model/time.js';
import type { MaintenanceBlock } from './lifecycle-decision.js';
import type { LifecycleStep } from './lifecycle-step.js';
import type { RouteHandle } from './route-handle.js';

/** One switched-on maintenance, with look-ups instead of lists. */
interface Layer {
  readonly record: MaintenanceRecord;
  readonly exempt: ReadonlySet<string>;
  readonly block: MaintenanceBlock;
}

/** A maintenance switch that is on, compiled: what is in force now, ready to be given out, and how long it is. */
export class CompiledMaintenance {
  #layer: Layer | null = null;
  #holdsFrom = Infinity;
  #holdsUntil = -Infinity;
  #misfit: unknown = null;

  /**
   * @param last what applied before; it stays while a record cannot be read
   * @returns `null` for a switch that is off
   */
  static from(
    record: MaintenanceRecord | undefined,
    scope: 'global' | 'service',
    last: CompiledMaintenance | null = null,
  ): CompiledMaintenance | null {
    // It may be anything, from a later version.
    const enabled: unknown = record?.enabled;
    if (record === undefined || enabled === false) return null;
    const misfit = recordMisfit('maintenance', scope === 'global' ? GLOBAL_SCOPE : scope, record);
    const readable = misfit === null ? record : (last?.record ?? readableSwitch(record));
    const compiled = new CompiledMaintenance(readable, scope);
    compiled.#misfit = misfit === null ? null : `${misfit.path.join('.')}: ${misfit.problem}`;
    return compiled;
  }

  private constructor(
    private readonly record: MaintenanceRecord,
    private readonly scope: 'global' | 'service',
  ) {}

  /** Why the stored record cannot be read; `null` = it can. */
  get misfit(): unknown {
    return this.#misfit;
  }

  /** The block for requests that no route answers to; `null` = nothing is in force. */
  blockAt(clock: () => number): MaintenanceBlock | null {
    return this.#at(clock)?.block ?? null;
  }

  /** The record in force; `null` = none. */
  inForce(clock: () => number): MaintenanceRecord | null {
    return this.#at(clock)?.record ?? null;
  }

  /** Until when the same is in force, epoch ms; `Infinity` = until it is changed. */
  holdsUntil(clock: () => number): number {
    this.#at(clock);
    return this.#holdsUntil;
  }

  /** What {@link blockFor} comes to, and why. */
  explain(route: RouteHandle, clock: () => number): Omit<LifecycleStep, 'check'> {
    const block = this.blockFor(route, clock);
    if (block !== null) return { block, passes: null };
    const layer = this.#at(clock);
    if (layer === null) return { block, passes: 'off' };
    return { block, passes: route.forceActive && !layer.record.includeForceActive ? 'force_active' : 'exempt' };
  }

  /** @returns `null` = the route is let through */
  blockFor(route: RouteHandle, clock: () => number): MaintenanceBlock | null {
    const layer = this.#at(clock);
    if (layer === null || (route.forceActive && !layer.record.includeForceActive)) return null;
    return layer.exempt.has(route.localKey) || layer.exempt.has(route.path) ? null : layer.block;
  }

  /** Reads the clock only where a window could have opened or closed. */
  #at(clock: () => number): Layer | null {
    if (this.#holdsUntil === Infinity && this.#holdsFrom === -Infinity) return this.#layer;
    const now = clock();
    if (now < this.#holdsFrom || now >= this.#holdsUntil) this.#compile(now);
    return this.#layer;
  }

  #compile(now: number): void {
    const inForce = maintenanceAt(this.record, now);
    this.#layer = this.#layerOf(inForce);
    this.#holdsFrom = inForce.holdsFrom;
    this.#holdsUntil = inForce.holdsUntil;
  }

  #layerOf({ record, endsAt }: MaintenanceInForce): Layer | null {
    if (record === null) return null;
    const { reason, exempt } = record;
    return {
      record,
      exempt: new Set(exempt),
      block: Object.freeze({ outcome: 'block', kind: 'maintenance', scope: this.scope, reason, endsAt }),
    };
  }
}

/** A switch that this version cannot read, and that is not known to be off, is on: it never opens what an operator closed. */
function readableSwitch({ reason, exempt }: Partial<MaintenanceRecord>): MaintenanceRecord {
  const isList = Array.isArray(exempt) && exempt.every((route) => typeof route === 'string');
  return {
    ...NO_MAINTENANCE,
    enabled: true,
    reason: typeof reason === 'string' ? reason : '',
    exempt: isList ? exempt : [],
  };
}

/** What of a maintenance switch is in force at an instant. */
export interface MaintenanceInForce {
  /** `null` = nothing is. */
  readonly record: MaintenanceRecord | null;
  /** Epoch ms at which it ends; `null` = not planned. */
  readonly endsAt: number | null;
  /** The result is the same for every clock in `[holdsFrom, holdsUntil)`, epoch ms. */
  readonly holdsFrom: number;
  readonly holdsUntil: number;
}

/** The topmost maintenance whose window is open, at `now` (epoch ms): a pure function of record and clock. */
export function maintenanceAt(record: MaintenanceRecord, now: number): MaintenanceInForce {
  let holdsFrom = -Infinity;
  let holdsUntil = Infinity;
  for (let layer: MaintenanceRecord | null = record; layer !== null; layer = layer.beneath) {
    const { open, from, until } = windowAt(layer.window, now);
    holdsFrom = Math.max(holdsFrom, from);
    holdsUntil = Math.min(holdsUntil, until);
    if (open && layer.enabled) return { record: layer, endsAt: until === Infinity ? null : until, holdsFrom, holdsUntil };
  }
  return { record: null, endsAt: null, holdsFrom, holdsUntil };
}
