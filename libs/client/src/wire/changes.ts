import type { MemberDifference } from './revisions.js';
import type { EffectiveState } from './routes.js';

/**
 * One thing an operator does, as plain data, e.g. `{ kind: 'route.disable', key: 'GET:/payments', reason: 'hotfix' }`. Members are those of
 * the engine's changes; objects in it (`flag`, `rateLimit`, …) too.
 */
export interface ChangeInput {
  readonly kind: string;
  readonly reason?: string;
  /** Refuse the whole list unless the record is at this revision; 0 = it must not exist. */
  readonly expectedRevision?: number;
  readonly [member: string]: unknown;
}

export interface AppliedChanges {
  /** The revision that was committed; the current one when nothing changed. */
  readonly revision: number;
  /** Records that were changed, and by which changes (positions from 0). Empty = nothing was committed. */
  readonly changed: readonly { readonly kind: string; readonly key: string; readonly changes: readonly number[] }[];
}

/** A change that expects another revision than its record has. */
export interface ChangeConflict {
  /** Position of the change, from 0. */
  readonly index: number;
  /** Kind of the change. */
  readonly change: string;
  /** Kind and key of the record. */
  readonly kind: string;
  readonly key: string;
  readonly expected: number;
  readonly actual: number;
  /** The last change to the record; `null` = the audit log does not have it. */
  readonly last: {
    readonly revision: number;
    readonly action: string;
    readonly actor: string;
    readonly timestamp: string;
  } | null;
}

/** What changes would do. */
export interface ChangesPreview {
  /** The revision that the preview is based on. */
  readonly revision: number;
  readonly records: readonly {
    readonly kind: string;
    readonly key: string;
    readonly before: unknown;
    readonly after: unknown;
    readonly differences: readonly MemberDifference[];
    readonly changes: readonly number[];
  }[];
  readonly handlers: readonly { readonly key: string; readonly before: EffectiveState; readonly after: EffectiveState }[];
  readonly conflicts: readonly ChangeConflict[];
  readonly warnings: readonly {
    readonly code: 'no_effect' | 'not_in_effect' | 'force_active';
    readonly changes: readonly number[];
    readonly handlers: readonly string[];
    readonly message: string;
  }[];
}
