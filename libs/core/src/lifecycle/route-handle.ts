import { formatRouteKey, parseRouteKey } from '../model/route-key.js';
import type { DeclaredRoute, RouteOverride } from '../schema/route.js';
import { instantMs } from '../model/time.js';
import { ALLOWED, type LifecycleDecision } from './lifecycle-decision.js';
import { effectiveRoute, type EffectiveRoute } from './effective-route.js';
import { readableOverride, stackMisfit } from './readable-override.js';

/**
 * A route of this process, compiled: the decision that holds now, ready to be given out, and how long it holds.
 * The guard keeps one for each handler; the change feed keeps it up to date.
 */
export class RouteHandle {
  readonly service: string | null;
  /** `null` for a bare path. */
  readonly method: string | null;
  /** The template, e.g. `/v1/items/:id`. */
  readonly path: string;
  /** The key without a service, e.g. `GET:/v1/items/:id`. */
  readonly localKey: string;
  forceActive = false;

  #declared: DeclaredRoute;
  #override: RouteOverride | null = null;
  #decision: LifecycleDecision = ALLOWED;
  #holdsFrom = Infinity;
  #holdsUntil = -Infinity;
  #misfit: unknown = null;
  /** The override that decides: the last readable restriction, while the stored one cannot be read. */
  #inForce: RouteOverride | null = null;

  /** @param key the record's key, with the service when the process has one */
  constructor(
    readonly key: string,
    declared: DeclaredRoute,
    private readonly environment: string,
  ) {
    const parts = parseRouteKey(key);
    this.service = parts.service;
    this.method = parts.method;
    this.path = parts.path;
    this.localKey = formatRouteKey({ ...parts, service: null });
    this.#declared = declared;
    this.forceActive = declared.forceActive;
  }

  get declared(): DeclaredRoute {
    return this.#declared;
  }

  get override(): RouteOverride | null {
    return this.#override;
  }

  /** Why the override cannot be read, so that the last readable restriction, or its fallback, applies; `null` = it can. */
  get misfit(): unknown {
    return this.#misfit;
  }

  /** Puts another declared state or override into force. */
  update(declared: DeclaredRoute, override: RouteOverride | null): void {
    this.#declared = declared;
    this.#override = override;
    this.#misfit = stackMisfit(override);
    if (this.#misfit === null) this.#inForce = override;
    // An open route was closed in a way that cannot be read: it does not stay open.
    else if (this.#inForce === null || this.#inForce.state === 'active') this.#inForce = readableOverride(override);
    this.forceActive = declared.forceActive;
    this.#holdsFrom = Infinity;
    this.#holdsUntil = -Infinity;
  }

  /** The lifecycle decision about the route alone. Reads the clock only when a window could have opened or closed. */
  decide(clock: () => number): LifecycleDecision {
    if (this.#holdsUntil === Infinity && this.#holdsFrom === -Infinity) return this.#decision;
    const now = clock();
    if (now < this.#holdsFrom || now >= this.#holdsUntil) this.#compile(now);
    return this.#decision;
  }

  #compile(now: number): void {
    const effective = this.effective(now);
    this.#decision = Object.freeze(decisionFor(effective, this.environment));
    this.#holdsFrom = effective.holdsFrom;
    this.#holdsUntil = effective.holdsUntil;
  }

  /** What applies to the route alone at `now` (epoch ms). */
  effective(now: number): EffectiveRoute {
    return effectiveRoute({ declared: this.#declared, override: this.#inForce }, now);
  }
}

/** What follows from an effective state in an environment. The gate comes first: it must not reveal that there is a route. */
export function decisionFor(effective: EffectiveRoute, environment: string): LifecycleDecision {
  const { state, reason, environments, deprecation, forceActive, until } = effective;
  if (forceActive) return deprecation === null ? ALLOWED : { outcome: 'allow', deprecation };
  if (environments !== null && !environments.includes(environment)) {
    return { outcome: 'block', kind: 'env_gated', reason, environment, allowed: environments };
  }
  if (state === 'maintenance') {
    return { outcome: 'block', kind: 'maintenance', scope: 'route', reason, endsAt: until === null ? null : instantMs(until) };
  }
  if (state === 'disabled') return { outcome: 'block', kind: 'disabled', reason };
  return deprecation === null ? ALLOWED : { outcome: 'allow', deprecation };
}
