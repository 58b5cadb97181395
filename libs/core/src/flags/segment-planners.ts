import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AuditAction } from '../model/vocabulary.js';
import { AlreadyExistsError, SegmentNotFoundError, ValidationError } from '../model/errors.js';
import { read } from '../schema/check.js';
import { keyed } from '../schema/fields.js';
import type { SegmentInput, SegmentRecord, SegmentRuleInput } from '../schema/segment.js';
import { planFor, type ChangeOptions, type Plan, type PlanContext, type Planners } from '../planning/plan.js';
import { readSegment } from './read-segment.js';

interface SegmentTarget extends ChangeOptions {
  readonly key: string;
}

/** Targeting keys that are put on a list, or taken off both. */
interface SegmentMembers extends SegmentTarget {
  readonly members: readonly string[];
}

/** Changes of segments, by kind. */
export interface SegmentChanges {
  'segment.create': ChangeOptions & { readonly segment: SegmentInput };
  /** Creates the segment or replaces it. */
  'segment.set': ChangeOptions & { readonly segment: SegmentInput };
  'segment.delete': SegmentTarget;
  'segment.include': SegmentMembers;
  'segment.exclude': SegmentMembers;
  'segment.forget': SegmentMembers;
  /** Adds a rule, or replaces the one of the same id. */
  'segment.set-rule': SegmentTarget & { readonly rule: SegmentRuleInput };
  'segment.delete-rule': SegmentTarget & { readonly ruleId: string };
}

export const segmentPlanners: Planners<SegmentChanges> = {
  'segment.create': ({ segment }, context) =>
    defined(segment, context, (before, key) => {
      if (before !== null) throw new AlreadyExistsError('Segment', key);
    }),
  'segment.set': ({ segment }, context) => defined(segment, context, () => undefined),
  'segment.delete': ({ key }, context) =>
    written(key, context, (before) => {
      if (before === null) throw new SegmentNotFoundError(key);
      return { action: 'segment_deleted', after: null };
    }),
  'segment.include': ({ key, members }, context) =>
    edited(key, context, (segment) => ({
      ...segment,
      included: [...segment.included, ...members],
      excluded: without(segment.excluded, members),
    })),
  'segment.exclude': ({ key, members }, context) =>
    edited(key, context, (segment) => ({
      ...segment,
      included: without(segment.included, members),
      excluded: [...segment.excluded, ...members],
    })),
  'segment.forget': ({ key, members }, context) =>
    edited(key, context, (segment) => ({
      ...segment,
      included: without(segment.included, members),
      excluded: without(segment.excluded, members),
    })),
  'segment.set-rule': ({ key, rule }, context) => {
    const named = { id: randomUUID(), ...rule };
    return edited(key, context, (segment) => ({
      ...segment,
      rules: segment.rules.some(({ id }) => id === named.id)
        ? segment.rules.map((each) => (each.id === named.id ? named : each))
        : [...segment.rules, named],
    }));
  },
  'segment.delete-rule': ({ key, ruleId }, context) =>
    edited(key, context, (segment) => {
      const rules = segment.rules.filter(({ id }) => id !== ruleId);
      if (rules.length === segment.rules.length) throw new ValidationError('ruleId', `the segment has no rule '${ruleId}'`);
      return { ...segment, rules };
    }),
};

function defined(input: SegmentInput, context: PlanContext, check: (before: SegmentRecord | null, key: string) => void): Plan {
  const { key } = read(keyed, input);
  return written(key, context, (before) => {
    check(before, key);
    const after = readSegment(input, before, isoOf(context));
    return { action: before === null ? 'segment_created' : 'segment_updated', after };
  });
}

function edited(key: string, context: PlanContext, edit: (segment: SegmentRecord) => SegmentInput): Plan {
  return written(key, context, (before) => {
    if (before === null) throw new SegmentNotFoundError(key);
    return { action: 'segment_updated', after: readSegment(edit(before), before, isoOf(context)) };
  });
}

function written(
  key: string,
  context: PlanContext,
  edit: (before: SegmentRecord | null) => { readonly action: AuditAction; readonly after: SegmentRecord | null },
): Plan {
  return planFor(
    {
      kind: 'segment',
      key,
      edit: (before) => {
        const { action, after } = edit(before);
        return isSameSegment(before, after) ? null : { action, after };
      },
    },
    context,
  );
}

/** Whether nothing differs but when it was written. */
function isSameSegment(before: SegmentRecord | null, after: SegmentRecord | null): boolean {
  return before !== null && after !== null && isDeepStrictEqual({ ...before, updatedAt: '' }, { ...after, updatedAt: '' });
}

function without(members: readonly string[], gone: readonly string[]): readonly string[] {
  const set = new Set(gone);
  return members.filter((member) => !set.has(member));
}

function isoOf({ now }: PlanContext): string {
  return new Date(now).toISOString();
}
