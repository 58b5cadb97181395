import { Access } from './access/access.js';
import type { Change } from './changes/change.js';
import { Changes, type AppliedChanges } from './changes/changes.js';
import { previewOf, type ChangePreview } from './changes/preview.js';
import { AuditLog } from './audit/audit-log.js';
import { resolveConfig, type Bypass, type EngineConfig, type WaygateEngineOptions } from './config/engine-config.js';
import type { WaygateEvents } from './events/waygate-events.js';
import { warn } from './events/warn.js';
import { EventHub } from './events/event-hub.js';
import { FeatureFlags } from './feature-flags.js';
import { checkReferences } from './flags/check-references.js';
import { flagPlanners } from './flags/flag-planners.js';
import type { FlagClient } from './flags/flag-client.js';
import type { Flags } from './flags/flags.js';
import { segmentPlanners } from './flags/segment-planners.js';
import type { Segments } from './flags/segments.js';
import { ALLOWED, type LifecycleDecision, type MaintenanceBlock } from './lifecycle/lifecycle-decision.js';
import type { EffectiveState } from './lifecycle/effective-state.js';
import type { LifecycleStep } from './lifecycle/lifecycle-step.js';
import { KnownRoutes } from './lifecycle/known-routes.js';
import { LifecycleTable } from './lifecycle/lifecycle-table.js';
import { maintenancePlanners } from './lifecycle/maintenance-planners.js';
import { Maintenance } from './lifecycle/maintenance.js';
import { ReportedRoutes } from './lifecycle/reported-routes.js';
import { EngineClosedError, RouteNotFoundError } from './model/errors.js';
import type { ChangedRecord } from './schema/record.js';
import type { RouteHandle } from './lifecycle/route-handle.js';
import { routePlanners } from './lifecycle/route-planners.js';
import { Routes } from './lifecycle/routes.js';
import { Replication } from './replication.js';
import { ControlState, type StateChange } from './state/control-state.js';
import type { Health } from './state/health.js';
import { previewLimit, type LimitPreview } from './limit-preview.js';
import type { AuditAction } from './model/vocabulary.js';
import type { Author } from './schema/author.js';
import { LastKnownGood } from './state/last-known-good.js';
import { LaterKinds } from './state/later-kinds.js';
import type { Caller } from './model/caller.js';
import { addressKey } from './rate-limit/address-key.js';
import type { CounterStore } from './rate-limit/counter-store.js';
import type { ExplainedLimit } from './rate-limit/explain-limit.js';
import { type LimitOutcome, UNLIMITED_OUTCOME } from './rate-limit/limit-outcome.js';
import { LimitedRoute, NO_PLAN, type LimitPlan } from './rate-limit/limited-route.js';
import type { LimitPhase } from './rate-limit/compiled-limit.js';
import type { RateLimitInput } from './schema/rate-limit.js';
import type { RateLimits } from './rate-limit/rate-limits.js';
import { RateLimiting } from './rate-limiting.js';
import { Scheduler } from './schedule/scheduler.js';
import { upcomingOfFlag, type UpcomingChange } from './schedule/upcoming.js';
import { RequestStats } from './stats/request-stats.js';
import { StoreClock } from './state/store-clock.js';
import { SyncView } from './sync-view.js';
import { redacted } from './webhooks/redacted.js';
import { Webhooks } from './webhooks/webhooks.js';
import { changeEvent as describeChange } from './wire/change-event.js';

/** What would become of a request. */
export interface RequestExplanation {
  /** Whether it would be answered: nothing blocks it, and no enforced limit refuses it. */
  readonly isAnswered: boolean;
  readonly decision: LifecycleDecision;
  /** The enforced limit that would refuse it; `null` = none, or a step blocks it before. */
  readonly refusedBy: ExplainedLimit | null;
  /** In the order they are asked; the first that blocks decides. */
  readonly steps: readonly LifecycleStep[];
  /** Looked at only when no step blocks; outer ones first, those that need not know who is calling before the others. */
  readonly limits: readonly ExplainedLimit[];
}

const EDGE_ACTIONS: ReadonlySet<AuditAction> = new Set(['window_opened', 'window_closed', 'override_expired']);

/**
 * Waygate without a framework: opens the backend, keeps the snapshot, decides, and lets everything be changed at runtime.
 *
 * `open` it before use and `close` it with the application; `WaygateModule` does both.
 */
