import { isDeepStrictEqual } from 'node:util';
import type { WaygateBackend } from '../backend/backend.js';
import type { AuditEntry } from '../schema/audit.js';
import { auditEntry, type Author } from '../model/author.js';
import { BackendUnavailableError, ValidationError } from '../model/errors.js';
import type { Expiry } from '../model/expiry.js';
import type {
  HitFilter,
  RateLimitAlgorithm,
  RateLimitHit,
  RateLimitOverride,
  RateLimitInput,
  RateLimitPolicy,
} from '../schema/rate-limit.js';
import type { Page, RecordWrite } from '../schema/record.js';
import { formatRouteKey, parseRouteKey, serviceName } from '../model/route-key.js';
import type { Clock, Instant } from '../model/time.js';
import { withoutAuthor, type ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf } from '../planning/plan.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import type { LimitCode, LimitPhase } from './compiled-limit.js';
import { currentLimits, type LimitChanges } from './limit-planners.js';
import type { LimitScopeChanges } from './limit-scope-planners.js';
import { LimitScopeSwitch } from './limit-scope-switch.js';
import { MAX_POLICIES, overrideInForce, type LimitTable } from './limit-table.js';
import { LimitedRoute, type RateLimitDeclaration } from './limited-route.js';
import { readPolicy } from './policy.js';

/** With an expiry the limit goes away by itself, and what held before holds again. */
export interface RateLimitChange extends Author, Expiry {
  /** Refuse with {@link ConflictError} unless the record still is at this revision (0 = it does not exist). */
  readonly expectedRevision?: number;
}

/** The limits of a route as operators see them. */
export interface RateLimitView {
  /** Key of the route. */
  readonly key: string;
  readonly service: string | null;
  /** What holds now. */
  readonly policies: readonly RateLimitPolicy[];
  readonly source: 'declared' | 'override';
  /** When the override runs out by itself; `null` = it does not. */
  readonly until: Instant | null;
  readonly declared: readonly RateLimitPolicy[];
  readonly override: RateLimitOverride | null;
  /** Revision that last changed the record; 0 = not stored yet. */
  readonly revision: number;
}

export interface RateLimitsOptions {
  readonly state: ControlState;
  readonly changes: ChangeSink<ChangeOf<LimitChanges> | ChangeOf<LimitScopeChanges>>;
  readonly table: LimitTable;
  readonly backend: WaygateBackend;
  readonly clock: Clock;
  readonly defaultAlgorithm: RateLimitAlgorithm;
  /** Finds the record key of a registered route; throws where there is none, or several. */
  readonly resolveRoute: (key: string) => string;
  /** Writes hits that still wait, so that a reader sees them. */
  readonly flushHits: () => Promise<void>;
}

const PHASES: readonly LimitPhase[] = ['origin', 'identity'];

/**
 * Declares limits, changes them at runtime, and reads who was refused.
 *
 * Changes throw `RouteNotFoundError`, `AmbiguousRouteError`, `InvalidLimitError`, `ValidationError`, `BackendUnavailableError`, and
 * `ConflictError` where `expectedRevision` was given; then nothing was changed.
 */
export class RateLimits {
  /** The limit over everything. */
  readonly global: LimitScopeSwitch;

  constructor(private readonly options: RateLimitsOptions) {
    this.global = this.#scope(null);
  }

  /**
   * The limit over one service; the service need not be known yet.
   * @throws {ValidationError} for a name no service can have
   */
  forService(service: string): LimitScopeSwitch {
    return this.#scope(serviceName(service));
  }

  /**
   * Declares limits of a registered route of this process; they are in force at once. The store hears of them with {@link synchronise}.
   * @throws {ValidationError | InvalidLimitError}
   */
  declare(key: string, declarations: readonly RateLimitDeclaration[]): LimitedRoute {
    const recordKey = this.options.resolveRoute(key);
    const declared = this.check(declarations);
    const code = new Map<string, LimitCode>();
    declarations.forEach((declaration, index) => {
      const name = declared[index]?.name;
      if (name !== undefined) code.set(name, declaration);
    });
    const route = limitedRoute(recordKey, declared, code);
    this.options.table.add(route);
    return route;
  }

  /** A route as limits see it that this process does not declare: what the store knows about it. */
  foreign(recordKey: string): LimitedRoute {
    const declared = this.options.state.snapshot.get('rate-limit', recordKey)?.value.declared ?? [];
    return limitedRoute(recordKey, declared, new Map());
  }

  /**
   * Reads declared limits without declaring them. Those without a name are called `default`, `limit-2`, `limit-3`, …; throttlers whose
   * name is taken `throttler-default`, ….
   * @throws {ValidationError | InvalidLimitError}
   */
  check(declarations: readonly RateLimitDeclaration[]): readonly RateLimitPolicy[] {
    if (declarations.length > MAX_POLICIES) throw new ValidationError('rateLimits', `a route has at most ${MAX_POLICIES} limits`);
    const names = new Set<string>();
    return declarations.map((declaration, index) => {
      const { functions, phase, blockMs: _block, counters: _counters, origin = 'decorator', ...input } = declaration;
      const given = input.name ?? (index === 0 ? 'default' : `limit-${index + 1}`);
      // Nobody named them with the limits of Waygate in mind.
      const name = origin === 'throttler' && names.has(given) ? `throttler-${given}` : given;
      const field = `rateLimits[${index}]`;
      const policy = readPolicy({ ...input, name }, origin, this.options.defaultAlgorithm, field);
      if (phase !== undefined && !PHASES.includes(phase))
        throw new ValidationError(`${field}.phase`, `'${String(phase)}' is not known. Use one of ${PHASES.join(', ')}`);
      if (names.has(name)) throw new ValidationError(`${field}.name`, `'${name}' names another limit of this route already`);
      names.add(name);
      if (policy.key === 'custom' && functions?.key === undefined)
        throw new ValidationError(`${field}.key`, "'custom' needs a function that gives the key");
      return policy;
    });
  }

