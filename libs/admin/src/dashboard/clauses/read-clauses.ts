import { CLAUSE_OPERATORS, type ClauseInput, type ClauseOperator } from '@waygate/core';
import { readValues } from './clause-values.js';

/** Fields of a form in their order, cut where a field begins the next thing. */
export function sectionsOf(fields: Iterable<readonly [string, string]>, markers: readonly string[]): readonly Section[] {
  const sections: { marker: string; value: string; fields: [string, string][] }[] = [];
  for (const [name, value] of fields) {
    if (markers.includes(name)) sections.push({ marker: name, value, fields: [] });
    else sections.at(-1)?.fields.push([name, value]);
  }
  return sections;
}

export interface Section {
  readonly marker: string;
  readonly value: string;
  readonly fields: readonly (readonly [string, string])[];
}

/** The first value of a field. */
export function valueIn(fields: Section['fields'], name: string): string {
  return (fields.find(([known]) => known === name)?.[1] ?? '').trim();
}

/** Clauses among the fields of a rule. */
export function readClauses(fields: Section['fields']): readonly ClauseInput[] {
  return sectionsOf(fields, ['clause']).map((clause) => {
    const operator = operatorOf(valueIn(clause.fields, 'clause_operator'));
    return {
      attribute: valueIn(clause.fields, 'clause_attribute') || 'key',
      operator,
      values: readValues(valueIn(clause.fields, 'clause_values'), operator),
      negate: valueIn(clause.fields, 'clause_negate') === 'not',
    };
  });
}

/** Unknown words are left to the engine, which says what is wrong with them. */
function operatorOf(text: string): ClauseOperator {
  return CLAUSE_OPERATORS.find((known) => known === text) ?? (text as ClauseOperator);
}
