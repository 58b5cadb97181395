import { isDeepStrictEqual } from 'node:util';
import { auditEntry, checkReason, type Author } from '../audit/author.js';
import type { AuditEntry } from '../schema/audit.js';
import type { AuditAction } from '../model/vocabulary.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import {
  BackendUnavailableError,
  ConflictError,
  RouteNotFoundError,
  RouteProtectedError,
  ValidationError,
} from '../model/errors.js';
import type { RecordWrite, StoredRecord } from '../schema/record.js';
import { formatRouteKey, parseRouteKey } from '../model/route-key.js';
import type { DeclaredRoute, RouteOverride, RouteRecord } from '../schema/route.js';
import {
  instantMs,
  toInstant,
  toWindow,
  type Clock,
  type Instant,
  type TimeWindow,
  type TimeWindowInput,
} from '../model/time.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { readDeclaration, readEnvironments, type RouteDeclaration } from './declaration.js';
import { effectiveRoute, type EffectiveRoute } from './effective.js';
import type { LifecycleTable } from './lifecycle-table.js';
import { depth, pruned, withoutSchedules } from './override-stack.js';
import { resolveRoute } from './resolve-route.js';
import type { RouteHandle } from './route-handle.js';
import { notOver, readSchedule, type ScheduleInput } from './schedule-input.js';

