import { auditEntry, checkReason, type Author } from '../audit/author.js';
import type { AuditAction } from '../model/vocabulary.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import { ConflictError, ValidationError } from '../model/errors.js';
import { GLOBAL_SCOPE, NO_MAINTENANCE, type MaintenanceRecord } from '../schema/maintenance.js';
import { formatRouteKey, parseRouteKey, serviceName } from '../model/route-key.js';
import { instantMs, toWindow, type Clock, type Instant, type TimeWindowInput } from '../model/time.js';
import type { ControlState } from '../state/control-state.js';
import { maintenanceAt } from './compiled-maintenance.js';
import { isScheduled, notOver, readSchedule, type ScheduleInput } from './schedule-input.js';

export interface MaintenanceChange extends Author, Expiry {
  /** Routes that stay up: `/path` or `METHOD:/path`. Default: the list prepared by `setExempt`, else none. */
  readonly exempt?: readonly string[];
  /** Takes `@ForceActive()` routes down too. Default `false`. */
  readonly includeForceActive?: boolean;
  /** When it takes effect; outside of it holds what was set before. Default: at once, until it is switched off. */
  readonly window?: TimeWindowInput | null;
  /** Refuse with {@link ConflictError} unless the record still is at this revision. */
  readonly expectedRevision?: number;
}

export interface MaintenanceView extends MaintenanceRecord {
  /** Whether it stops requests now. */
  readonly inForce: boolean;
  /** When what is in force ends; `null` = nothing is, or it is not planned. */
  readonly until: Instant | null;
  /** When a window opens or closes next; `null` = it stays as it is until somebody changes it. */
  readonly nextChange: Instant | null;
  /** Revision that last changed it; 0 = never. */
  readonly revision: number;
}

/** More than any operator stacks; a bound on what a record can grow to. */
const MAX_STACKED = 16;

/** A maintenance switch: for everything, or for one service. A service need not be known yet. */
export class MaintenanceSwitch {
  readonly #action: 'global_maintenance' | 'service_maintenance';

  constructor(
    private readonly state: ControlState,
    private readonly clock: Clock,
    private readonly scope: string,
  ) {
    this.#action = scope === GLOBAL_SCOPE ? 'global_maintenance' : 'service_maintenance';
  }

  /**
   * Answers 503 on every route that is not exempt. Replaces what was set before; with a window or an expiry, only for that time.
   * @throws {ValidationError | ConflictError | BackendUnavailableError}
   */
  async enable(change: MaintenanceChange = {}): Promise<MaintenanceView> {
    const { exempt, includeForceActive = false } = change;
    const reason = checkReason(change.reason ?? '');
    const expiry = readExpiry(change, this.clock());
    const given = toWindow(change.window);
    if (given !== null && expiry !== null) throw new ValidationError('window', 'give either a window or an expiry, not both');
    const window = given === null ? (expiry === null ? null : { start: null, end: expiry }) : given;
    if (window !== null) notOver(window, this.clock(), 'window.end');
    return this.#switchOn(`${this.#action}_on`, change, { reason, exempt, includeForceActive, window });
  }

  /**
   * Plans maintenance: nothing changes until the window opens, and what was set before holds again when it closes. Once, from `start` to
   * `end`, or again and again by a `recurrence`. A `disable` meanwhile ends it.
   * @throws {ValidationError | ConflictError | BackendUnavailableError}
   */
  async schedule(
    change: Omit<MaintenanceChange, 'window' | 'expiresIn' | 'expiresAt'> & ScheduleInput,
  ): Promise<MaintenanceView> {
    const { exempt, includeForceActive = false } = change;
    const reason = checkReason(change.reason ?? '');
    const window = readSchedule(change, this.clock());
    return this.#switchOn(`${this.#action}_scheduled`, change, { reason, exempt, includeForceActive, window });
  }

  /** Takes back every planned maintenance, begun or not; nothing planned = nothing changed. */
  async cancelSchedule(change: Author & { readonly expectedRevision?: number } = {}): Promise<MaintenanceView> {
    const action = this.#action === 'global_maintenance' ? 'global_schedule_cancelled' : 'service_schedule_cancelled';
    return this.#write(action, change, (before) => withoutSchedules(before) ?? NO_MAINTENANCE);
  }

  /** Switches it off and forgets reason, exemptions and everything planned. */
  async disable(change: Author & { readonly expectedRevision?: number } = {}): Promise<MaintenanceView> {
    return this.#write(`${this.#action}_off`, change, () => NO_MAINTENANCE);
  }

  /** Changes which routes stay up, without switching it on or off. */
  async setExempt(
    exempt: readonly string[],
    change: Author & { readonly expectedRevision?: number } = {},
  ): Promise<MaintenanceView> {
    const list = readExempt(exempt);
    return this.#write(`${this.#action}_updated`, change, (before) => withExempt(before, list));
  }

