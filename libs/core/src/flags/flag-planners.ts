import { isDeepStrictEqual } from 'node:util';
import type { AuditAction } from '../model/vocabulary.js';
import { AlreadyExistsError, FlagNotFoundError, ValidationError } from '../model/errors.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import { read } from '../schema/check.js';
import { keyed } from '../schema/fields.js';
import type { FlagInput, FlagRecord, ProgressiveRollout, ProgressiveRolloutInput, ScheduledChangeInput } from '../schema/flag.js';
import { instantMs } from '../model/time.js';
import { planFor, type ChangeOptions, type Plan, type PlanContext, type Planners } from '../planning/plan.js';
import { dueEdges } from './due-edges.js';
import { readFlag } from './read-flag.js';
import { readRollout } from './read-rollout.js';
import { elapsedMs } from './settle.js';

interface FlagTarget extends ChangeOptions {
  readonly key: string;
}

/** Changes of flags, by kind. */
export interface FlagChanges {
  'flag.create': ChangeOptions & { readonly flag: FlagInput };
  /** Creates the flag or replaces its definition. */
  'flag.set': ChangeOptions & { readonly flag: FlagInput };
  /** Replaces the given fields; `key` and `type` stay. */
  'flag.update': FlagTarget & { readonly patch: Partial<FlagInput> };
  'flag.delete': FlagTarget;
  'flag.enable': FlagTarget & Expiry;
  'flag.disable': FlagTarget & Expiry;
  'flag.archive': FlagTarget;
  'flag.restore': FlagTarget;
  'flag.schedule': FlagTarget & { readonly planned: ScheduledChangeInput };
  'flag.cancel-schedule': FlagTarget & { readonly changeId: string };
  'flag.start-rollout': FlagTarget & { readonly rollout: ProgressiveRolloutInput };
  'flag.pause-rollout': FlagTarget;
  'flag.resume-rollout': FlagTarget;
  'flag.stop-rollout': FlagTarget;
}

export const flagPlanners: Planners<FlagChanges> = {
  'flag.create': (change, context) =>
    defined(change.flag, context, (before, key) => {
      if (before !== null) throw new AlreadyExistsError('Flag', key);
    }),
  'flag.set': (change, context) =>
    defined(change.flag, context, (before) => {
      if (before !== null && before.type !== change.flag.type)
        throw new ValidationError('type', `the flag is of the type ${before.type}; delete it first to change that`);
    }),
  'flag.update': ({ key, patch }, context) =>
    edited(key, context, 'flag_updated', (flag) =>
      defineFlag({ ...flag, ...definedOf(patch), key, type: flag.type }, flag, context),
    ),
  'flag.delete': ({ key }, context) =>
    written(key, context, (before) => {
      if (before === null) throw new FlagNotFoundError(key);
      return { action: 'flag_deleted', after: null };
    }),
  'flag.enable': (change, context) => switched(change, true, context),
  'flag.disable': (change, context) => switched(change, false, context),
  'flag.archive': ({ key }, context) => withStatus(key, 'archived', context),
  'flag.restore': ({ key }, context) => withStatus(key, 'active', context),
  'flag.schedule': ({ key, planned }, context) =>
    edited(key, context, 'flag_updated', (flag) =>
      defineFlag({ ...flag, scheduledChanges: [...flag.scheduledChanges, planned] }, flag, context),
    ),
  'flag.cancel-schedule': ({ key, changeId }, context) =>
    edited(key, context, 'flag_updated', (flag) => {
      const scheduledChanges = flag.scheduledChanges.filter(({ id }) => id !== changeId);
      if (scheduledChanges.length === flag.scheduledChanges.length)
        throw new ValidationError('changeId', `the flag has no scheduled change '${changeId}'; it may have run already`);
      return { ...flag, scheduledChanges };
    }),
  'flag.start-rollout': ({ key, rollout }, context) =>
    edited(key, context, 'flag_updated', (flag) => {
      if (flag.progressiveRollout !== null)
        throw new ValidationError('rollout', 'a progressive rollout is under way; abort it first');
      return { ...flag, progressiveRollout: readRollout(rollout, flag, isoOf(context), context.actor) };
    }),
  'flag.pause-rollout': ({ key }, context) =>
    withRollout(key, context, (rollout) => (rollout.pausedAt === null ? { ...rollout, pausedAt: isoOf(context) } : rollout)),
  'flag.resume-rollout': ({ key }, context) =>
    withRollout(key, context, (rollout) => {
      if (rollout.pausedAt === null) return rollout;
      const pausedMs = context.now - instantMs(rollout.startedAt) - elapsedMs(rollout, context.now);
      return { ...rollout, pausedAt: null, pausedMs };
    }),
  'flag.stop-rollout': ({ key }, context) => withRollout(key, context, () => null),
};

function defined(input: FlagInput, context: PlanContext, check: (before: FlagRecord | null, key: string) => void): Plan {
  const { key } = read(keyed, input);
  return written(key, context, (before) => {
    check(before, key);
    return { action: before === null ? 'flag_created' : 'flag_updated', after: defineFlag(input, before, context) };
  });
}

function switched({ key, ...expiry }: FlagTarget & Expiry, enabled: boolean, context: PlanContext): Plan {
  const switchBackAt = readExpiry(expiry, context.now);
  return edited(key, context, enabled ? 'flag_enabled' : 'flag_disabled', (flag) => ({ ...flag, enabled, switchBackAt }));
}

function withStatus(key: string, status: FlagRecord['status'], context: PlanContext): Plan {
  return edited(key, context, 'flag_updated', (flag) => ({ ...flag, status }));
}

function withRollout(key: string, context: PlanContext, edit: (rollout: ProgressiveRollout) => ProgressiveRollout | null): Plan {
  return edited(key, context, 'flag_updated', (flag) => {
    if (flag.progressiveRollout === null) throw new ValidationError('rollout', 'no progressive rollout is under way');
    return { ...flag, progressiveRollout: edit(flag.progressiveRollout) };
  });
}

/** Edits a flag that exists. */
function edited(key: string, context: PlanContext, action: AuditAction, edit: (flag: FlagRecord) => FlagRecord): Plan {
  return written(key, context, (before) => {
    if (before === null) throw new FlagNotFoundError(key);
    return { action, after: { ...edit(before), updatedAt: isoOf(context) } };
  });
}

/** Writes a flag, with the edges in time that fell due before. */
function written(
  key: string,
  context: PlanContext,
  edit: (before: FlagRecord | null) => { readonly action: AuditAction; readonly after: FlagRecord | null },
): Plan {
  return planFor(
    {
      kind: 'flag',
      key,
      edit: (stored) => {
        const due = stored === null ? null : dueEdges(stored, context.now);
        const before = due?.flag ?? null;
        const { action, after } = edit(before);
        return isSameFlag(before, after) ? null : { action, before, after, earlier: due?.audit ?? [] };
      },
    },
    context,
  );
}

/** Whether nothing differs but when it was written. */
function isSameFlag(before: FlagRecord | null, after: FlagRecord | null): boolean {
  return before !== null && after !== null && isDeepStrictEqual({ ...before, updatedAt: '' }, { ...after, updatedAt: '' });
}

function defineFlag(input: unknown, before: FlagRecord | null, context: PlanContext): FlagRecord {
  return readFlag(input, { now: isoOf(context), actor: context.actor, before });
}

function isoOf({ now }: PlanContext): string {
  return new Date(now).toISOString();
}

/** A patch without the fields that are only mentioned. */
function definedOf(patch: Partial<FlagInput>): object {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
