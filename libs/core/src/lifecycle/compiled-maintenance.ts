import type { MaintenanceRecord } from '../schema/maintenance.js';
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

  /** @returns `null` for a switch that is off */
  static from(record: MaintenanceRecord | undefined, scope: 'global' | 'service'): CompiledMaintenance | null {
    return record?.enabled === true ? new CompiledMaintenance(record, scope) : null;
  }

  private constructor(
    private readonly record: MaintenanceRecord,
    private readonly scope: 'global' | 'service',
  ) {}

  /** Why the record cannot be read, so that nothing is in force; `null` = it can. Known once something was decided. */
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

  /** A record that no writer of ours made must not take everything down. */
  #compile(now: number): void {
    try {
      const inForce = maintenanceAt(this.record, now);
      this.#layer = this.#layerOf(inForce);
      this.#holdsFrom = inForce.holdsFrom;
      this.#holdsUntil = inForce.holdsUntil;
    } catch (error) {
      this.#misfit = error;
      this.#layer = null;
      this.#holdsFrom = -Infinity;
      this.#holdsUntil = Infinity;
    }
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