export class WaygateEngine {
  /** Registers routes and changes their state. */
  readonly routes: Routes;
  /** Routes that other processes report. */
  readonly reportedRoutes: ReportedRoutes;
  /** This engine as the backend of other processes. */
  readonly replication: Replication;
  /** API tokens, and sessions that were ended early. */
  readonly access: Access;
  /** Takes everything down, or one service. */
  readonly maintenance: Maintenance;
  /** Declares limits, changes them, and reads who was refused. */
  readonly rateLimits: RateLimits;
  /** Defines flags, switches them and plans their changes. */
  readonly flags: Flags;
  /** Named sets of callers that flags refer to. */
  readonly segments: Segments;
  /** An OpenFeature client. */
  readonly flagClient: FlagClient;
  /** What was changed, by whom and why. */
  readonly audit: AuditLog;
  /** Tells other systems of changes. */
  readonly webhooks: Webhooks;
  /** Reads without waiting. */
  readonly sync: SyncView;
  readonly events = new EventHub<WaygateEvents>();
  /** Requests of this process by route and minute. */
  readonly stats: RequestStats;

  readonly #config: EngineConfig;
  readonly #state: ControlState;
  readonly #table: LifecycleTable;
  readonly #knownRoutes: KnownRoutes;
  readonly #changes: Changes;
  readonly #limiting: RateLimiting;
  readonly #scheduler: Scheduler;
  readonly #featureFlags: FeatureFlags;
  readonly #storeClock: StoreClock;
  #bypass: Required<Bypass>;
  #opening: Promise<void> | undefined;
  #streamsEnded = false;
  #countersError: Error | null = null;

