import { auditEntry, type Author } from '../audit/author.js';
import type { AuditAction } from '../model/vocabulary.js';
import { ConflictError, ValidationError } from '../model/errors.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { LimitScopeRecord, RateLimitAlgorithm } from '../schema/rate-limit.js';
import { formatRouteKey, parseRouteKey } from '../model/route-key.js';
import { instantMs, type Clock } from '../model/time.js';
import type { ControlState } from '../state/control-state.js';
import type { RateLimitInput } from '../schema/rate-limit.js';
import { readPolicy } from './policy.js';
import { afterReset } from './resets.js';

export interface LimitScopeInput extends Omit<RateLimitInput, 'name'> {
  /** Routes it does not count: `/path` (all methods) or `METHOD:/path`, as templates. */
  readonly exemptRoutes?: readonly string[];
}

export interface LimitScopeChange extends Author {
  /** Refuse with {@link ConflictError} unless the record still is at this revision (0 = it does not exist). */
  readonly expectedRevision?: number;
}

export interface LimitScopeView extends LimitScopeRecord {
  readonly revision: number;
}

/** With an expiry the change is taken back by itself, and what held before holds again. */
export type TemporaryLimitScopeChange = LimitScopeChange & Expiry;

type Verb = 'set' | 'updated' | 'deleted' | 'reset' | 'enabled' | 'disabled';

/**
 * One limit over everything, or over one service. Changes throw `ValidationError`, `InvalidLimitError`, `BackendUnavailableError`, and
 * `ConflictError` where `expectedRevision` was given; then nothing was changed.
 */
export class LimitScopeSwitch {
  constructor(
    private readonly state: ControlState,
    private readonly clock: Clock,
    private readonly defaultAlgorithm: RateLimitAlgorithm,
    private readonly scope: string,
  ) {}

