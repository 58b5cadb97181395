import { GLOBAL_SCOPE, NO_RESETS, type RateLimitRecord } from '@waygate/core';
import type { FeatureFlag } from '../wire/flags.js';
import type { MaintenanceConfig } from '../wire/maintenance.js';
import type { GlobalRateLimit, GlobalRateLimitPolicy, RateLimitPolicy } from '../wire/rate-limits.js';
import type { RouteState } from '../wire/routes.js';
import type { Segment } from '../wire/segments.js';
import type { NewValue, NumberedRecords } from './numbered-records.js';
import { flagRecord, segmentRecord } from './wire-flags.js';
import { declaredOf, limitScopeRecord, maintenanceRecord, policyOf, routeRecord, sentinelOf } from './wire-records.js';

/** What the stream says (wire contract, §7). */
export interface WireEvent {
  readonly type?: string;
  readonly payload?: RouteState;
  readonly action?: string;
  readonly key?: string;
  readonly policy?: RateLimitPolicy;
  readonly flag?: FeatureFlag;
  readonly segment?: Segment;
}

/** Reads what a server says into records of one service. What only this process declares is kept beside it. */
export class WireReader {
  constructor(
    private readonly service: string,
    private readonly known: NumberedRecords,
  ) {}

  event(event: WireEvent): readonly NewValue[] {
    const { key = '' } = event;
    switch (event.type) {
      case 'rl_policy': {
        if (event.action === 'set' && event.policy !== undefined) return this.policies([event.policy]);
        const qualified = this.qualified(key);
        return [{ kind: 'rate-limit', key: qualified, value: this.#withoutOverride(qualified) }];
      }
      case 'flag_updated':
        return event.flag === undefined ? [] : [{ kind: 'flag', key, value: flagRecord(event.flag) }];
      case 'flag_deleted':
        return [{ kind: 'flag', key, value: null }];
      case 'segment_updated':
        return event.segment === undefined ? [] : [{ kind: 'segment', key, value: segmentRecord(event.segment) }];
      case 'segment_deleted':
        return [{ kind: 'segment', key, value: null }];
      case 'state':
        return event.payload === undefined ? [] : this.state(event.payload);
      // Old servers send the state itself.
      case undefined:
        return this.state(event as unknown as RouteState);
      default:
        return [];
    }
  }

  state(state: RouteState): readonly NewValue[] {
    const sentinel = sentinelOf(state.path);
    if (sentinel !== null) {
      if (sentinel.scope !== GLOBAL_SCOPE && sentinel.scope !== this.service) return [];
      const { kind, scope } = sentinel;
      if (kind === 'maintenance') return [this.maintenance(scope, JSON.parse(state.reason) as MaintenanceConfig)];
      const policy = state.reason === '' ? null : (JSON.parse(state.reason) as GlobalRateLimitPolicy);
      return [this.limitScope(scope, { policy })];
    }
    if (state.service !== null && state.service !== this.service) return [];
    const key = this.qualified(state.path);
    const declared = declaredOf(this.known.get('route', key)?.value, state);
    return [{ kind: 'route', key, value: routeRecord(state, this.service, declared, Date.now()) }];
  }

  policies(policies: readonly RateLimitPolicy[]): readonly NewValue[] {
    const byKey = new Map<string, RateLimitPolicy[]>();
    for (const policy of policies) {
      if (policy.source === 'declared') continue;
      const key = this.qualified(`${policy.method}:${policy.path}`);
      byKey.set(key, [...(byKey.get(key) ?? []), policy]);
    }
    return Array.from(byKey, ([key, list]) => {
      const known = this.known.get('rate-limit', key)?.value;
      const setAt = new Date().toISOString();
      const override = { policies: list.map(policyOf), setAt, setBy: 'server', expiresAt: null, beneath: null };
      const value: RateLimitRecord = {
        service: this.service,
        declared: known?.declared ?? [],
        override,
        resets: known?.resets ?? NO_RESETS,
      };
      return { kind: 'rate-limit', key, value };
    });
  }

  maintenance(scope: string, config: MaintenanceConfig): NewValue {
    return { kind: 'maintenance', key: scope, value: maintenanceRecord(config) };
  }

  limitScope(scope: string, { policy }: Pick<GlobalRateLimit, 'policy'>): NewValue {
    return { kind: 'limit-scope', key: scope, value: policy === null ? null : limitScopeRecord(policy, Date.now()) };
  }

  flags(flags: readonly FeatureFlag[], segments: readonly Segment[]): readonly NewValue[] {
    return [
      ...flags.map((flag): NewValue => ({ kind: 'flag', key: flag.key, value: flagRecord(flag) })),
      ...segments.map((segment): NewValue => ({ kind: 'segment', key: segment.key, value: segmentRecord(segment) })),
    ];
  }

  /** `METHOD:/path`, with or without the service in front of either part, as the key of a record. */
  qualified(key: string): string {
    const plain = key.replace(`:${this.service}:/`, ':/');
    return plain.startsWith(`${this.service}:`) ? plain : `${this.service}:${plain}`;
  }

  #withoutOverride(key: string): RateLimitRecord | null {
    const known = this.known.get('rate-limit', key)?.value;
    return known === undefined || known.declared.length === 0 ? null : { ...known, override: null };
  }
}
