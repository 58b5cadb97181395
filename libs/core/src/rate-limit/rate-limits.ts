import { isDeepStrictEqual } from 'node:util';
import { auditEntry, type Author } from '../audit/author.js';
import type { WaygateBackend } from '../backend/backend.js';
import type { AuditEntry } from '../schema/audit.js';
import type { AuditAction } from '../model/vocabulary.js';
import { BackendUnavailableError, ConflictError, RouteProtectedError, ValidationError } from '../model/errors.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import {
  NO_RESETS,
  type HitFilter,
  type RateLimitAlgorithm,
  type RateLimitHit,
  type RateLimitOverride,
  type RateLimitPolicy,
  type RateLimitRecord,
} from '../schema/rate-limit.js';
import type { Page, RecordWrite, StoredRecord } from '../schema/record.js';
import { formatRouteKey, parseRouteKey, serviceName } from '../model/route-key.js';
import { instantMs, type Clock, type Instant } from '../model/time.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import type { LimitCode, LimitPhase } from './compiled-limit.js';
import { LimitScopeSwitch } from './limit-scope-switch.js';
import { overrideInForce, type LimitTable } from './limit-table.js';
import { LimitedRoute, type RateLimitDeclaration } from './limited-route.js';
import type { RateLimitInput } from '../schema/rate-limit.js';
import { readPolicy } from './policy.js';
import { afterReset } from './resets.js';

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
  readonly table: LimitTable;
  readonly backend: WaygateBackend;
  readonly clock: Clock;
  readonly defaultAlgorithm: RateLimitAlgorithm;
  /** Finds the record key of a registered route; throws where there is none, or several. */
  readonly resolveRoute: (key: string) => string;
  /** Writes hits that still wait, so that a reader sees them. */
  readonly flushHits: () => Promise<void>;
}

