import type { RuleClause } from './flags.js';
import type { WireInstant } from './routes.js';

export interface SegmentRule {
  readonly id?: string;
  readonly description?: string;
  readonly clauses: readonly RuleClause[];
}

/** A named set of contexts: `excluded` first, then `included`, then any rule. */
export interface Segment {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  readonly rules: readonly SegmentRule[];
  readonly tags: readonly string[];
  readonly created_at: WireInstant;
  readonly updated_at: WireInstant;
  /** Other servers of this protocol do not send it. */
  readonly revision?: number;
}

export type SegmentInput = Pick<Segment, 'key' | 'name'> & Partial<Segment>;