  async get(): Promise<MaintenanceView> {
    return this.read();
  }

  read(): MaintenanceView {
    const stored = this.state.snapshot.get('maintenance', this.scope);
    const record = stored?.value ?? NO_MAINTENANCE;
    const { record: inForce, endsAt, holdsUntil } = maintenanceAt(record, this.clock());
    const until = endsAt === null ? null : new Date(endsAt).toISOString();
    const nextChange = holdsUntil === Infinity ? null : new Date(holdsUntil).toISOString();
    return { ...record, inForce: inForce !== null, until, nextChange, revision: stored?.revision ?? 0 };
  }

  #switchOn(
    action: AuditAction,
    change: Author & { readonly expectedRevision?: number },
    draft: Pick<MaintenanceRecord, 'reason' | 'includeForceActive' | 'window'> & {
      readonly exempt: readonly string[] | undefined;
    },
  ): Promise<MaintenanceView> {
    const list = draft.exempt === undefined ? undefined : readExempt(draft.exempt);
    return this.#write(action, change, (before) => {
      const now = this.clock();
      return {
        ...draft,
        enabled: true,
        exempt: list ?? before.exempt,
        setAt: new Date(now).toISOString(),
        setBy: change.actor ?? 'system',
        beneath: draft.window === null ? null : unfinished(before, now),
      };
    });
  }

  async #write(
    action: AuditAction,
    change: Author & { readonly expectedRevision?: number },
    edit: (before: MaintenanceRecord) => MaintenanceRecord,
  ): Promise<MaintenanceView> {
    const { expectedRevision } = change;
    const service = this.scope === GLOBAL_SCOPE ? null : this.scope;
    await this.state.change(
      (snapshot) => {
        const stored = snapshot.get('maintenance', this.scope);
        const expected = stored?.revision ?? 0;
        if (expectedRevision !== undefined && expectedRevision !== expected) {
          throw new ConflictError('maintenance', this.scope, expectedRevision, expected);
        }
        const before = stored?.value ?? null;
        const after = edit(before ?? NO_MAINTENANCE);
        if (after === before) return null;
        if (depth(after) > MAX_STACKED)
          throw new ValidationError('window', `${MAX_STACKED} windows lie on top of each other already; disable it first`);
        const audit = auditEntry({ action, kind: 'maintenance', key: this.scope, service, before, after }, change, this.clock());
        return { writes: [{ kind: 'maintenance', key: this.scope, expected, value: after }], audit: [audit] };
      },
      { retry: expectedRevision === undefined },
    );
    return this.read();
  }
}

/** The switch for everything; {@link forService} gives those for one service each. */
export class Maintenance extends MaintenanceSwitch {
  constructor(
    private readonly controlState: ControlState,
    private readonly controlClock: Clock,
  ) {
    super(controlState, controlClock, GLOBAL_SCOPE);
  }

  /** @throws {ValidationError} for a name no service can have */
  forService(service: string): MaintenanceSwitch {
    return new MaintenanceSwitch(this.controlState, this.controlClock, serviceName(service));
  }
}

/** What is beneath a new window: without what is off, or over. */
function unfinished(record: MaintenanceRecord | null, now: number): MaintenanceRecord | null {
  if (record === null || !record.enabled) return null;
  const beneath = unfinished(record.beneath, now);
  const end = record.window?.end ?? null;
  return end !== null && instantMs(end) <= now ? beneath : { ...record, beneath };
}

function withoutSchedules(record: MaintenanceRecord | null): MaintenanceRecord | null {
  if (record === null) return null;
  const beneath = withoutSchedules(record.beneath);
  if (isScheduled(record.window)) return beneath;
  return beneath === record.beneath ? record : { ...record, beneath };
}

function withExempt(record: MaintenanceRecord, exempt: readonly string[]): MaintenanceRecord {
  return { ...record, exempt, beneath: record.beneath === null ? null : withExempt(record.beneath, exempt) };
}

function depth(record: MaintenanceRecord | null): number {
  return record === null ? 0 : 1 + depth(record.beneath);
}

function readExempt(exempt: readonly string[]): readonly string[] {
  if (!Array.isArray(exempt)) throw new ValidationError('exempt', "must be a list of routes, e.g. ['/health']");
  if (exempt.length > 10_000) throw new ValidationError('exempt', 'must have at most 10 000 routes');
  const keys = exempt.map((key: unknown, index) => {
    if (typeof key !== 'string') throw new ValidationError(`exempt[${index}]`, "must be a route: '/path' or 'METHOD:/path'");
    return formatRouteKey({ ...parseRouteKey(key, `exempt[${index}]`), service: null });
  });
  return [...new Set(keys)];
}
