import { CLAUSE_OPERATORS, type ClauseInput, type ClauseOperator } from '@waygate/core';
import { AddButton, RemoveButton } from '../ui/list-panel.js';
import { writeValues } from './clause-values.js';

const WORDS: Partial<Record<ClauseOperator, string>> = {
  is: 'is',
  is_not: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  not_contains: 'does not contain',
  matches: 'matches (RE2)',
  not_matches: 'does not match (RE2)',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  semver_eq: 'version =',
  semver_lt: 'version <',
  semver_lte: 'version ≤',
  semver_gt: 'version >',
  semver_gte: 'version ≥',
  in_cidr: 'in network (CIDR)',
  in_segment: 'in segment',
  not_in_segment: 'not in segment',
};

export function operatorName(operator: ClauseOperator): string {
  return WORDS[operator] ?? operator.replaceAll('_', ' ');
}

/** Conditions that all have to hold. */
export function ClauseList({ clauses }: { readonly clauses: readonly ClauseInput[] }) {
  return (
    <>
      <div data-list="clause-template">
        {clauses.map((clause, index) => (
          <ClauseRow key={index} clause={clause} />
        ))}
      </div>
      <AddButton template="clause-template">Condition</AddButton>
    </>
  );
}

/** A new condition. */
export const BLANK_CLAUSE: ClauseInput = { attribute: '', operator: 'is', values: [] };

function ClauseRow({ clause }: { readonly clause: ClauseInput }) {
  const { attribute = '', operator, values, negate = false } = clause;
  const asksSegments = operator === 'in_segment' || operator === 'not_in_segment';
  return (
    <div class="clause">
      <input type="hidden" name="clause" value="1" />
      <span class="conjunction">if</span>
      <input name="clause_attribute" value={attribute} placeholder="attribute" aria-label="Attribute" list="attributes" />
      <select name="clause_operator" aria-label="Operator">
        {CLAUSE_OPERATORS.map((known) => (
          <option key={known} value={known} selected={known === operator}>
            {operatorName(known)}
          </option>
        ))}
      </select>
      <input
        name="clause_values"
        value={writeValues(values, operator)}
        placeholder={asksSegments ? 'segments, separated by commas' : 'values, separated by commas'}
        aria-label={asksSegments ? 'Segments' : 'Values'}
        list={asksSegments ? 'segments' : undefined}
      />
      <select name="clause_negate" aria-label="Inverted">
        <option value="">holds</option>
        <option value="not" selected={negate}>
          does not hold
        </option>
      </select>
      <RemoveButton entry=".clause" label="Remove condition" />
    </div>
  );
}

/** What new conditions are made from, and what their fields suggest. */
export function ClauseTemplates({ segments }: { readonly segments: readonly string[] }) {
  return (
    <>
      <template id="clause-template">
        <ClauseRow clause={BLANK_CLAUSE} />
      </template>
      <datalist id="attributes">
        {['key', 'kind', 'email', 'country', 'plan', 'ip', 'version'].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id="segments">
        {segments.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </>
  );
}
