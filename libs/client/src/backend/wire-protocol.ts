import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  BackendUnavailableError,
  ChangeRefusedError,
  ConflictError,
  GLOBAL_SCOPE,
  NO_RESETS,
  type AuditEntry,
  type AuditFilter,
  type ChangeBatch,
  type ChangedRecord,
  type ChangeSet,
  type HitFilter,
  type MaintenanceRecord,
  type Page,
  type RateLimitHit,
  type RateLimitRecord,
  type RecordedAuditEntry,
  type RecordWrite,
  type RouteRecord,
  type StateImage,
  type StoredRecord,
  type Unsubscribe,
} from '@waygate/core';
import { ApiError, NotFoundError } from '../errors.js';
import { pathKey } from '../path-key.js';
import type { FeatureFlag } from '../wire/flags.js';
import type { MaintenanceConfig } from '../wire/maintenance.js';
import type { GlobalRateLimit, GlobalRateLimitPolicy, RateLimitPolicy } from '../wire/rate-limits.js';
import type { RouteState } from '../wire/routes.js';
import type { Segment } from '../wire/segments.js';
import type { ServerSentEvent } from '../stream/sse-parser.js';
import { FollowedStream } from './followed-stream.js';
import { Pace } from './pace.js';
import type { Protocol } from './protocol.js';
import type { ServerConnection } from './server-connection.js';
import { flagRecord, segmentRecord } from './wire-flags.js';
import { declaredOf, limitScopeRecord, maintenanceRecord, policyOf, routeRecord, sentinelOf, stateOf } from './wire-records.js';

type Value = { readonly kind: StoredRecord['kind']; readonly key: string; readonly value: unknown };

/** What its stream says (wire contract, §7). */
interface WireEvent {
  readonly type?: string;
  readonly payload?: RouteState;
  readonly action?: string;
  readonly key?: string;
  readonly policy?: RateLimitPolicy;
  readonly flag?: FeatureFlag;
  readonly segment?: Segment;
}

/**
 * Speaks to a server that knows the wire contract and nothing else. Its answers and events become records here, numbered here: routes,
 * maintenance and limits, of one service and of all, and flags and segments where it has them. Recurring windows are not on that wire.
 */
export class WireProtocol implements Protocol {
  readonly #epoch = randomUUID();
  #revision = 0;
  readonly #records = new Map<string, StoredRecord>();
  #listener: readonly [(batch: ChangeBatch) => void, (reason: string) => void] | undefined;
  #failure: Error | undefined;
  /** Questions under way, and what the stream said meanwhile. */
  #asking = 0;
  readonly #held: WireEvent[] = [];
  #flagTimer: NodeJS.Timeout | undefined;
  readonly #stop = new AbortController();
  readonly #pace: Pace;

  constructor(
    private readonly connection: ServerConnection,
    private readonly options: { readonly service: string; readonly reconnectDelay: number; readonly flagsInterval: number },
  ) {
    this.#pace = new Pace(options.reconnectDelay);
  }