const MAX_POLICIES = 16;
const PHASES: readonly LimitPhase[] = ['origin', 'identity'];
const MAX_STACKED_OVERRIDES = 16;

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
    this.global = this.#scope(GLOBAL_SCOPE);
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
  async set(key: string, input: RateLimitInput, change: RateLimitChange = {}): Promise<RateLimitView> {
    const recordKey = this.options.resolveRoute(key);
    if (this.options.state.snapshot.get('route', recordKey)?.value.declared.forceActive === true)
      throw new RouteProtectedError(recordKey, 'be limited');
    const policy = readPolicy(input, 'override', this.options.defaultAlgorithm);
    const expiresAt = readExpiry(change, this.options.clock());
    return this.#change(recordKey, change, (before, now) => {
      if (
        policy.key === 'custom' &&
        !before.declared.some((declared) => declared.name === policy.name && declared.key === 'custom')
      ) {
        throw new ValidationError(
          'rateLimit.key',
          "'custom' is only possible where the code gives a function for the limit of that name",
        );
      }
      const current = overrideInForce(before.override, now)?.policies ?? before.declared;
      const policies = [...current.filter(({ name }) => name !== policy.name), policy];
      if (policies.length > MAX_POLICIES)
        throw new ValidationError('rateLimit.name', `a route has at most ${MAX_POLICIES} limits`);
      const set = { setAt: new Date(now).toISOString(), setBy: change.actor ?? 'system' };
      const override = { policies, ...set, expiresAt, beneath: expiresAt === null ? null : unexpired(before.override, now) };
      const action = current.some(({ name }) => name === policy.name) ? 'rl_policy_updated' : 'rl_policy_set';
      return { action, after: { ...before, override }, reason: summary(policy) };
    });
  }

  /** Removes what operators set, so that the declared limits hold again. */
  async clear(key: string, change: Omit<RateLimitChange, 'expiresIn' | 'expiresAt'> = {}): Promise<RateLimitView> {
    const recordKey = this.options.resolveRoute(key);
    return this.#change(recordKey, change, (before) =>
      before.override === null ? null : { action: 'rl_policy_deleted', after: { ...before, override: null }, reason: '' },
    );
  }

  /** Forgets what all callers of exactly this route used, or one caller (as shown in hits). */
  async reset(key: string, { caller, ...change }: Author & { readonly caller?: string } = {}): Promise<RateLimitView> {
    const recordKey = this.options.resolveRoute(key);
    return this.#change(recordKey, change, (before) => ({
      action: 'rl_reset',
      after: { ...before, resets: afterReset(before.resets, caller) },
      reason: caller === undefined ? '' : `caller ${caller}`,
    }));
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

  #scope(key: string): LimitScopeSwitch {
    const { state, clock, defaultAlgorithm } = this.options;
    return new LimitScopeSwitch(state, clock, defaultAlgorithm, key);
  }

  async #change(
    recordKey: string,
    change: RateLimitChange,
    edit: (before: RateLimitRecord, now: number) => { action: AuditAction; after: RateLimitRecord; reason: string } | null,
  ): Promise<RateLimitView> {
    const { expectedRevision } = change;
    await this.options.state.change(
      (snapshot) => {
        const stored = snapshot.get('rate-limit', recordKey);
        const expected = stored?.revision ?? 0;
        if (expectedRevision !== undefined && expectedRevision !== expected) {
          throw new ConflictError('rate-limit', recordKey, expectedRevision, expected);
        }
        const before = this.#current(recordKey, stored);
        const edited = edit(before, this.options.clock());
        if (edited === null) return null;
        const { action, after, reason } = edited;
        if (depth(after.override) > MAX_STACKED_OVERRIDES) {
          throw new ValidationError(
            'expiresAt',
            `the route has ${MAX_STACKED_OVERRIDES} limits on top of each other already; clear it first`,
          );
        }
        const draft = {
          action,
          kind: 'rate-limit',
          key: recordKey,
          service: after.service,
          before: stored?.value ?? null,
          after,
        } as const;
        const audit = auditEntry(draft, { ...change, reason: change.reason ?? reason }, this.options.clock());
        return { writes: [{ kind: 'rate-limit', key: recordKey, expected, value: after }], audit: [audit] };
      },
      { retry: expectedRevision === undefined },
    );
    return this.#view(recordKey);
  }

  #declarations(snapshot: Snapshot): { writes: readonly RecordWrite[]; audit: readonly AuditEntry[] } | null {
    const writes: RecordWrite[] = [];
    const audit: AuditEntry[] = [];
    for (const { key, service, declared } of this.options.table.routes()) {
      const stored = snapshot.get('rate-limit', key);
      if (stored === undefined ? declared.length === 0 : isDeepStrictEqual(stored.value.declared, declared)) continue;
      const after = { ...this.#current(key, stored), declared };
      writes.push({ kind: 'rate-limit', key, expected: stored?.revision ?? 0, value: after });
      if (stored === undefined) continue;
      const draft = { action: 'declare', kind: 'rate-limit', key, service, before: stored.value, after } as const;
      audit.push(auditEntry(draft, { actor: 'deploy', platform: 'system' }, this.options.clock()));
    }
    return writes.length === 0 ? null : { writes, audit };
  }

  /** The record as this process sees it: its own code knows better than the store what is declared. */
  #current(recordKey: string, stored: StoredRecord<'rate-limit'> | undefined): RateLimitRecord {
    const declared = this.options.table.find(recordKey)?.declared ?? stored?.value.declared ?? [];
    const service = parseRouteKey(recordKey).service;
    return { service, declared, override: stored?.value.override ?? null, resets: stored?.value.resets ?? NO_RESETS };
  }

  #view(recordKey: string): RateLimitView {
    const stored = this.options.state.snapshot.get('rate-limit', recordKey);
    const { service, declared, override } = this.#current(recordKey, stored);
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

/** What an audit entry says about a limit: `{limit} · {algorithm} · {key strategy}` (wire contract, §3). */
function summary({ limit, algorithm, key }: RateLimitPolicy): string {
  return `${limit} · ${algorithm} · ${key}`;
}

function unexpired(override: RateLimitOverride | null, now: number): RateLimitOverride | null {
  if (override === null) return null;
  const beneath = unexpired(override.beneath, now);
  return override.expiresAt !== null && instantMs(override.expiresAt) <= now ? beneath : { ...override, beneath };
}

function depth(override: RateLimitOverride | null): number {
  return override === null ? 0 : 1 + depth(override.beneath);
}
