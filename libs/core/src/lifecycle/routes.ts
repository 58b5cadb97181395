import { isDeepStrictEqual } from 'node:util';
import type { AuditEntry } from '../schema/audit.js';
import { auditEntry, type Author } from '../schema/author.js';
import type { Expiry } from '../model/expiry.js';
import { BackendUnavailableError, RouteNotFoundError } from '../model/errors.js';
import type { RecordWrite } from '../schema/record.js';
import { formatRouteKey, parseRouteKey } from '../model/route-key.js';
import { carryUnknown } from '../schema/carry-unknown.js';
import { routeRecord, type DeclaredRoute, type RouteOverride, type RouteRecord } from '../schema/route.js';
import { instantMs, toInstant, type Clock, type Instant, type TimeWindowInput } from '../model/time.js';
import { withoutAuthor, type ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf } from '../planning/plan.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { readDeclaration, type RouteDeclaration } from './route-declaration.js';
import type { EffectiveRoute } from './effective-route.js';
import type { EffectiveState } from './effective-state.js';
import type { KnownRoutes } from './known-routes.js';
import type { LifecycleTable } from './lifecycle-table.js';
import { overrideIn } from './readable-override.js';
import type { RouteHandle } from './route-handle.js';
import type { RouteChanges } from './route-planners.js';
import type { ScheduleInput } from './schedule-input.js';

/** A route as operators see it: what holds now, and where that comes from. */
export interface RouteView extends Omit<EffectiveRoute, 'inForce' | 'holdsFrom' | 'holdsUntil'> {
  /** What applies to it now, maintenance of everything and of its service included. Show this; the other members are about the route alone. */
  readonly effective: EffectiveState;
  readonly key: string;
  readonly service: string | null;
  readonly method: string | null;
  readonly path: string;
  readonly declared: DeclaredRoute;
  readonly override: RouteOverride | null;
  /** What the code files it under, sorted. */
  readonly tags: readonly string[];
  /** When a window opens or closes next; `null` = the state stays until somebody changes it. */
  readonly nextChange: Instant | null;
  /** Revision that last changed the record; 0 = not stored yet. */
  readonly revision: number;
}

export interface RouteChange extends Author {
  /** Refuse with {@link ConflictError} unless the record still is at this revision. */
  readonly expectedRevision?: number;
}

export interface RouteRegistration {
  /** `METHOD:/path` or `/path`. */
  readonly key: string;
  readonly declaration: RouteDeclaration;
}

/**
 * Registers routes and changes their state. Keys: `METHOD:/path`, or a bare `/path` when one method answers to it; a route of another
 * service behind `service:`.
 *
 * Every change throws `RouteNotFoundError`, `AmbiguousRouteError`, `RouteProtectedError` (the route is force-active),
 * `ValidationError`, `BackendUnavailableError`, and `ConflictError` where `expectedRevision` was given; then nothing was changed.
 */
export class Routes {
  constructor(
    private readonly state: ControlState,
    private readonly table: LifecycleTable,
    private readonly clock: Clock,
    private readonly routes: KnownRoutes,
    private readonly changes: ChangeSink<ChangeOf<RouteChanges>>,
  ) {}

  /**
   * Declares routes of this process. They are in force at once; the backend hears of them now or, when it cannot be reached, as soon as
   * it is back. What operators set before stays.
   * @throws {ValidationError} for a wrong declaration; none is registered then
   */
  async register(registrations: readonly RouteRegistration[]): Promise<readonly RouteHandle[]> {
    const declared = registrations.map((registration) => this.check(registration));
    const handles = declared.map((route) => this.table.declare(route.recordKey, route.declared));
    await this.synchronise();
    return handles;
  }

