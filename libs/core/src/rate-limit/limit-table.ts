import { isDeepStrictEqual } from 'node:util';
import type { CounterStore } from './counter-store.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import {
  NO_RESETS,
  type LimitScopeRecord,
  type RateLimitOverride,
  type RateLimitPolicy,
  type RateLimitRecord,
  type RateLimitResets,
} from '../schema/rate-limit.js';
import { instantMs, type Clock } from '../model/time.js';
import type { StateChange } from '../state/control-state.js';
import { Snapshot } from '../state/snapshot.js';
import type { AddressGrouping } from './address-key.js';
import { unexpiredScope } from './unexpired-scope.js';
import { type CompiledLimit, type LimitCode, type LimitScope, type RateLimitFunctions } from './compiled-limit.js';
import { compileLimits } from './compile-limits.js';
import type { LimitedRoute, LimitPlan } from './limited-route.js';

/** How many limits a route may have. */
export const MAX_POLICIES = 16;

const RESET_FAILED = 'A counter could not be reset';
const NO_LIMITS: readonly CompiledLimit[] = Object.freeze([]);
const NO_CODE: LimitCode = Object.freeze({});

/** The limit over everything or over a service: what of its record holds now, compiled when first asked for. */
class ScopeSlot {
  #compiled: CompiledScope | null = null;
  #holdsUntil = -Infinity;

  constructor(
    private readonly scope: LimitScope,
    private readonly key: string,
    private readonly record: LimitScopeRecord,
    private readonly grouping: AddressGrouping,
    private readonly warn: (what: string, error: unknown) => void,
  ) {}

  /** @returns `null` = no limit holds */
  at(now: number): CompiledScope | null {
    if (now >= this.#holdsUntil) this.#compile(now);
    return this.#compiled;
  }

  /** Epoch ms until which what {@link at} returned last is true. */
  get holdsUntil(): number {
    return this.#holdsUntil;
  }

  /** A record that no writer of ours made must not take routes down. */
  #compile(now: number): void {
    try {
      this.#compileUnexpired(now);
    } catch (error) {
      this.#holdsUntil = Infinity;
      this.#compiled = null;
      this.warn(`The limit over '${this.key}' cannot be read and does not hold. Set it anew`, error);
    }
  }

  #compileUnexpired(now: number): void {
    const current = unexpiredScope(this.record, now);
    const expiresAt = current?.expiresAt ?? null;
    this.#holdsUntil = expiresAt === null ? Infinity : instantMs(expiresAt);
    const holds = current !== null && current.enabled && current.policy.mode !== 'off';
    this.#compiled = holds
      ? new CompiledScope(this.scope, this.key, { ...current, resets: this.record.resets }, this.grouping)
      : null;
  }
}

/** A limit over everything or over a service, compiled. */
class CompiledScope {
  readonly limits: readonly CompiledLimit[];
  readonly #exempt: ReadonlySet<string>;

  constructor(scope: LimitScope, key: string, { policy, resets, exemptRoutes }: LimitScopeRecord, grouping: AddressGrouping) {
    const counterId = `${scope}:${key}|${policy.name}|g${resets.generation}`;
    this.limits = compileLimits(policy, { scope, counterId, code: NO_CODE, grouping, onFunctionError: () => undefined });
    this.#exempt = new Set(exemptRoutes);
  }

  covers(route: LimitedRoute): boolean {
    return !this.#exempt.has(route.localKey) && !this.#exempt.has(route.path);
  }
}

/** Everything the limiter reads, compiled from the snapshot. A change to a route's limits drops the plan of that route only. */
export class LimitTable {
  readonly #routes = new Map<string, LimitedRoute>();
  readonly #scopes = new Map<string, ScopeSlot>();
  #snapshot = Snapshot.EMPTY;

  constructor(
    private readonly service: string | null,
    private readonly clock: Clock,
    private readonly counters: () => readonly CounterStore[],
    private readonly grouping: AddressGrouping,
    private readonly warn: (what: string, error: unknown) => void,
  ) {}

  add(route: LimitedRoute): void {
    this.#routes.set(route.key, route);
  }

  find(recordKey: string): LimitedRoute | undefined {
    return this.#routes.get(recordKey);
  }

  routes(): IterableIterator<LimitedRoute> {
    return this.#routes.values();
  }

