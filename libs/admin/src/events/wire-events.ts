import {
  FlagNotFoundError,
  GLOBAL_SCOPE,
  parseRouteKey,
  SegmentNotFoundError,
  type ChangedRecord,
  type RateLimitView,
  type RecordedAuditEntry,
  type RouteView,
  type WaygateEngine,
} from '@waygate/core';
import { auditEntryWire } from '../audit/audit-entry-wire.js';
import { flagWire, segmentWire } from '../wire/flag-wire.js';
import { policiesOf, policyKey, scopePolicy } from '../rate-limits/rate-limit-policy.js';
import { routeState, sentinelState, unknownRoute, type RouteState } from '../routes/route-state.js';
import { StreamEvent } from './stream-event.js';

/** Turns records into the events of the wire contract, §7. Kinds that are not told (tokens, ended sessions) have no entry. */
export class WireEvents {
  constructor(private readonly engine: WaygateEngine) {}

  /** What a changed record is told as; nothing for kinds that nobody follows, and for records that cannot be read. */
  of(change: ChangedRecord): readonly StreamEvent[] {
    return readable(() => this.#of(change));
  }

  #of(change: ChangedRecord): readonly StreamEvent[] {
    switch (change.kind) {
      case 'route':
        return this.#route(change.key);
      case 'maintenance':
        return [sentinel(this.#maintenance(change.key))];
      case 'limit-scope':
        return [sentinel(this.#limitScope(change.key))];
      case 'rate-limit':
        return this.#limitsOf(change.key);
      case 'flag':
        return [this.#flag(change.key)];
      case 'segment':
        return [this.#segment(change.key)];
      default:
        return [];
    }
  }

  ofAudit(entry: RecordedAuditEntry): StreamEvent {
    return new StreamEvent(entry.service, () => ({ type: 'audit', entry: auditEntryWire(entry) }), true);
  }

  /**
   * Everything that holds now, in the order clients expect: switches, routes, limits, flags, segments.
   * @param app the service that asks: it is told of its switch also where it has registered nothing yet
   */
  everything(app: string | null): readonly StreamEvent[] {
    const views = this.engine.sync.routes.list();
    return [
      ...this.sentinels(views, app).map(sentinel),
      ...views.flatMap((view) => readable(() => [state(view.service, routeState(view, this.engine.now()))])),
      ...this.engine.sync.rateLimits.list().flatMap((view) => readable(() => this.#set(view))),
      ...this.engine.sync.flags.list().flatMap(({ key }) => readable(() => [this.#flag(key)])),
      ...this.engine.sync.segments.list().flatMap(({ key }) => readable(() => [this.#segment(key)])),
    ];
  }

  /** The routes that stand for switches and limits over everything and over services (wire contract, §2). */
  sentinels(views: readonly RouteView[], app: string | null): readonly RouteState[] {
    const scopes = this.#scopes(views, app);
    return [
      ...scopes.flatMap((scope) => readable(() => [this.#maintenance(scope)])),
      ...scopes.flatMap((scope) => readable(() => (this.#scopeOf(scope).read() === null ? [] : [this.#limitScope(scope)]))),
    ];
  }

  /** Services may be taken down and limited before any of their routes is known. */
  #scopes(views: readonly RouteView[], app: string | null): readonly string[] {
    const { snapshot } = this.engine.replication;
    const scopes = new Set([GLOBAL_SCOPE]);
    for (const { service } of views) if (service !== null) scopes.add(service);
    for (const kind of ['maintenance', 'limit-scope'] as const) for (const { key } of snapshot.list(kind)) scopes.add(key);
    if (app !== null) scopes.add(app);
    return [...scopes];
  }

  #route(key: string): readonly StreamEvent[] {
    try {
      const view = this.engine.sync.routes.get(key);
      return [state(view.service, routeState(view, this.engine.now()))];
    } catch {
      // A route that is gone has no state any more; clients take what they do not know for active.
      return [state(parseRouteKey(key).service, unknownRoute(key))];
    }
  }

  #maintenance(scope: string): RouteState {
    const { revision, ...record } =
      scope === '*' ? this.engine.sync.maintenance.get() : this.engine.sync.maintenance.forService(scope);
    return sentinelState(scope, record, revision, this.engine.now());
  }

  #limitScope(scope: string): RouteState {
    const service = scope === '*' ? null : scope;
    const path = service === null ? '__waygate:global_rl__' : `__waygate:svc_rl:${service}__`;
    const view = this.#scopeOf(scope).read();
    const reason = view === null ? '' : JSON.stringify(scopePolicy(view));
    return { ...unknownRoute(path), service, reason, revision: view?.revision ?? 0 };
  }

  #limitsOf(key: string): readonly StreamEvent[] {
    const view = this.engine.sync.rateLimits.find(key);
    return view === null || view.policies.length === 0 ? [this.#deleted(key)] : this.#set(view);
  }

  #set(view: RateLimitView): readonly StreamEvent[] {
    return view.policies.map(
      (_policy, index) =>
        new StreamEvent(view.service, (local) => ({
          type: 'rl_policy',
          action: 'set',
          key: policyKey(view.key, local),
          policy: policiesOf(view, local)[index],
        })),
    );
  }

  #flag(key: string): StreamEvent {
    return told(() => ({ type: 'flag_updated', key, flag: flagWire(this.engine.sync.flags.get(key)) }), {
      type: 'flag_deleted',
      key,
    });
  }

  #segment(key: string): StreamEvent {
    return told(() => ({ type: 'segment_updated', key, segment: segmentWire(this.engine.sync.segments.get(key)) }), {
      type: 'segment_deleted',
      key,
    });
  }

  #deleted(key: string): StreamEvent {
    const event = (local: boolean) => ({ type: 'rl_policy', action: 'delete', key: policyKey(key, local) });
    return new StreamEvent(parseRouteKey(key).service, event);
  }

  #scopeOf(scope: string) {
    return scope === '*' ? this.engine.rateLimits.global : this.engine.rateLimits.forService(scope);
  }
}

/** A record that no writer of ours made, left out: it must not keep everybody from everything else. */
function readable<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** What is there now, else that it is gone. It concerns all services. */
function told(updated: () => object, deleted: object): StreamEvent {
  let event: object;
  try {
    event = updated();
  } catch (error) {
    if (!(error instanceof FlagNotFoundError) && !(error instanceof SegmentNotFoundError)) throw error;
    event = deleted;
  }
  return new StreamEvent(null, () => event);
}

function state(service: string | null, payload: RouteState): StreamEvent {
  return new StreamEvent(service, () => ({ type: 'state', payload }));
}

function sentinel(payload: RouteState): StreamEvent {
  return state(payload.service, payload);
}
