import type { FlagView, RuleClause, SegmentView } from '@waygate/core';

/** What refers to a segment: `flag 'checkout'`, `segment 'staff'`. */
export function usesOfSegment(key: string, flags: readonly FlagView[], segments: readonly SegmentView[]): readonly string[] {
  const named = (rules: readonly { readonly clauses: readonly RuleClause[] }[]) =>
    rules.some(({ clauses }) => clauses.some(({ operator, values }) => operator.endsWith('in_segment') && values.includes(key)));
  return [
    ...flags.filter(({ rules }) => named(rules)).map((flag) => `flag '${flag.key}'`),
    ...segments.filter(({ rules }) => named(rules)).map((segment) => `segment '${segment.key}'`),
  ];
}
