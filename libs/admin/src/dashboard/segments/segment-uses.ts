import type { FlagView, RuleClause, SegmentView } from '@waygate/core';

/** Something with a rule that names a segment. */
export interface SegmentUse {
  readonly kind: 'flag' | 'segment';
  readonly key: string;
}

/** What refers to a segment. */
export function usesOfSegment(key: string, flags: readonly FlagView[], segments: readonly SegmentView[]): readonly SegmentUse[] {
  const named = ({ rules }: { readonly rules: readonly { readonly clauses: readonly RuleClause[] }[] }) =>
    rules.some(({ clauses }) => clauses.some(({ operator, values }) => operator.endsWith('in_segment') && values.includes(key)));
  return [
    ...flags.filter(named).map((flag) => ({ kind: 'flag' as const, key: flag.key })),
    ...segments.filter(named).map((segment) => ({ kind: 'segment' as const, key: segment.key })),
  ];
}