/** A route as operators see it: what holds now, and where that comes from. */
export interface RouteView extends Omit<EffectiveRoute, 'holdsFrom' | 'holdsUntil'> {
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

type OverrideDraft = Pick<RouteOverride, 'state' | 'reason' | 'environments'>;

/** More than any operator stacks; a bound on what a record can grow to. */
const MAX_STACKED_OVERRIDES = 16;

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
    return this.#override(
      key,
      'enable',
      change,
      { state: 'active', reason: change.reason ?? '', environments: null },
      this.#expiry(change),
    );
  }

  /** Switches the route off (503), until changed or for a time. */
  async disable(key: string, change: RouteChange & Expiry = {}): Promise<RouteView> {
    return this.#override(
      key,
      'disable',
      change,
      { state: 'disabled', reason: change.reason ?? '', environments: null },
      this.#expiry(change),
    );
  }

  /** Puts the route into maintenance (503), now, for a time, or in a window. What was set before holds again outside of it. */
  async setMaintenance(
    key: string,
    change: RouteChange & Expiry & { readonly window?: TimeWindowInput | null } = {},
  ): Promise<RouteView> {
    const window = toWindow(change.window);
    const expiry = this.#expiry(change);
    if (window !== null && expiry !== null) throw new ValidationError('window', 'give either a window or an expiry, not both');
    if (window !== null) notOver(window, this.clock(), 'window.end');
    return this.#override(
      key,
      'maintenance_on',
      change,
      { state: 'maintenance', reason: change.reason ?? '', environments: null },
      window ?? expiry,
    );
  }

  /**
   * Plans maintenance: the route stays as it is until the window opens, and is again what it was when it closes. Once, from `start` to
   * `end`, or again and again by a `recurrence`. An `enable` meanwhile ends it.
   */
  async schedule(key: string, change: RouteChange & ScheduleInput): Promise<RouteView> {
    const window = readSchedule(change, this.clock());
    const draft = { state: 'maintenance', reason: change.reason ?? '', environments: null } as const;
    return this.#override(key, 'maintenance_scheduled', change, draft, window);
  }

  /** Takes back every planned maintenance of the route, begun or not; nothing planned = nothing changed. */
  async cancelSchedule(key: string, change: RouteChange = {}): Promise<RouteView> {
    return this.#change(key, 'schedule_cancelled', change, (record) => {
      const override = withoutSchedules(record.override);
      return override === record.override ? record : { ...record, override };
    });
  }

  /** Lets the route exist in these environments only. */
  async setEnvironments(key: string, environments: readonly string[], change: RouteChange & Expiry = {}): Promise<RouteView> {
    const allowed = readEnvironments(environments);
    return this.#override(
      key,
      'env_gate',
      change,
      { state: 'env_gated', reason: change.reason ?? '', environments: allowed },
      this.#expiry(change),
    );
  }

  /** Removes every override, so that the declared state holds again. */
  async clear(key: string, change: RouteChange = {}): Promise<RouteView> {
    return this.#change(key, 'clear', change, (record) => (record.override === null ? record : { ...record, override: null }));
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
    return [...this.#keys()]
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
  resolve(key: string): string {
    const known = (recordKey: string) =>
      this.table.isDeclared(recordKey) || this.state.snapshot.get('route', recordKey) !== undefined;
    return resolveRoute(this.table.qualify(key), known, () => this.#keys());
  }

  #override(
    key: string,
    action: AuditAction,
    change: RouteChange,
    draft: OverrideDraft,
    window: TimeWindow | null,
  ): Promise<RouteView> {
    checkReason(draft.reason);
    return this.#change(key, action, change, (record) => {
      const now = this.clock();
      const set = { setAt: new Date(now).toISOString(), setBy: change.actor ?? 'system' };
      const beneath = window === null ? null : pruned(record.override, now);
      return { ...record, override: { ...draft, ...set, window, beneath } };
    });
  }

  async #change(
    key: string,
    action: AuditAction,
    change: RouteChange,
    edit: (record: RouteRecord) => RouteRecord,
  ): Promise<RouteView> {
    const recordKey = this.resolve(key);
    const { expectedRevision } = change;
    await this.state.change(
      (snapshot) => {
        const stored = snapshot.get('route', recordKey);
        const before = this.#current(recordKey, stored);
        if (expectedRevision !== undefined && expectedRevision !== (stored?.revision ?? 0)) {
          throw new ConflictError('route', recordKey, expectedRevision, stored?.revision ?? 0);
        }
        if (before.declared.forceActive) throw new RouteProtectedError(recordKey);
        const after = edit(before);
        if (after === before) return null;
        if (depth(after.override) > MAX_STACKED_OVERRIDES) {
          throw new ValidationError(
            'window',
            `the route has ${MAX_STACKED_OVERRIDES} overrides on top of each other already; clear it first`,
          );
        }
        const audit = auditEntry(
          { action, kind: 'route', key: recordKey, service: after.service, before, after },
          change,
          this.clock(),
        );
        return { writes: [{ kind: 'route', key: recordKey, expected: stored?.revision ?? 0, value: after }], audit: [audit] };
      },
      { retry: expectedRevision === undefined },
    );
    return this.#view(recordKey);
  }

  #declarations(snapshot: Snapshot): { writes: readonly RecordWrite[]; audit: readonly AuditEntry[] } | null {
    const writes: RecordWrite[] = [];
    const audit: AuditEntry[] = [];
    for (const handle of this.table.handles()) {
      const stored = snapshot.get('route', handle.key);
      if (stored !== undefined && isDeepStrictEqual(stored.value.declared, handle.declared)) continue;
      const { service, key } = handle;
      const declaredAt = new Date(this.clock()).toISOString();
      const after: RouteRecord = { service, declared: handle.declared, declaredAt, override: stored?.value.override ?? null };
      writes.push({ kind: 'route', key, expected: stored?.revision ?? 0, value: after });
      if (stored !== undefined) {
        const draft = { action: 'declare', kind: 'route', key, service, before: stored.value, after } as const;
        audit.push(auditEntry(draft, { actor: 'deploy', platform: 'system' }, this.clock()));
      }
    }
    return writes.length === 0 ? null : { writes, audit };
  }

  /** The record as this process sees it: its own code knows better than the store what is declared. */
  #current(recordKey: string, stored: StoredRecord<'route'> | undefined): RouteRecord {
    const handle = this.table.find(recordKey);
    const declared = handle?.declared ?? stored?.value.declared;
    if (declared === undefined) throw new RouteNotFoundError(recordKey);
    const { declaredAt, override = null } = stored?.value ?? {};
    const service = stored?.value.service ?? parseRouteKey(recordKey).service;
    return { service, declared, ...(declaredAt === undefined ? {} : { declaredAt }), override };
  }

  #view(recordKey: string): RouteView {
    const stored = this.state.snapshot.get('route', recordKey);
    const record = this.#current(recordKey, stored);
    const { holdsFrom: _from, holdsUntil, ...effective } = effectiveRoute(record, this.clock());
    const { method, path } = parseRouteKey(recordKey);
    const nextChange = holdsUntil === Infinity ? null : toInstant(holdsUntil, 'nextChange');
    const { tags = [] } = record.declared;
    return { key: recordKey, method, path, ...effective, ...record, tags, nextChange, revision: stored?.revision ?? 0 };
  }

  *#keys(): IterableIterator<string> {
    for (const { key } of this.state.snapshot.list('route')) yield key;
    for (const { key } of this.table.handles()) if (this.state.snapshot.get('route', key) === undefined) yield key;
  }

  #expiry(change: Expiry): TimeWindow | null {
    const end = readExpiry(change, this.clock());
    return end === null ? null : { start: null, end };
  }

  #deprecatedSince(recordKey: string, now: number): number {
    const known = this.state.snapshot.get('route', recordKey)?.value.declared.deprecation ?? null;
    return known === null ? now : instantMs(known.since);
  }
}
