import type { MaintenanceRecord } from '../model/maintenance.js';
import { instantMs, windowIsOpen } from '../model/time.js';
import type { MaintenanceBlock } from './decision.js';
import type { RouteHandle } from './route-handle.js';

/** A maintenance switch that is on, compiled: look-ups instead of lists, and the block ready to be given out. */
export class CompiledMaintenance {
  readonly block: MaintenanceBlock;
  readonly #exempt: ReadonlySet<string>;

  /** @returns `null` for a switch that is off */
  static from(record: MaintenanceRecord | undefined, scope: 'global' | 'service'): CompiledMaintenance | null {
    return record?.enabled === true ? new CompiledMaintenance(record, scope) : null;
  }

  private constructor(
    private readonly record: MaintenanceRecord,
    scope: 'global' | 'service',
  ) {
    const end = record.window?.end ?? null;
    this.#exempt = new Set(record.exempt);
    this.block = Object.freeze({
      outcome: 'block',
      kind: 'maintenance',
      scope,
      reason: record.reason,
      endsAt: end === null ? null : instantMs(end),
    });
  }

  isOpen(clock: () => number): boolean {
    return this.record.window === null || windowIsOpen(this.record.window, clock());
  }

  stops(route: RouteHandle, clock: () => number): boolean {
    if (route.forceActive && !this.record.includeForceActive) return false;
    if (this.#exempt.has(route.localKey) || this.#exempt.has(route.path)) return false;
    return this.isOpen(clock);
  }
}