  /** @throws {ConfigurationError} for wrong options, environment variables or `.waygate` lines */
  constructor(options: WaygateEngineOptions = {}) {
    const config = resolveConfig(options);
    const { backend: store, clockTolerance: tolerance } = config;
    this.#storeClock = new StoreClock({ clock: config.clock, storeTime: store.now?.bind(store), tolerance });
    this.#config = { ...config, clock: this.#storeClock.now };
    const { backend, clock, environment, errorAfter, initTimeout, service, snapshotPath } = this.#config;
    this.#bypass = this.#config.bypass;
    this.stats = new RequestStats(clock, (listener) => this.events.on('blocked', listener));
    if (options.stats === true) this.stats.start();
    this.#state = new ControlState({
      backend,
      clock,
      initTimeout,
      errorAfter,
      onHealth: (health) => this.#healthChanged(health),
      settle: () => this.#scheduler.settle(),
      lastKnownGood: snapshotPath === null ? null : new LastKnownGood({ path: snapshotPath, onError: warn }),
      onWriteFailure: (reason) => warn('Changes cannot be saved', new Error(reason)),
      onListenerError: (error) => warn('A change could not be applied everywhere', error),
      alongside: (changeSet, snapshot) => this.webhooks.deliveriesFor(changeSet, snapshot),
    });
    const laterKinds = new LaterKinds((kind) =>
      warn('A later version of Waygate stored records that this one ignores and keeps', `kind '${kind}'`),
    );
    this.#state.subscribe((change) => laterKinds.observe(change));
    this.#table = new LifecycleTable(service, environment, clock, warn);
    this.#state.subscribe((change) => this.#table.apply(change));
    this.#knownRoutes = new KnownRoutes(this.#table);
    this.#changes = new Changes({
      state: this.#state,
      clock,
      planners: () => ({
        ...routePlanners(this.#knownRoutes),
        ...maintenancePlanners,
        ...this.#limiting.planners,
        ...flagPlanners,
        ...segmentPlanners,
        ...this.webhooks.planners,
      }),
      check: checkReferences,
      lastEntry: async (filter) => (await backend.queryAudit(filter, { limit: 1 })).items[0],
    });
    this.routes = new Routes(this.#state, this.#table, clock, this.#knownRoutes, this.#changes);
    this.#limiting = new RateLimiting(this.#config, this.#state, this.events, {
      changes: this.#changes,
      resolveRoute: (key, snapshot) => this.routes.resolve(key, snapshot),
    });
    this.rateLimits = this.#limiting.limits;
    this.#featureFlags = new FeatureFlags(this.#config, this.#state, this.events, this.#changes);
    this.flags = this.#featureFlags.flags;
    this.segments = this.#featureFlags.segments;
    this.flagClient = this.#featureFlags.client;
    this.#state.subscribe((change) => this.events.emit('change', changeEvent(change)));
    this.#state.subscribe(({ audit }) => {
      for (const entry of audit) if (EDGE_ACTIONS.has(entry.action)) this.events.emit('edge', entry);
    });
    this.#scheduler = new Scheduler({
      state: this.#state,
      clock,
      work: [this.#featureFlags.dueWork],
      idle: backend.runsSchedule,
      mayRecord: () => this.#storeClock.agrees(),
      onError: (error) => warn('What is due could not be done', error),
    });
    this.maintenance = new Maintenance(this.#state, clock, this.#changes);
    this.reportedRoutes = new ReportedRoutes(this.#state, clock);
    this.access = new Access(this.#state, clock);
    this.audit = new AuditLog(backend, this.#state, clock, this.#config.auditMaxAge, checkReferences);
    this.replication = new Replication(this.#state, backend, this.audit);
    this.events.on('counters', ({ error }) => (this.#countersError = error));
    const { webhooks } = this.#config;
    this.webhooks = new Webhooks({
      state: this.#state,
      changes: this.#changes,
      clock,
      config: webhooks,
      describe: describeChange,
      onError: warn,
    });
    const { routes, maintenance, rateLimits, flags, segments } = this;
    this.sync = new SyncView({ routes, maintenance, rateLimits, flags, segments, evaluator: this.#featureFlags.evaluator });
  }

  /** The environment this process runs in, as gates see it. */
  get environment(): string {
    return this.#config.environment;
  }

  /** The service this process is part of; `null` = it stands alone. */
  get service(): string | null {
    return this.#config.service;
  }

  /**
   * How far the clock of this process is ahead of the store's time, in ms; negative = behind. `null` = unknown.
   * {@link now} is corrected for it.
   */
  get clockAhead(): number | null {
    return this.#storeClock.ahead;
  }

  /** Epoch ms of the engine's clock, corrected to the store's time when that is known. */
  now(): number {
    return this.#config.clock();
  }

  /** Number of the last commit in force here. */
  get revision(): number {
    return this.#state.snapshot.revision;
  }

  get health(): Health {
    return this.#state.health;
  }

  /** Whether the application has begun to end. */
  get isEnding(): boolean {
    return this.#streamsEnded;
  }

  /** What is not as it should be, in words for operators; empty = nothing. */
  get troubles(): readonly string[] {
    const { status, reason } = this.health;
    const counters = this.#countersError;
    return [
      ...(this.isEnding ? ['the application is ending'] : []),
      ...(status === 'ready' || status === 'closed' ? [] : [`the state is ${status}${reason === '' ? '' : `: ${reason}`}`]),
      ...this.#clockTroubles(),
      ...(this.#state.writeFailure === null ? [] : [`changes cannot be saved: ${this.#state.writeFailure}`]),
      ...this.#table.unreadable(),
      ...(counters === null ? [] : [`requests cannot be counted together: ${counters.message}`]),
    ];
  }

  /**
   * Connects to the backend. While it is away the application starts all the same: what the code declares holds, and `health` is stale.
   * @throws {ConfigurationError} when no waiting will help: the state file is damaged, or another process has it
   */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** Tells streams fed by this engine to end, once. Call it before the server stops to accept connections. */
  endStreams(): void {
    if (this.#streamsEnded) return;
    this.#streamsEnded = true;
    this.events.emit('close', undefined);
  }

  /** Ends timers and connections. Decisions still can be made; changes are refused with `EngineClosedError`. */
  async close(): Promise<void> {
    this.endStreams();
    this.#storeClock.stop();
    await this.#scheduler.close();
    await this.webhooks.close();
    await this.#limiting.close();
    this.#featureFlags.close();
    await this.#state.close();
  }

  /**
   * Makes changes, all or none of them, in one commit that one revert takes back. Later changes see what earlier ones of the list did.
   * Changes that change nothing are left out; when none is left, nothing is committed.
   * @param changes at most 1,000
   * @param author who makes them; `reason` is that of all changes which give none
   * @throws {ValidationError} naming the change and the field, e.g. `changes[2].rateLimit.limit`
   * @throws {ChangeFailedError} for a change that cannot be made, with the cause
   * @throws {ChangesConflictError} listing every change whose `expectedRevision` is not the record's revision
   * @throws {BackendUnavailableError | EngineClosedError}
   * @example
   * const { revision } = await engine.apply(
   *   [
   *     { kind: 'route.disable', key: 'GET:/payments' },
   *     { kind: 'limit.set', key: 'GET:/orders', rateLimit: { limit: '10/minute' }, expiresIn: '2h' },
   *   ],
   *   { actor: 'alice', reason: 'incident 42' },
   * );
   */
  async apply(changes: readonly Change[], author: Author = {}): Promise<AppliedChanges> {
    return this.#changes.apply(changes, author);
  }

  /**
   * Accepts the store as it is now, after a backup was restored on purpose: every process adopts it, whatever it knew before. Needed when
   * `health.status` is `state-lost` and the state in memory is the wrong one. Recorded in the audit log.
   * @param author who accepts it and why
   * @throws {ChangeRefusedError} when the backend does not support it
   * @throws {BackendUnavailableError | EngineClosedError}
   * @example
   * await engine.acceptState({ actor: 'alice', reason: 'restored the backup of Monday' });
   */
  async acceptState(author: Author = {}): Promise<void> {
    await this.#state.accept(author);
  }

  /**
   * What {@link apply} would do now: records and handlers before and after, conflicts, and warnings. Changes nothing.
   * @throws what {@link apply} throws, but for `ChangesConflictError`
   * @example
   * const { handlers, conflicts } = await engine.preview([{ kind: 'maintenance.enable', service: 'shop' }]);
   */
  async preview(changes: readonly Change[], author: Author = {}): Promise<ChangePreview> {
    const { planned, conflicts } = await this.#changes.plan(changes, author);
    return previewOf(planned, conflicts, { routes: this.#knownRoutes, environment: this.environment, now: this.now() });
  }

  /**
   * What happens to a request for this route now: pure and synchronous.
   * @param route a handle from `routes.register`, or a key
   * @throws {RouteNotFoundError | AmbiguousRouteError} for a key that is not registered
   */
  decide(route: RouteHandle | string): LifecycleDecision {
    if (this.#bypass.lifecycle) return ALLOWED;
    return this.#table.decide(typeof route === 'string' ? this.#handle(route) : route);
  }

  /**
   * What applies to a handler now and why: what the next request gets, as the guard decides it. Pure and synchronous.
   * @throws {RouteNotFoundError | AmbiguousRouteError} for a key that is not registered
   * @example
   * const { status, blockedBy, reason, until } = engine.effective('GET:/payments');
   */
  effective(key: string): EffectiveState {
    return this.#table.effective(this.#handle(key));
  }

  /**
   * What applies to every handler now, sorted by key.
   * @param filter `service: null` = handlers that belong to none. Default: all
   * @example
   * const down = engine.effectiveAll({ service: 'shop' }).filter(({ blockedBy }) => blockedBy !== null);
   */
  effectiveAll(filter: { readonly service?: string | null } = {}): readonly EffectiveState[] {
    return this.routes.readAll(filter).map(({ effective }) => effective);
  }

  /** The maintenance that a request meets which no route answers to; `null` = none. */
  decideUnmatched(): MaintenanceBlock | null {
    return this.#bypass.lifecycle ? null : this.#table.decideUnmatched();
  }

  /** The limits that apply to a route now, by phase. Look it up once per request and pass it to {@link limit} in both phases. */
  limitPlan(route: LimitedRoute): LimitPlan {
    return this.#bypass.rateLimits ? NO_PLAN : this.#limiting.planFor(route);
  }

  /**
   * Counts a request against the limits of its route and says whether it is over one. In `origin` those that need not know who is
   * calling, in `identity` the others. A promise only where counters are shared or a function of the app waits.
   * @param limits the route, or its plan where that is already known
   */
  limit(
    limits: LimitedRoute | LimitPlan,
    phase: LimitPhase,
    caller: Caller,
    method: string,
  ): LimitOutcome | Promise<LimitOutcome> {
    if (this.#bypass.rateLimits) return UNLIMITED_OUTCOME;
    const plan = limits instanceof LimitedRoute ? this.#limiting.planFor(limits) : limits;
    return this.#limiting.decide(plan, phase, caller, method);
  }

  /** Counts a request that no route answers to against the limits over everything. */
  limitUnmatched(caller: Caller, method: string): LimitOutcome | Promise<LimitOutcome> {
    return this.#bypass.rateLimits ? UNLIMITED_OUTCOME : this.#limiting.decideUnmatched(caller, method);
  }

  /**
   * Every step of the decision about a request, with the live counters of its limits, without counting it. Where checks are bypassed in
   * this process, it says what would happen without the bypass.
   * @param key the route that answers; `null` = none does
   * @throws {RouteNotFoundError | AmbiguousRouteError} as a rejection
   * @example
   * const { isAnswered, refusedBy } = await engine.explain('GET:/payments', caller);
   * // refusedBy?.usage: { used: 10, limit: 10, resetAt: '…', refuses: true, countedBy: 'this process' }
   */
  async explain(key: string | null, caller: Caller): Promise<RequestExplanation> {
    if (key === null) {
      const decision = this.#table.decideUnmatched() ?? ALLOWED;
      return explained(decision, [], await this.#limiting.explainUnmatched(caller));
    }
    const handle = this.#handle(key);
    const limits = handle.forceActive ? [] : await this.#limiting.explain(handle.key, caller);
    return explained(this.#table.decide(handle), this.#table.explain(handle), limits);
  }

  /**
   * What a limit would have done to the last hour's requests of this process: they are counted again, by the algorithm they would have been
   * counted by. Nothing is changed. Empty while statistics are off.
   * @param covers the keys of the routes the limit is over
   * @throws {ValidationError | InvalidLimitError}
   */
  previewLimit(input: RateLimitInput, covers: (route: string) => boolean): LimitPreview {
    return previewLimit(this.stats, this.#limiting.read(input), covers, this.#config.addresses);
  }

  /** What will change by itself, soonest first: windows, expiries and what flags have planned. */
  upcoming(): readonly UpcomingChange[] {
    const now = this.now();
    const flags = [...this.#state.snapshot.list('flag')].flatMap((record) => upcomingOfFlag(record, now));
    return [...this.#scheduler.upcoming(), ...flags].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  /** Refused requests that were not recorded because too many came at once. */
  get droppedHits(): number {
    return this.#limiting.droppedHits;
  }

  /** Where requests are counted: the configured store, else the one in this process. For limits the engine does not know of. */
  get counters(): CounterStore {
    return this.#limiting.store;
  }

  /** The caller an address is counted as: IPv6 by network, IPv4 in IPv6 unmapped. */
  callerOf(ip: string): string {
    return addressKey(ip, this.#config.addresses);
  }

  get bypass(): Required<Bypass> {
    return this.#bypass;
  }

  /** Skips checks, for tests; what is not named stays as it is. Prefer `bypass()` of the testing entry point, which restores. */
  setBypass(bypass: Bypass): void {
    this.#bypass = { ...this.#bypass, ...bypass };
  }

  #clockTroubles(): readonly string[] {
    const { ahead, isWrong } = this.#storeClock;
    if (ahead === null || !isWrong) return [];
    const seconds = (Math.abs(ahead) / 1_000).toFixed(1);
    return [
      `the clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the store's time; no edges of windows are recorded here`,
    ];
  }

  async #open(): Promise<void> {
    await Promise.all([this.#state.open(), this.#limiting.open()]);
    await this.#storeClock.start();
    this.webhooks.start();
  }

  async #synchronise(): Promise<void> {
    await this.routes.synchronise();
    await this.rateLimits.synchronise();
    await this.webhooks.synchronise();
  }

  #handle(key: string): RouteHandle {
    const recordKey = this.routes.resolve(key);
    const handle = this.#table.find(recordKey);
    if (handle === undefined) throw new RouteNotFoundError(key);
    return handle;
  }

  #healthChanged(health: Health): void {
    if (health.status === 'ready')
      this.#synchronise().catch((error: unknown) => {
        // Closed meanwhile: nobody waits for it any more.
        if (!(error instanceof EngineClosedError)) warn('Routes could not be registered', error);
      });
    this.#featureFlags.healthChanged(health);
    this.events.emit('health', health);
  }
}

function explained(
  decision: LifecycleDecision,
  steps: readonly LifecycleStep[],
  limits: readonly ExplainedLimit[],
): RequestExplanation {
  const refuses = ({ result, usage, policy }: ExplainedLimit) =>
    policy.mode === 'enforce' && (result === 'refuse' || usage?.refuses === true);
  const refusedBy = decision.outcome === 'allow' ? (limits.find(refuses) ?? null) : null;
  return { isAnswered: decision.outcome === 'allow' && refusedBy === null, decision, refusedBy, steps, limits };
}

function changeEvent({ before, after, changes, audit }: StateChange): WaygateEvents['change'] {
  return {
    revision: after.revision,
    changes: changes.map((change) => ({
      before: withoutSecrets(before.get(change.kind, change.key) ?? null),
      after: withoutSecrets(change),
    })),
    audit,
  };
}

/** Events go to streams and logs. */
function withoutSecrets<T extends ChangedRecord | null>(record: T): T {
  return record?.kind === 'webhook' && record.value !== null ? { ...record, value: redacted(record.value) } : record;
}
