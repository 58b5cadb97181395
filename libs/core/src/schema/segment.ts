import * as v from 'valibot';
import type { Misfit } from './check.js';
import { clauses } from './clause.js';
import { duplicateIn, freeKey, instant, list, members, object, partId, tags, text } from './fields.js';

const MAX_RULES = 200;

export const segmentRule = object({
  /** Unique within the segment. Default: a new UUID. */
  id: partId,
  description: v.optional(text(2_000), ''),
  /** At most 50; all must match. */
  clauses: v.optional(clauses, []),
});

/** Callers all of whose clauses match belong to the segment; a rule without clauses matches every caller. */
export interface SegmentRule extends v.InferOutput<typeof segmentRule> {}

/** A rule as callers write it. */
export interface SegmentRuleInput extends v.InferInput<typeof segmentRule> {}

const segmentFields = {
  key: freeKey(['new']),
  description: v.optional(text(2_000), ''),
  /** Targeting keys; at most 200,000. */
  included: v.optional(members, []),
  /** Targeting keys; at most 200,000. Takes precedence over `included` and the rules. */
  excluded: v.optional(members, []),
  /** At most 200. */
  rules: v.optional(list(segmentRule, MAX_RULES), []),
  tags: v.optional(tags, []),
} as const;

/** What callers may say about a segment. */
export const segmentInput = object({
  ...segmentFields,
  /** Default: the key. */
  name: v.optional(text()),
});

/** A segment as callers write it. */
export interface SegmentInput extends v.InferInput<typeof segmentInput> {}

export const segmentRecord = object({ ...segmentFields, name: text(), createdAt: instant, updatedAt: instant }, segmentMisfit);

/** A named set of callers. Excluded takes precedence over included, and that over the rules. */
export interface SegmentRecord extends v.InferOutput<typeof segmentRecord> {}

/** The first contradiction between members of a segment; `null` = there is none. */
export function segmentMisfit({ rules }: { readonly rules: readonly SegmentRule[] }): Misfit | null {
  return duplicateIn(
    rules.map(({ id }) => id),
    (index) => ['rules', index, 'id'],
  );
}
