import { ConflictError } from '../model/errors.js';
import type { Author } from '../model/author.js';
import type { Expiry } from '../model/expiry.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { LimitScopeRecord, RateLimitInput } from '../schema/rate-limit.js';
import type { StoredRecord } from '../schema/record.js';
import type { Clock } from '../model/time.js';
import { withoutAuthor, type ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf } from '../planning/plan.js';
import type { ControlState } from '../state/control-state.js';
import type { LimitScopeChanges, LimitScopeSetting } from './limit-scope-planners.js';
import { unexpiredScope } from './unexpired-scope.js';

export type LimitScopeInput = Omit<RateLimitInput, 'name'> & Pick<LimitScopeSetting, 'exemptRoutes'>;

export interface LimitScopeChange extends Author {
  /** Refuse with {@link ConflictError} unless the record still is at this revision (0 = it does not exist). */
  readonly expectedRevision?: number;
}

export interface LimitScopeView extends LimitScopeRecord {
  readonly revision: number;
}

/** With an expiry the change is taken back by itself, and what held before holds again. */
export type TemporaryLimitScopeChange = LimitScopeChange & Expiry;

/**
 * One limit over everything, or over one service. Changes throw `ValidationError`, `InvalidLimitError`, `BackendUnavailableError`, and
 * `ConflictError` where `expectedRevision` was given; then nothing was changed.
 */
export class LimitScopeSwitch {
  /** @param service `null` = over everything */
  constructor(
    private readonly state: ControlState,
    private readonly clock: Clock,
    private readonly changes: ChangeSink<ChangeOf<LimitScopeChanges>>,
    private readonly service: string | null,
  ) {}

  /** Puts the limit into force in place of the one before, also when that was paused. */
  async set({ exemptRoutes, ...rateLimit }: LimitScopeInput, change: TemporaryLimitScopeChange = {}): Promise<LimitScopeView> {
    await this.#apply(
      { kind: 'limit-scope.set', ...withoutAuthor(change), rateLimit, exemptRoutes, service: this.service },
      change,
    );
    return this.#require();
  }

  /** Removes the limit. @returns whether there was one */
  async clear(change: LimitScopeChange = {}): Promise<boolean> {
    return this.#apply({ kind: 'limit-scope.clear', ...withoutAuthor(change), service: this.service }, change);
  }

  /** Forgets what all callers used, or one caller. @returns whether there is a limit */
  async reset(change: LimitScopeChange & { readonly caller?: string } = {}): Promise<boolean> {
    return this.#apply({ kind: 'limit-scope.reset', ...withoutAuthor(change), service: this.service }, change);
  }

  /** Stops to count and refuse, keeping the limit for `resume`. @returns whether there is a limit */
  async pause(change: TemporaryLimitScopeChange = {}): Promise<boolean> {
    return this.#apply({ kind: 'limit-scope.pause', ...withoutAuthor(change), service: this.service }, change);
  }

  /** @returns whether there is a limit */
  async resume(change: LimitScopeChange = {}): Promise<boolean> {
    return this.#apply({ kind: 'limit-scope.resume', ...withoutAuthor(change), service: this.service }, change);
  }

  /** @returns `null` = no limit */
  async get(): Promise<LimitScopeView | null> {
    return this.read();
  }

  read(): LimitScopeView | null {
    const stored = this.#stored();
    const current = unexpiredScope(stored?.value ?? null, this.clock());
    return stored === undefined || current === null
      ? null
      : { ...current, resets: stored.value.resets, revision: stored.revision };
  }

  #require(): LimitScopeView {
    const view = this.read();
    if (view === null) throw new ConflictError('limit-scope', this.#key, this.state.snapshot.revision, 0);
    return view;
  }

  /** @returns whether there was a limit */
  async #apply(change: ChangeOf<LimitScopeChanges>, author: Author): Promise<boolean> {
    const { base } = await this.changes.applyOne(change, author);
    return base.get('limit-scope', this.#key) !== undefined;
  }

  #stored(): StoredRecord<'limit-scope'> | undefined {
    return this.state.snapshot.get('limit-scope', this.#key);
  }

  get #key(): string {
    return this.service ?? GLOBAL_SCOPE;
  }
}