  /** The limits of a route, global and service ones first. */
  planFor(route: LimitedRoute): LimitPlan {
    const plan = route.plan;
    if (plan !== null && (plan.holdsUntil === Infinity || this.clock() < plan.holdsUntil)) return plan;
    return (route.plan = this.#compile(route));
  }

  /** The limits of a request that no route answers to; also those by who is calling, as no guard will know more of it. */
  unmatched(): readonly CompiledLimit[] {
    if (this.#scopes.size === 0) return NO_LIMITS;
    const now = this.clock();
    const slots = [this.#scopes.get(GLOBAL_SCOPE), this.service === null ? undefined : this.#scopes.get(this.service)];
    return slots.flatMap((slot) => {
      const scope = slot?.at(now) ?? null;
      return scope === null ? [] : scope.limits;
    });
  }

  apply({ before, after, changes }: StateChange): void {
    this.#snapshot = after;
    for (const change of changes) {
      if (change.kind === 'rate-limit') {
        const route = this.#routes.get(change.key);
        if (route === undefined) continue;
        const known = before.get('rate-limit', change.key)?.value.resets ?? NO_RESETS;
        if (change.value !== null) this.#forgetCallers(this.planFor(route), known, change.value.resets);
        route.plan = null;
      } else if (change.kind === 'limit-scope') {
        this.#applyScope(change.key, change.value, before.get('limit-scope', change.key)?.value.resets ?? NO_RESETS);
      }
    }
  }

  #applyScope(key: string, record: LimitScopeRecord | null, known: RateLimitResets): void {
    const scope = key === GLOBAL_SCOPE ? 'global' : 'service';
    const current = this.#scopes.get(key)?.at(this.clock()) ?? null;
    if (current !== null && record !== null) this.#forgetCallersOf(current.limits, known, record.resets);
    if (record === null) this.#scopes.delete(key);
    else this.#scopes.set(key, new ScopeSlot(scope, key, record, this.grouping, this.warn));
    for (const route of this.#routes.values()) if (scope === 'global' || route.service === key) route.plan = null;
  }

  #compile(route: LimitedRoute): LimitPlan {
    const now = this.clock();
    const record = this.#snapshot.get('rate-limit', route.key)?.value;
    const limits: CompiledLimit[] = [];
    let holdsUntil = Infinity;
    for (const key of [GLOBAL_SCOPE, route.service]) {
      const slot = key === null ? undefined : this.#scopes.get(key);
      if (slot === undefined) continue;
      const scope = slot.at(now);
      holdsUntil = Math.min(holdsUntil, slot.holdsUntil);
      if (scope?.covers(route) === true) limits.push(...scope.limits);
    }
    try {
      holdsUntil = Math.min(holdsUntil, earliestExpiry(record?.override ?? null, now));
      limits.push(
        ...this.#routeLimits(route, overrideInForce(record?.override ?? null, now)?.policies ?? route.declared, record),
      );
    } catch (error) {
      this.warn(`What was set for the limits of ${route.key} cannot be read; what the code declares holds. Set it anew`, error);
      limits.push(...this.#routeLimits(route, route.declared, undefined));
    }
    return {
      route: route.key,
      origin: limits.filter((limit) => limit.phase === 'origin'),
      identity: limits.filter((limit) => limit.phase === 'identity'),
      holdsUntil,
    };
  }

  /** @throws {Error} for policies that no writer of ours made */
  #routeLimits(
    route: LimitedRoute,
    policies: readonly RateLimitPolicy[],
    record: RateLimitRecord | undefined,
  ): readonly CompiledLimit[] {
    const generation = record?.resets.generation ?? 0;
    return policies
      .filter(({ mode }) => mode !== 'off')
      .flatMap((policy) => {
        const declared = route.declared.find(({ name }) => name === policy.name);
        const code = codeFor(policy, declared, route.code.get(policy.name) ?? NO_CODE);
        const counterId = `${code.counters ?? route.key}|${policy.name}|g${generation}`;
        return compileLimits(policy, { scope: 'route', counterId, code, grouping: this.grouping, onFunctionError: this.warn });
      });
  }

  #forgetCallers(plan: LimitPlan, known: RateLimitResets, wanted: RateLimitResets): void {
    this.#forgetCallersOf(
      [...plan.origin, ...plan.identity].filter((limit) => limit.scope === 'route'),
      known,
      wanted,
    );
  }

  #forgetCallersOf(limits: readonly CompiledLimit[], known: RateLimitResets, wanted: RateLimitResets): void {
    if (!Array.isArray(known.callers) || !Array.isArray(wanted.callers)) return;
    const seen = known.callers.at(-1)?.sequence ?? 0;
    for (const { caller, sequence } of wanted.callers) {
      if (sequence <= seen) continue;
      for (const limit of limits) for (const rule of limit.rules()) this.#forget(rule, caller);
    }
  }

  #forget(rule: Parameters<CounterStore['reset']>[0], caller: string): void {
    for (const store of this.counters()) {
      try {
        const done = store.reset(rule, caller);
        if (done instanceof Promise) done.catch((error: unknown) => this.warn(RESET_FAILED, error));
      } catch (error) {
        this.warn(RESET_FAILED, error);
      }
    }
  }
}

/**
 * What an operator set is meant as it is written. Who only switched the mode changed nothing else; otherwise those functions of the app
 * stay, and when they are asked, that say what the operator left as it was: the key, the tier, the weight.
 */
function codeFor(policy: RateLimitPolicy, declared: RateLimitPolicy | undefined, code: LimitCode): LimitCode {
  if (policy.origin !== 'override') return code;
  if (declared === undefined) return NO_CODE;
  if (isDeepStrictEqual({ ...policy, mode: declared.mode, origin: declared.origin }, declared)) return code;
  if (code.functions === undefined) return NO_CODE;
  const { key, tier, cost } = code.functions;
  const functions: RateLimitFunctions = {
    ...(key !== undefined && policy.key === 'custom' ? { key } : {}),
    ...(tier !== undefined && policy.tiers.length > 0 && policy.tierResolver === declared.tierResolver ? { tier } : {}),
    ...(cost !== undefined && policy.cost === declared.cost ? { cost } : {}),
  };
  if (Object.keys(functions).length === 0) return NO_CODE;
  return { functions, ...(code.phase === undefined ? {} : { phase: code.phase }) };
}

/** The topmost override that has not run out. */
export function overrideInForce(override: RateLimitOverride | null, now: number): RateLimitOverride | null {
  let current = override;
  while (current !== null && current.expiresAt !== null && instantMs(current.expiresAt) <= now) current = current.beneath;
  return current;
}

function earliestExpiry(override: RateLimitOverride | null, now: number): number {
  let earliest = Infinity;
  for (let current = override; current !== null; current = current.beneath) {
    if (current.expiresAt !== null && instantMs(current.expiresAt) > now)
      earliest = Math.min(earliest, instantMs(current.expiresAt));
  }
  return earliest;
}
