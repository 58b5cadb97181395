import type { EngineConfig } from './config/engine-config.js';
import type { WaygateEvents } from './events/waygate-events.js';
import { warn } from './events/warn.js';
import type { EventHub } from './events/event-hub.js';
import type { Caller } from './model/caller.js';
import { toError } from './native-errors/native-error.js';
import type { RateLimitInput, RateLimitPolicy } from './schema/rate-limit.js';
import type { Planners } from './planning/plan.js';
import type { LimitPhase } from './rate-limit/compiled-limit.js';
import type { CounterStore } from './rate-limit/counter-store.js';
import type { CompiledLimit } from './rate-limit/compiled-limit.js';
import { explainLimit, type ExplainedLimit, type UsageReader } from './rate-limit/explain-limit.js';
import { HitLog } from './rate-limit/hit-log.js';
import type { LimitOutcome, RateLimitedBlock } from './rate-limit/limit-outcome.js';
import { limitPlanners, type LimitChanges, type LimitPlanning } from './rate-limit/limit-planners.js';
import { limitScopePlanners, type LimitScopeChanges } from './rate-limit/limit-scope-planners.js';
import { LimitTable } from './rate-limit/limit-table.js';
import type { LimitedRoute, LimitPlan } from './rate-limit/limited-route.js';
import { Limiter } from './rate-limit/limiter.js';
import { MemoryCounterStore } from './rate-limit/memory-counter-store.js';
import { readPolicy } from './rate-limit/policy.js';
import { RateLimits, type RateLimitsOptions } from './rate-limit/rate-limits.js';
import type { ControlState } from './state/control-state.js';

/** The engine's part for limits: table, limiter, counters and the log of refused requests, wired together. */
export class RateLimiting {
  readonly limits: RateLimits;
  /** Plan changes of limits. */
  readonly planners: Planners<LimitChanges & LimitScopeChanges>;
  readonly #table: LimitTable;
  readonly #limiter: Limiter;
  readonly #hits: HitLog;
  readonly #store: CounterStore;

  constructor(
    private readonly config: EngineConfig,
    state: ControlState,
    private readonly events: EventHub<WaygateEvents>,
    { changes, resolveRoute }: { readonly changes: RateLimitsOptions['changes'] } & Pick<LimitPlanning, 'resolveRoute'>,
  ) {
    const { addresses, backend, clock, counterStore, defaultAlgorithm, service } = config;
    const local = new MemoryCounterStore({ clock });
    this.#store = counterStore ?? local;
    const stores = counterStore === null ? [local] : [counterStore, local];
    this.#table = new LimitTable(service, clock, () => stores, addresses, warn);
    state.subscribe((change) => this.#table.apply(change));
    this.#hits = new HitLog({
      append: (hits) => backend.appendHits(hits),
      onError: (error) => warn('Refused requests could not be recorded', error),
    });
    this.#limiter = new Limiter({
      store: this.#store,
      fallback: local,
      clock,
      onStoreHealth: (error) => events.emit('counters', { error }),
    });
    const flushHits = () => this.#hits.flush();
    this.limits = new RateLimits({
      state,
      changes,
      table: this.#table,
      backend,
      clock,
      defaultAlgorithm,
      resolveRoute: (key) => resolveRoute(key, state.snapshot),
      flushHits,
    });
    this.planners = {
      ...limitPlanners({ table: this.#table, defaultAlgorithm, resolveRoute }),
      ...limitScopePlanners(defaultAlgorithm),
    };
  }

  /** Never fails the application: a store that cannot be reached is each limit's `onStoreError`. */
  async open(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.config.initTimeout)));
    try {
      await Promise.race([this.#store.open?.(), patience]);
    } catch (error) {
      this.events.emit('counters', { error: toError(error) });
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#hits.flush();
    await this.#store.close?.();
  }

  get store(): CounterStore {
    return this.#store;
  }

  /** How many refused requests were not recorded because too many came at once. */
  get droppedHits(): number {
    return this.#hits.dropped;
  }

  /** The limits that hold for the route now. */
  planFor(route: LimitedRoute): LimitPlan {
    return this.#table.planFor(route);
  }

  decide(plan: LimitPlan, phase: LimitPhase, caller: Caller, method: string): LimitOutcome | Promise<LimitOutcome> {
    return this.#limiter.decide(plan[phase], caller, (block, shadow) => this.#refused(plan.route, method, block, shadow));
  }

  decideUnmatched(caller: Caller, method: string): LimitOutcome | Promise<LimitOutcome> {
    return this.#limiter.decide(this.#table.unmatched(), caller, (block, shadow) => this.#refused(null, method, block, shadow));
  }

  /** What the limits of a route would make of a request: of this process as it has them, of others as the store knows them. */
  explain(recordKey: string, caller: Caller): Promise<readonly ExplainedLimit[]> {
    const own = this.#table.find(recordKey);
    const plan = this.#table.planFor(own ?? this.limits.foreign(recordKey));
    return this.#explain([...plan.origin, ...plan.identity], caller, this.#readerFor(own !== undefined));
  }

  explainUnmatched(caller: Caller): Promise<readonly ExplainedLimit[]> {
    return this.#explain(this.#table.unmatched(), caller, this.#readerFor(true));
  }

  #explain(limits: readonly CompiledLimit[], caller: Caller, reader: UsageReader | null): Promise<readonly ExplainedLimit[]> {
    return Promise.all(limits.map(async (limit) => explainLimit(limit, caller, reader)));
  }

  /** Counters in memory say nothing about the routes of other processes. */
  #readerFor(isOwn: boolean): UsageReader | null {
    const store = this.#store;
    if (this.config.counterStore !== null) return { store, countedBy: 'all processes' };
    return isOwn ? { store, countedBy: 'this process' } : null;
  }

  /** The limit as it would be stored. @throws {ValidationError | InvalidLimitError} */
  read(input: RateLimitInput): RateLimitPolicy {
    return readPolicy(input, 'override', this.config.defaultAlgorithm);
  }

  #refused(route: string | null, method: string, block: RateLimitedBlock, shadow: boolean): void {
    const { policy, limit, tier, caller, resetAt } = block;
    const at = new Date(this.config.clock()).toISOString();
    const until = new Date(Math.min(resetAt, 8.64e15)).toISOString();
    this.#hits.add({ at, route: route ?? '', method, caller, policy, limit, tier, resetAt: until, shadow });
    this.events.emit('blocked', { route, block, shadow });
  }
}
