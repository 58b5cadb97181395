import { auditEntry, checkReason, type Author } from '../audit/author.js';
import type { AuditAction } from '../model/audit.js';
import { ConflictError, ValidationError } from '../model/errors.js';
import { GLOBAL_SCOPE, NO_MAINTENANCE, type MaintenanceRecord } from '../model/maintenance.js';
import { formatRouteKey, parseRouteKey, serviceName } from '../model/route-key.js';
import { instantMs, toWindow, type Clock, type TimeWindowInput } from '../model/time.js';
import type { ControlState } from '../state/control-state.js';

export interface MaintenanceChange extends Author {
  /** Routes that stay up: `/path` or `METHOD:/path`. Default: the list prepared by `setExempt`, else none. */
  readonly exempt?: readonly string[];
  /** Takes `@ForceActive()` routes down too. Default `false`. */
  readonly includeForceActive?: boolean;
  /** When it takes effect. Default: at once, until it is switched off. */
  readonly window?: TimeWindowInput | null;
  /** Refuse with {@link ConflictError} unless the record still is at this revision. */
  readonly expectedRevision?: number;
}

export interface MaintenanceView extends MaintenanceRecord {
  /** Revision that last changed it; 0 = never. */
  readonly revision: number;
}

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
   * Answers 503 on every route that is not exempt. Replaces what was set before.
   * @throws {ValidationError | ConflictError | BackendUnavailableError}
   */
  async enable(change: MaintenanceChange = {}): Promise<MaintenanceView> {
    const { exempt, includeForceActive = false } = change;
    const reason = checkReason(change.reason ?? '');
    const window = toWindow(change.window);
    if (window?.end != null && instantMs(window.end) <= this.clock())
      throw new ValidationError('window.end', `${window.end} is over already`);
    const list = exempt === undefined ? undefined : readExempt(exempt);
    return this.#write(`${this.#action}_on`, change, (before) => ({
      enabled: true,
      reason,
      exempt: list ?? before.exempt,
      includeForceActive,
      window,
    }));
  }

  /** Switches it off and forgets reason, exemptions and window. */
  async disable(change: Omit<MaintenanceChange, 'exempt' | 'includeForceActive' | 'window'> = {}): Promise<MaintenanceView> {
    return this.#write(`${this.#action}_off`, change, () => NO_MAINTENANCE);
  }

  /** Changes which routes stay up, without switching it on or off. */
  async setExempt(exempt: readonly string[], change: Author = {}): Promise<MaintenanceView> {
    const list = readExempt(exempt);
    return this.#write(`${this.#action}_updated`, change, (before) => ({ ...before, exempt: list }));
  }

  async get(): Promise<MaintenanceView> {
    return this.read();
  }

  read(): MaintenanceView {
    const stored = this.state.snapshot.get('maintenance', this.scope);
    return { ...(stored?.value ?? NO_MAINTENANCE), revision: stored?.revision ?? 0 };
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

function readExempt(exempt: readonly string[]): readonly string[] {
  if (!Array.isArray(exempt)) throw new ValidationError('exempt', "must be a list of routes, e.g. ['/health']");
  if (exempt.length > 10_000) throw new ValidationError('exempt', 'must have at most 10 000 routes');
  const keys = exempt.map((key: unknown, index) => {
    if (typeof key !== 'string') throw new ValidationError(`exempt[${index}]`, "must be a route: '/path' or 'METHOD:/path'");
    return formatRouteKey({ ...parseRouteKey(key, `exempt[${index}]`), service: null });
  });
  return [...new Set(keys)];
}
