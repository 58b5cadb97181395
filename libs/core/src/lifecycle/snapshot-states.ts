import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { RouteRecord } from '../schema/route.js';
import type { Snapshot } from '../state/snapshot.js';
import { CompiledMaintenance } from './compiled-maintenance.js';
import { effectiveState, type EffectiveState } from './effective-state.js';
import { RouteHandle } from './route-handle.js';

/** The effective states of handlers in a snapshot that is not in force, at one instant. */
export class SnapshotStates {
  readonly #compiled = new Map<string, CompiledMaintenance | null>();

  /** @param now epoch ms */
  constructor(
    private readonly snapshot: Snapshot,
    private readonly environment: string,
    private readonly now: number,
  ) {}

  of(key: string, { declared, override }: RouteRecord): EffectiveState {
    const handle = new RouteHandle(key, declared, this.environment);
    handle.update(declared, override);
    const service = handle.service === null ? null : this.#maintenance(handle.service);
    return effectiveState(handle, { global: this.#maintenance(GLOBAL_SCOPE), service }, this.now);
  }

  #maintenance(scope: string): CompiledMaintenance | null {
    let compiled = this.#compiled.get(scope);
    if (compiled === undefined) {
      const record = this.snapshot.get('maintenance', scope)?.value;
      compiled = CompiledMaintenance.from(record, scope === GLOBAL_SCOPE ? 'global' : 'service');
      this.#compiled.set(scope, compiled);
    }
    return compiled;
  }
}