  /**
   * Reads a registration without making it.
   * @throws {ValidationError}
   */
  check({ key, declaration }: RouteRegistration): { readonly recordKey: string; readonly declared: DeclaredRoute } {
    const recordKey = formatRouteKey(parseRouteKey(this.table.qualify(key)));
    return { recordKey, declared: readDeclaration(declaration, this.#deprecatedSince(recordKey, this.clock())) };
  }

  /** Writes what this process declares where the store does not have it yet. Done after every reconnection. */
  async synchronise(): Promise<void> {
    try {
      await this.state.change((snapshot) => this.#declarations(snapshot));
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error;
    }
  }

  /** Opens the route everywhere and for good: ends a window, cancels a scheduled one, lifts an environment gate. */
  async enable(key: string, change: RouteChange & Expiry = {}): Promise<RouteView> {
    return this.#apply({ kind: 'route.enable', ...withoutAuthor(change), key }, change);
  }

  /** Switches the route off (503), until changed or for a time. */
  async disable(key: string, change: RouteChange & Expiry = {}): Promise<RouteView> {
    return this.#apply({ kind: 'route.disable', ...withoutAuthor(change), key }, change);
  }

  /** Puts the route into maintenance (503), now, for a time, or in a window. What was set before holds again outside of it. */
  async setMaintenance(
    key: string,
    change: RouteChange & Expiry & { readonly window?: TimeWindowInput | null } = {},
  ): Promise<RouteView> {
    return this.#apply({ kind: 'route.maintenance', ...withoutAuthor(change), key }, change);
  }

  /**
   * Plans maintenance: the route stays as it is until the window opens, and is again what it was when it closes. Once, from `start` to
   * `end`, or again and again by a `recurrence`. An `enable` meanwhile ends it.
   */
  async schedule(key: string, change: RouteChange & ScheduleInput): Promise<RouteView> {
    return this.#apply({ kind: 'route.schedule', ...withoutAuthor(change), key }, change);
  }

  /** Takes back every planned maintenance of the route, begun or not; nothing planned = nothing changed. */
  async cancelSchedule(key: string, change: RouteChange = {}): Promise<RouteView> {
    return this.#apply({ kind: 'route.cancel-schedule', ...withoutAuthor(change), key }, change);
  }

  /** Lets the route exist in these environments only. */
  async setEnvironments(key: string, environments: readonly string[], change: RouteChange & Expiry = {}): Promise<RouteView> {
    return this.#apply({ kind: 'route.set-environments', ...withoutAuthor(change), key, environments }, change);
  }

  /** Removes every override, so that the declared state holds again. */
  async clear(key: string, change: RouteChange = {}): Promise<RouteView> {
    return this.#apply({ kind: 'route.clear', ...withoutAuthor(change), key }, change);
  }

  async get(key: string): Promise<RouteView> {
    return this.read(key);
  }

  /** All routes, sorted by key; `service: null` = those that belong to none. */
  async list(filter: { readonly service?: string | null } = {}): Promise<readonly RouteView[]> {
    return this.readAll(filter);
  }

  /** @throws {RouteNotFoundError | AmbiguousRouteError} */
  read(key: string): RouteView {
    return this.#view(this.resolve(key));
  }

  readAll(filter: { readonly service?: string | null } = {}): readonly RouteView[] {
    return [...this.routes.keys(this.state.snapshot)]
      .flatMap((key) => this.#readable(key))
      .filter((view) => filter.service === undefined || view.service === filter.service)
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  /** A record that no writer of ours made is left out: it must not hide all the others. */
  #readable(key: string): readonly RouteView[] {
    try {
      return [this.#view(key)];
    } catch {
      return [];
    }
  }

  /** The record key a route key means. */
  resolve(key: string, snapshot: Snapshot = this.state.snapshot): string {
    return this.routes.resolve(key, snapshot);
  }

  async #apply(change: ChangeOf<RouteChanges>, author: Author): Promise<RouteView> {
    await this.changes.applyOne(change, author);
    return this.read(change.key);
  }

  #declarations(snapshot: Snapshot): { writes: readonly RecordWrite[]; audit: readonly AuditEntry[] } | null {
    const writes: RecordWrite[] = [];
    const audit: AuditEntry[] = [];
    for (const handle of this.table.handles()) {
      const stored = snapshot.get('route', handle.key);
      if (stored !== undefined && isDeepStrictEqual(stored.value.declared, handle.declared)) continue;
      const { service, key } = handle;
      const declaredAt = new Date(this.clock()).toISOString();
      const override = overrideIn(stored?.value ?? null);
      const plain: RouteRecord = { service, declared: handle.declared, declaredAt, override };
      const after = carryUnknown(routeRecord, stored?.value, plain);
      // Only what a later version declared is different.
      if (isDeepStrictEqual(after.declared, stored?.value.declared)) continue;
      writes.push({ kind: 'route', key, expected: stored?.revision ?? 0, value: after });
      if (stored !== undefined) {
        const draft = { action: 'declare', kind: 'route', key, service, before: stored.value, after } as const;
        audit.push(auditEntry(draft, { actor: 'deploy', platform: 'system' }, this.clock()));
      }
    }
    return writes.length === 0 ? null : { writes, audit };
  }

  #view(recordKey: string): RouteView {
    const stored = this.state.snapshot.get('route', recordKey);
    const record = this.routes.current(recordKey, stored?.value ?? null);
    const handle = this.table.find(recordKey);
    if (handle === undefined) throw new RouteNotFoundError(recordKey);
    const { inForce: _inForce, holdsFrom: _from, holdsUntil, ...alone } = handle.effective(this.clock());
    const { method, path } = handle;
    const nextChange = holdsUntil === Infinity ? null : toInstant(holdsUntil, 'nextChange');
    const { tags = [] } = record.declared;
    const effective = this.table.effective(handle);
    return { key: recordKey, method, path, ...alone, ...record, effective, tags, nextChange, revision: stored?.revision ?? 0 };
  }

  #deprecatedSince(recordKey: string, now: number): number {
    // Also a record that cannot be read must not keep the app from starting.
    const stored: Partial<RouteRecord> | undefined = this.state.snapshot.get('route', recordKey)?.value;
    const known = stored?.declared?.deprecation ?? null;
    return known === null ? now : instantMs(known.since);
  }
}