  /** Writes declared limits where the store does not have them yet. Done after every reconnection. */
  async synchronise(): Promise<void> {
    try {
      await this.options.state.change((snapshot) => this.#declarations(snapshot));
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error;
    }
  }

  /**
   * Sets one limit of a route (the one called `name`, else `default`) in place of what is declared; others of the route stay. Callers
   * begin to be counted anew when the limit is another one.
   * @throws {RouteProtectedError} for a route that is force-active, and so never limited
   */
  async set(key: string, rateLimit: RateLimitInput, change: RateLimitChange = {}): Promise<RateLimitView> {
    return this.#apply({ kind: 'limit.set', ...withoutAuthor(change), key, rateLimit }, change);
  }

  /** Removes what operators set, so that the declared limits hold again. */
  async clear(key: string, change: Omit<RateLimitChange, 'expiresIn' | 'expiresAt'> = {}): Promise<RateLimitView> {
    return this.#apply({ kind: 'limit.clear', ...withoutAuthor(change), key }, change);
  }

  /** Forgets what all callers of exactly this route used, or one caller (as shown in hits). */
  async reset(key: string, change: Author & { readonly caller?: string } = {}): Promise<RateLimitView> {
    return this.#apply({ kind: 'limit.reset', ...withoutAuthor(change), key }, change);
  }

  async get(key: string): Promise<RateLimitView> {
    return this.#view(this.options.resolveRoute(key));
  }

  /** The limits of exactly this record; `null` = there is none. */
  find(recordKey: string): RateLimitView | null {
    const known = this.options.state.snapshot.get('rate-limit', recordKey) ?? this.options.table.find(recordKey);
    return known === undefined ? null : this.#view(recordKey);
  }

  /** The limits of all routes that have any, sorted by key. */
  async list(filter: { readonly service?: string | null } = {}): Promise<readonly RateLimitView[]> {
    return this.readAll(filter);
  }

  /** A record that no writer of ours made is left out: it must not hide all the others. */
  #readable(key: string): readonly RateLimitView[] {
    try {
      return [this.#view(key)];
    } catch {
      return [];
    }
  }

  readAll(filter: { readonly service?: string | null } = {}): readonly RateLimitView[] {
    const keys = new Set<string>();
    for (const { key } of this.options.state.snapshot.list('rate-limit')) keys.add(key);
    for (const { key } of this.options.table.routes()) keys.add(key);
    return [...keys]
      .flatMap((key) => this.#readable(key))
      .filter((view) => view.policies.length > 0 || view.declared.length > 0)
      .filter((view) => filter.service === undefined || view.service === filter.service)
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  /**
   * Refused requests, newest first.
   * @param query.limit 1 to 1000; default 50
   */
  async hits({ limit = 50, cursor, ...filter }: HitFilter & { limit?: number; cursor?: string } = {}): Promise<
    Page<RateLimitHit>
  > {
    await this.options.flushHits();
    return this.options.backend.queryHits(filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
  }

  #scope(service: string | null): LimitScopeSwitch {
    const { state, clock, changes } = this.options;
    return new LimitScopeSwitch(state, clock, changes, service);
  }

  async #apply(change: ChangeOf<LimitChanges>, author: Author): Promise<RateLimitView> {
    await this.options.changes.applyOne(change, author);
    return this.get(change.key);
  }

  #declarations(snapshot: Snapshot): { writes: readonly RecordWrite[]; audit: readonly AuditEntry[] } | null {
    const writes: RecordWrite[] = [];
    const audit: AuditEntry[] = [];
    for (const { key, service, declared } of this.options.table.routes()) {
      const stored = snapshot.get('rate-limit', key);
      if (stored === undefined ? declared.length === 0 : isDeepStrictEqual(stored.value.declared, declared)) continue;
      const after = { ...currentLimits(this.options.table, key, stored?.value ?? null), declared };
      writes.push({ kind: 'rate-limit', key, expected: stored?.revision ?? 0, value: after });
      if (stored === undefined) continue;
      const draft = { action: 'declare', kind: 'rate-limit', key, service, before: stored.value, after } as const;
      audit.push(auditEntry(draft, { actor: 'deploy', platform: 'system' }, this.options.clock()));
    }
    return writes.length === 0 ? null : { writes, audit };
  }

  #view(recordKey: string): RateLimitView {
    const stored = this.options.state.snapshot.get('rate-limit', recordKey);
    const { service, declared, override } = currentLimits(this.options.table, recordKey, stored?.value ?? null);
    const inForce = overrideInForce(override, this.options.clock());
    return {
      key: recordKey,
      service,
      policies: inForce?.policies ?? declared,
      source: inForce === null ? 'declared' : 'override',
      until: inForce?.expiresAt ?? null,
      declared,
      override,
      revision: stored?.revision ?? 0,
    };
  }
}

function limitedRoute(
  recordKey: string,
  declared: readonly RateLimitPolicy[],
  code: ReadonlyMap<string, LimitCode>,
): LimitedRoute {
  const parts = parseRouteKey(recordKey);
  const localKey = formatRouteKey({ ...parts, service: null });
  return new LimitedRoute(recordKey, parts.service, localKey, parts.path, declared, code);
}
