import type { RuleClause } from './clause.js';
import type { Instant } from './time.js';

/** Callers all of whose clauses hold belong to the segment; a rule without clauses takes in everybody. */
export interface SegmentRule {
  /** Unique within the segment. */
  readonly id: string;
  readonly description: string;
  readonly clauses: readonly RuleClause[];
}

/** A named set of callers. Excluded goes before included, and that before the rules. */
export interface SegmentRecord {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /** Targeting keys. */
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  readonly rules: readonly SegmentRule[];
  readonly tags: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