  /** Puts the limit into force in place of the one before, also when that was paused. */
  async set({ exemptRoutes = [], ...input }: LimitScopeInput, change: TemporaryLimitScopeChange = {}): Promise<LimitScopeView> {
    const policy = readPolicy(input, 'override', this.defaultAlgorithm);
    if (policy.key === 'custom')
      throw new ValidationError('rateLimit.key', "'custom' is only possible on routes, where the code gives the function");
    const exempt = readExemptRoutes(exemptRoutes);
    const reason = `${policy.limit} · ${policy.algorithm} · ${policy.key}`;
    const expiresAt = readExpiry(change, this.clock());
    await this.#write(change, reason, (before, now, revision) => ({
      verb: before === null ? 'set' : 'updated',
      after: {
        policy,
        exemptRoutes: exempt,
        enabled: true,
        // Not what a limit before this one counted, which was cleared, and maybe reset.
        resets: before?.resets ?? { generation: revision, callers: [] },
        setAt: new Date(now).toISOString(),
        setBy: change.actor ?? 'system',
        expiresAt,
        beneath: expiresAt === null ? null : unexpired(before, now),
      },
    }));
    return this.#require();
  }

  /** Removes the limit. @returns whether there was one */
  async clear(change: LimitScopeChange = {}): Promise<boolean> {
    return this.#write(change, '', (before) => (before === null ? null : { verb: 'deleted', after: null }));
  }

  /** Forgets what all callers used, or one caller. @returns whether there is a limit */
  async reset({ caller, ...change }: LimitScopeChange & { readonly caller?: string } = {}): Promise<boolean> {
    const reason = caller === undefined ? '' : `caller ${caller}`;
    return this.#write(change, reason, (before) =>
      before === null ? null : { verb: 'reset', after: { ...before, resets: afterReset(before.resets, caller) } },
    );
  }

  /** Stops to count and refuse, keeping the limit for `resume`. @returns whether there is a limit */
  async pause(change: TemporaryLimitScopeChange = {}): Promise<boolean> {
    const expiresAt = readExpiry(change, this.clock());
    return this.#write(change, '', (before, now) => {
      const current = unexpired(before, now);
      if (before === null || current === null) return null;
      const paused = { ...current, resets: before.resets, enabled: false };
      if (expiresAt === null) return { verb: 'disabled', after: paused };
      const set = { setAt: new Date(now).toISOString(), setBy: change.actor ?? 'system' };
      return { verb: 'disabled', after: { ...paused, ...set, expiresAt, beneath: current } };
    });
  }

  /** @returns whether there is a limit */
  async resume(change: LimitScopeChange = {}): Promise<boolean> {
    return this.#write(change, '', (before, now) => {
      const current = unexpired(before, now);
      if (before === null || current === null) return null;
      return { verb: 'enabled', after: { ...current, resets: before.resets, enabled: true } };
    });
  }

  /** @returns `null` = no limit */
  async get(): Promise<LimitScopeView | null> {
    return this.read();
  }

  read(): LimitScopeView | null {
    const stored = this.state.snapshot.get('limit-scope', this.scope);
    const current = unexpired(stored?.value ?? null, this.clock());
    return stored === undefined || current === null
      ? null
      : { ...current, resets: stored.value.resets, revision: stored.revision };
  }

  #require(): LimitScopeView {
    const view = this.read();
    if (view === null) throw new ConflictError('limit-scope', this.scope, this.state.snapshot.revision, 0);
    return view;
  }

  async #write(
    change: LimitScopeChange,
    reason: string,
    edit: (
      before: LimitScopeRecord | null,
      now: number,
      revision: number,
    ) => { verb: Verb; after: LimitScopeRecord | null } | null,
  ): Promise<boolean> {
    const { expectedRevision } = change;
    let existed = false;
    await this.state.change(
      (snapshot) => {
        const stored = snapshot.get('limit-scope', this.scope);
        const expected = stored?.revision ?? 0;
        if (expectedRevision !== undefined && expectedRevision !== expected) {
          throw new ConflictError('limit-scope', this.scope, expectedRevision, expected);
        }
        existed = stored !== undefined;
        const before = stored?.value ?? null;
        const edited = edit(before, this.clock(), snapshot.revision);
        if (edited === null) return null;
        const { verb, after } = edited;
        const action: AuditAction = this.scope === GLOBAL_SCOPE ? `global_rl_${verb}` : `svc_rl_${verb}`;
        const service = this.scope === GLOBAL_SCOPE ? null : this.scope;
        const draft = { action, kind: 'limit-scope', key: this.scope, service, before, after } as const;
        const audit = auditEntry(draft, { ...change, reason: change.reason ?? reason }, this.clock());
        return { writes: [{ kind: 'limit-scope', key: this.scope, expected, value: after }], audit: [audit] };
      },
      { retry: expectedRevision === undefined },
    );
    return existed;
  }
}

type ScopeSetting = Omit<LimitScopeRecord, 'resets'>;

/** What holds at `now`, and beneath it what will hold later; `null` = no limit. */
export function unexpired(setting: ScopeSetting | null, now: number): ScopeSetting | null {
  let current = setting;
  while (current !== null && current.expiresAt !== null && instantMs(current.expiresAt) <= now) current = current.beneath;
  return current;
}

function readExemptRoutes(routes: readonly string[]): readonly string[] {
  if (!Array.isArray(routes)) throw new ValidationError('exemptRoutes', "must be a list of routes, e.g. ['/health']");
  if (routes.length > 10_000) throw new ValidationError('exemptRoutes', 'must have at most 10 000 routes');
  const keys = routes.map((key: unknown, index) => {
    if (typeof key !== 'string')
      throw new ValidationError(`exemptRoutes[${index}]`, "must be a route: '/path' or 'METHOD:/path'");
    return formatRouteKey({ ...parseRouteKey(key, `exemptRoutes[${index}]`), service: null });
  });
  return [...new Set(keys)];
}
