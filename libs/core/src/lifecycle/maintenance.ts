import type { Author } from '../schema/author.js';
import type { Expiry } from '../model/expiry.js';
import { GLOBAL_SCOPE, NO_MAINTENANCE, type MaintenanceRecord } from '../schema/maintenance.js';
import { serviceName } from '../model/route-key.js';
import type { Clock, Instant, TimeWindowInput } from '../model/time.js';
import { withoutAuthor, type ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf } from '../planning/plan.js';
import type { ControlState } from '../state/control-state.js';
import { maintenanceAt, type MaintenanceInForce } from './compiled-maintenance.js';
import { maintenanceSince } from './since.js';
import type { MaintenanceChanges, MaintenanceOptions } from './maintenance-planners.js';
import type { ScheduleInput } from './schedule-input.js';

export interface MaintenanceChange extends Author, Expiry, MaintenanceOptions {
  /** When it takes effect; outside of it holds what was set before. Default: at once, until it is switched off. */
  readonly window?: TimeWindowInput | null;
  /** Refuse with {@link ConflictError} unless the record still is at this revision. */
  readonly expectedRevision?: number;
}

/** The maintenance that stops requests now. */
export interface MaintenanceInEffect extends Pick<MaintenanceRecord, 'reason' | 'exempt' | 'includeForceActive' | 'setBy'> {
  /** When it began; `null` = unknown. */
  readonly since: Instant | null;
  /** When it ends on its own; `null` = when it is switched off. */
  readonly until: Instant | null;
}

/** A switch: what was set last, and what applies now. */
export interface MaintenanceView extends MaintenanceRecord {
  /** `null` = for everything. */
  readonly service: string | null;
  /** What stops requests now; `null` = nothing does. */
  readonly current: MaintenanceInEffect | null;
  /** When a window opens or closes next; `null` = it stays as it is until somebody changes it. */
  readonly nextChange: Instant | null;
  /** Revision that last changed it; 0 = never. */
  readonly revision: number;
}

/** A maintenance switch: for everything, or for one service. A service need not be known yet. */
export class MaintenanceSwitch {
  /** @param service `null` = for everything */
  constructor(
    protected readonly state: ControlState,
    protected readonly clock: Clock,
    protected readonly changes: ChangeSink<ChangeOf<MaintenanceChanges>>,
    private readonly service: string | null = null,
  ) {}

  /**
   * Answers 503 on every route that is not exempt. Replaces what was set before; with a window or an expiry, only for that time.
   * @throws {ValidationError | ConflictError | BackendUnavailableError}
   */
  async enable(change: MaintenanceChange = {}): Promise<MaintenanceView> {
    return this.#apply({ kind: 'maintenance.enable', ...withoutAuthor(change), service: this.service }, change);
  }

  /**
   * Plans maintenance: nothing changes until the window opens, and what was set before holds again when it closes. Once, from `start` to
   * `end`, or again and again by a `recurrence`. A `disable` meanwhile ends it.
   * @throws {ValidationError | ConflictError | BackendUnavailableError}
   */
  async schedule(
    change: Omit<MaintenanceChange, 'window' | 'expiresIn' | 'expiresAt'> & ScheduleInput,
  ): Promise<MaintenanceView> {
    return this.#apply({ kind: 'maintenance.schedule', ...withoutAuthor(change), service: this.service }, change);
  }

  /** Takes back every planned maintenance, begun or not; nothing planned = nothing changed. */
  async cancelSchedule(change: Author & { readonly expectedRevision?: number } = {}): Promise<MaintenanceView> {
    return this.#apply({ kind: 'maintenance.cancel-schedule', ...withoutAuthor(change), service: this.service }, change);
  }

  /** Switches it off and forgets reason, exemptions and everything planned. */
  async disable(change: Author & { readonly expectedRevision?: number } = {}): Promise<MaintenanceView> {
    return this.#apply({ kind: 'maintenance.disable', ...withoutAuthor(change), service: this.service }, change);
  }

  /** Changes which routes stay up, without switching it on or off. */
  async setExempt(
    exempt: readonly string[],
    change: Author & { readonly expectedRevision?: number } = {},
  ): Promise<MaintenanceView> {
    return this.#apply({ kind: 'maintenance.set-exempt', ...withoutAuthor(change), exempt, service: this.service }, change);
  }

  async get(): Promise<MaintenanceView> {
    return this.read();
  }

  read(): MaintenanceView {
    const stored = this.state.snapshot.get('maintenance', this.service ?? GLOBAL_SCOPE);
    const record = stored?.value ?? NO_MAINTENANCE;
    const now = this.clock();
    const inForce = maintenanceAt(record, now);
    const nextChange = inForce.holdsUntil === Infinity ? null : new Date(inForce.holdsUntil).toISOString();
    return { ...record, service: this.service, current: inEffect(inForce, now), nextChange, revision: stored?.revision ?? 0 };
  }

  async #apply(change: ChangeOf<MaintenanceChanges>, author: Author): Promise<MaintenanceView> {
    await this.changes.applyOne(change, author);
    return this.read();
  }
}

function inEffect({ record, endsAt }: MaintenanceInForce, now: number): MaintenanceInEffect | null {
  if (record === null) return null;
  const { reason, exempt, includeForceActive, setBy } = record;
  const until = endsAt === null ? null : new Date(endsAt).toISOString();
  return { reason, exempt, includeForceActive, setBy, since: maintenanceSince(record, now), until };
}

/** The switch for everything; {@link forService} gives those for one service each. */
export class Maintenance extends MaintenanceSwitch {
  /**
   * Every switch that is on or scheduled: the global one first, then services by name.
   * @example
   * const down = engine.maintenance.list().filter(({ current }) => current !== null);
   */
  list(): readonly MaintenanceView[] {
    return [...this.state.snapshot.list('maintenance')]
      .filter(({ value }) => value.enabled)
      .map(({ key }) => (key === GLOBAL_SCOPE ? this.read() : this.forService(key).read()))
      .toSorted((a, b) => ((a.service ?? '') < (b.service ?? '') ? -1 : 1));
  }

  /** @throws {ValidationError} for a name no service can have */
  forService(service: string): MaintenanceSwitch {
    return new MaintenanceSwitch(this.state, this.clock, this.changes, serviceName(service));
  }
}