  async load(): Promise<StateImage> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#ask(
      () => this.#loadValues(),
      (values) => this.#put([...values, ...this.#gone(values, (record) => this.#isServers(record))]),
    );
    for (const event of this.#released()) this.#put(this.#fromEvent(event));
    return { revision: this.#revision, epoch: this.#epoch, records: [...this.#records.values()] };
  }

  async #loadValues(): Promise<readonly Value[]> {
    const { service } = this.options;
    const [routes, policies, global, own, globalLimit, ownLimit, flags] = await Promise.all([
      this.connection.call<RouteState[]>('GET', '/api/routes', { query: { service } }),
      this.connection.call<RateLimitPolicy[]>('GET', '/api/rate-limits'),
      this.connection.call<MaintenanceConfig>('GET', '/api/global'),
      this.connection.call<MaintenanceConfig>('GET', `/api/services/${encodeURIComponent(service)}/maintenance`),
      this.connection.call<GlobalRateLimit>('GET', '/api/global-rate-limit'),
      this.connection.call<GlobalRateLimit>('GET', `/api/services/${encodeURIComponent(service)}/rate-limit`),
      this.#loadFlags(),
    ]);
    return [
      ...routes.flatMap((state) => this.#fromState(state)),
      ...this.#fromPolicies(policies),
      { kind: 'maintenance', key: GLOBAL_SCOPE, value: maintenanceRecord(global) },
      { kind: 'maintenance', key: service, value: maintenanceRecord(own) },
      { kind: 'limit-scope', key: GLOBAL_SCOPE, value: this.#scopeOf(globalLimit) },
      { kind: 'limit-scope', key: service, value: this.#scopeOf(ownLimit) },
      ...flags,
    ];
  }

  async commit({ writes, audit }: ChangeSet): Promise<{ revision: number }> {
    if (this.#failure !== undefined) throw this.#failure;
    for (const { kind, key, expected } of writes) {
      const actual = this.#records.get(`${kind} ${key}`)?.revision ?? 0;
      if (actual !== expected) throw new ConflictError(kind, key, expected, actual);
    }
    const declarations = writes.filter((write) => this.#isDeclaration(write));
    const changes = writes.filter((write) => !this.#isDeclaration(write));
    const [change, ...more] = changes;
    if (more.length > 0 || (change !== undefined && declarations.length > 0))
      throw new ChangeRefusedError(`${this.connection.url} takes one change at a time`);
    const values = change === undefined ? await this.#declare(declarations) : await this.#change(change, audit[0]);
    this.#tell(values);
    return { revision: this.#revision };
  }

  follow(_since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    this.#listener = [onBatch, onGap];
    void this.#run();
    return () => this.stop();
  }

  stop(): void {
    clearTimeout(this.#flagTimer);
    this.#stop.abort();
  }

  /** Its entries say neither how a record was before nor after, so that they cannot be those of a backend. */
  async queryAudit(_filter: AuditFilter): Promise<Page<RecordedAuditEntry>> {
    throw new BackendUnavailableError(`${this.connection.url} keeps an audit log of another form: read it there`);
  }

  /** It counts what it refuses itself, and takes nothing from others. */
  async appendHits(): Promise<void> {}

  async queryHits(_filter: HitFilter): Promise<Page<RateLimitHit>> {
    return { items: [], next: null };
  }

  /** Flags and segments; a server without flags has neither. */
  async #loadFlags(): Promise<readonly Value[]> {
    const [flags, segments] = await Promise.all([
      this.#offered<FeatureFlag>('/api/flags'),
      this.#offered<Segment>('/api/segments'),
    ]);
    return [
      ...flags.map((flag): Value => ({ kind: 'flag', key: flag.key, value: flagRecord(flag) })),
      ...segments.map((segment): Value => ({ kind: 'segment', key: segment.key, value: segmentRecord(segment) })),
    ];
  }

  async #offered<T>(path: string): Promise<readonly T[]> {
    try {
      return await this.connection.call<readonly T[]>('GET', path);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 501)) return [];
      throw error;
    }
  }

  /** Asks for flags again and again: the stream of such a server may say nothing of them. A failure is the stream's to notice. */
  #watchFlags(): void {
    clearTimeout(this.#flagTimer);
    this.#flagTimer = setTimeout(() => void this.#refreshFlags(), this.options.flagsInterval).unref();
  }

  async #refreshFlags(): Promise<void> {
    const isFlags = ({ kind }: StoredRecord) => kind === 'flag' || kind === 'segment';
    await this.#ask(
      () => this.#loadFlags(),
      (values) => this.#failure === undefined && this.#tell([...values, ...this.#gone(values, isFlags)]),
    ).catch(() => undefined);
    for (const event of this.#released()) this.#tell(this.#fromEvent(event));
    if (!this.#stop.signal.aborted) this.#watchFlags();
  }

  /** Asks the server. What its stream says meanwhile may be newer than the answer: it is held back until that is in force. */
  async #ask<T>(request: () => Promise<T>, apply: (answer: T) => void): Promise<void> {
    this.#asking++;
    try {
      apply(await request());
    } finally {
      this.#asking--;
    }
  }

  /** What was held back, once nothing is asked any more. */
  #released(): readonly WireEvent[] {
    return this.#asking > 0 ? [] : this.#held.splice(0);
  }

  /** What is known, but not among these any more. */
  #gone(values: readonly Value[], ofThese: (record: StoredRecord) => boolean): readonly Value[] {
    const present = new Set(values.map(({ kind, key }) => `${kind} ${key}`));
    return [...this.#records.values()]
      .filter((record) => ofThese(record) && !present.has(`${record.kind} ${record.key}`))
      .map(({ kind, key }) => ({ kind, key, value: null }));
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const stream = new FollowedStream({
        signal: this.#stop.signal,
        open: async (signal) => {
          const bytes = await this.connection.stream('/api/sdk/events', { signal });
          this.#up();
          return bytes;
        },
        onEvent: (event) => this.#receive(event),
      });
      const error = await stream.follow().catch((failure: unknown) => failure);
      if (this.#stop.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#failure = error instanceof NotFoundError ? error : new BackendUnavailableError(message, { cause: error });
      this.#pace.failed();
      this.#listener?.[1](message);
      await new Promise((resolve) => setTimeout(resolve, this.#pace.wait).unref());
    }
  }

  /** What changed before the stream was open is not told by it: everything is loaded, with the stream open already. */
  #up(): void {
    this.#pace.succeeded();
    this.#failure = undefined;
    this.#watchFlags();
    this.#listener?.[1]('the stream was opened');
  }

  #receive({ data }: ServerSentEvent): void {
    this.#held.push(JSON.parse(data) as WireEvent);
    for (const event of this.#released()) this.#tell(this.#fromEvent(event));
  }

  #fromEvent(event: WireEvent): readonly Value[] {
    const { key = '' } = event;
    switch (event.type) {
      case 'rl_policy': {
        if (event.action === 'set' && event.policy !== undefined) return this.#fromPolicies([event.policy]);
        const qualified = this.#qualified(key);
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
        return event.payload === undefined ? [] : this.#fromState(event.payload);
      // Old servers send the state itself.
      case undefined:
        return this.#fromState(event as unknown as RouteState);
      default:
        return [];
    }
  }

  /** Puts values into force that differ from what is known, and tells of them. */
  #tell(values: readonly Value[]): void {
    const since = this.#revision;
    const changes = this.#put(values);
    if (changes.length > 0) this.#listener?.[0]({ since, revision: this.#revision, changes, audit: [] });
  }

  #put(values: readonly Value[]): readonly ChangedRecord[] {
    const fresh = values.filter(
      ({ kind, key, value }) =>
        !isDeepStrictEqual(withoutTimes(this.#records.get(`${kind} ${key}`)?.value ?? null), withoutTimes(value)),
    );
    if (fresh.length === 0) return [];
    const revision = ++this.#revision;
    return fresh.map(({ kind, key, value }) => {
      const record = { kind, key, revision, value } as ChangedRecord;
      if (record.value === null) this.#records.delete(`${kind} ${key}`);
      else this.#records.set(`${kind} ${key}`, record as StoredRecord);
      return record;
    });
  }

  /** What only this process declares is not the server's to take away. */
  #isServers({ kind, value }: StoredRecord): boolean {
    return !(kind === 'rate-limit' && value.declared.length > 0);
  }

  #fromState(state: RouteState): readonly Value[] {
    const { service } = this.options;
    const sentinel = sentinelOf(state.path);
    if (sentinel !== null) {
      if (sentinel.scope !== GLOBAL_SCOPE && sentinel.scope !== service) return [];
      const { kind, scope: key } = sentinel;
      if (kind === 'maintenance') return [{ kind, key, value: maintenanceRecord(JSON.parse(state.reason) as MaintenanceConfig) }];
      const policy = state.reason === '' ? null : (JSON.parse(state.reason) as GlobalRateLimitPolicy);
      return [{ kind, key, value: policy === null ? null : limitScopeRecord(policy, Date.now()) }];
    }
    if (state.service !== null && state.service !== service) return [];
    const key = this.#qualified(state.path);
    const known = this.#records.get(`route ${key}`)?.value as RouteRecord | undefined;
    return [{ kind: 'route', key, value: routeRecord(state, service, declaredOf(known, state), Date.now()) }];
  }

  #fromPolicies(policies: readonly RateLimitPolicy[]): readonly Value[] {
    const byKey = new Map<string, RateLimitPolicy[]>();
    for (const policy of policies) {
      if (policy.source === 'declared') continue;
      const key = this.#qualified(`${policy.method}:${policy.path}`);
      byKey.set(key, [...(byKey.get(key) ?? []), policy]);
    }
    return Array.from(byKey, ([key, list]) => {
      const known = this.#records.get(`rate-limit ${key}`)?.value as RateLimitRecord | undefined;
      const setAt = new Date().toISOString();
      const override = { policies: list.map(policyOf), setAt, setBy: 'server', expiresAt: null, beneath: null };
      const value: RateLimitRecord = {
        service: this.options.service,
        declared: known?.declared ?? [],
        override,
        resets: known?.resets ?? NO_RESETS,
      };
      return { kind: 'rate-limit', key, value };
    });
  }

  #withoutOverride(key: string): RateLimitRecord | null {
    const known = this.#records.get(`rate-limit ${key}`)?.value as RateLimitRecord | undefined;
    return known === undefined || known.declared.length === 0 ? null : { ...known, override: null };
  }

  #scopeOf({ policy }: GlobalRateLimit): unknown {
    return policy === null ? null : limitScopeRecord(policy, Date.now());
  }

  /** `METHOD:/path`, with or without the service in front of either part, as the key of a record. */
  #qualified(key: string): string {
    const { service } = this.options;
    const plain = key.replace(`:${service}:/`, ':/');
    return plain.startsWith(`${service}:`) ? plain : `${service}:${plain}`;
  }

  #isDeclaration({ kind, key, value }: RecordWrite): boolean {
    if ((kind !== 'route' && kind !== 'rate-limit') || value === null) return false;
    const known = this.#records.get(`${kind} ${key}`)?.value as RouteRecord | RateLimitRecord | undefined;
    return isDeepStrictEqual(value.override, known?.override ?? null);
  }

  /** Registers all routes in one call. What the server answers holds; limits that the code declares stay here. */
  async #declare(writes: readonly RecordWrite[]): Promise<readonly Value[]> {
    const routes = writes.filter((write): write is RecordWrite<'route'> => write.kind === 'route' && write.value !== null);
    const limits = writes.filter(({ kind }) => kind === 'rate-limit');
    if (routes.length === 0) return limits;
    const states = routes.map(({ key, value }) => stateOf(key, value as RouteRecord));
    const body = { app_id: this.options.service, states };
    const answer = await this.connection.call<{ states: RouteState[] }>('POST', '/api/sdk/register', { body });
    const declared = new Map(routes.map(({ key, value }) => [key, (value as RouteRecord).declared]));
    const held = new Map(answer.states.map((state) => [this.#qualified(state.path), state]));
    return [
      ...limits,
      ...routes.map((write): Value => {
        const state = held.get(write.key);
        const own = declared.get(write.key);
        if (state === undefined || own === undefined) return write;
        return { ...write, value: routeRecord(state, this.options.service, own, Date.now()) };
      }),
    ];
  }

  async #change(write: RecordWrite, entry: AuditEntry | undefined): Promise<readonly Value[]> {
    if (write.kind === 'route' && write.value !== null) return this.#changeRoute(write.key, write.value, entry?.reason ?? '');
    if (write.kind === 'maintenance' && write.value !== null) return this.#changeMaintenance(write.key, write.value);
    throw new ChangeRefusedError(`${this.connection.url} takes no change of a ${write.kind} from a service`);
  }

  async #changeRoute(key: string, { override }: RouteRecord, reason: string): Promise<readonly Value[]> {
    const path = `/api/routes/${pathKey(key)}`;
    const post = (action: string, body: object) => this.connection.call<RouteState>('POST', `${path}/${action}`, { body });
    const { window = null } = override ?? {};
    const edges = window?.start != null && window.end !== null ? { start: window.start, end: window.end } : null;
    if (window !== null && (edges === null || window.recurrence !== undefined || override?.state !== 'maintenance'))
      throw new ChangeRefusedError(`${this.connection.url} knows only windows of maintenance with a start and an end`);
    if (override === null || override.state === 'active') return this.#fromState(await post('enable', { reason }));
    if (override.state === 'disabled') return this.#fromState(await post('disable', { reason }));
    if (override.state === 'env_gated') return this.#fromState(await post('env', { envs: override.environments ?? [] }));
    return this.#fromState(await post('maintenance', { reason, ...edges }));
  }

  async #changeMaintenance(scope: string, record: MaintenanceRecord): Promise<readonly Value[]> {
    if (record.window !== null) throw new ChangeRefusedError(`${this.connection.url} knows no windows of this maintenance`);
    const path = scope === GLOBAL_SCOPE ? '/api/global' : `/api/services/${encodeURIComponent(scope)}/maintenance`;
    const { reason, exempt, includeForceActive } = record;
    const body = { reason, exempt_paths: exempt, include_force_active: includeForceActive };
    const answer = await this.connection.call<MaintenanceConfig>('POST', `${path}/${record.enabled ? 'enable' : 'disable'}`, {
      body,
    });
    return [{ kind: 'maintenance', key: scope, value: maintenanceRecord(answer) }];
  }
}

/** The moment something was heard of is no part of what it says. */
function withoutTimes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { setAt: _setAt, declaredAt: _declaredAt, override, ...rest } = value as Record<string, unknown>;
  return override === undefined ? rest : { ...rest, override: withoutTimes(override) };
}
