import type { ComponentChildren } from 'preact';
import type { ClauseInput } from '@waygate/core';
import { Icon } from '../ui/icon.js';
import { RemoveButton } from '../ui/list-panel.js';
import { ClauseList } from './clause-editor.js';

interface RuleFrameProps {
  readonly rule: { readonly id?: string; readonly description?: string; readonly clauses?: readonly ClauseInput[] };
  readonly number: number;
  /** Whether the order of rules says something. */
  readonly ordered?: boolean;
  /** What comes of it when its conditions hold. */
  readonly children?: ComponentChildren;
}

/** A rule of a flag or of a segment: what it is for, and its conditions. */
export function RuleFrame({ rule, number, ordered = false, children }: RuleFrameProps) {
  return (
    <div class="rule" data-list-scope>
      <input type="hidden" name="rule" value={rule.id ?? ''} />
      <div class="rule-head">
        {ordered ? (
          <span class="icon-button grip" data-grip title="Drag to reorder">
            <Icon name="grip" />
          </span>
        ) : null}
        <span class="rule-number">{number}</span>
        <input
          name="rule_description"
          value={rule.description ?? ''}
          placeholder="What this rule is for"
          aria-label="Description of the rule"
        />
        {ordered ? (
          <>
            <button type="button" class="icon-button" data-move="up" aria-label="Move rule up">
              <Icon name="up" />
            </button>
            <button type="button" class="icon-button" data-move="down" aria-label="Move rule down">
              <Icon name="down" />
            </button>
          </>
        ) : null}
        <RemoveButton entry=".rule" label="Remove rule" />
      </div>
      <ClauseList clauses={rule.clauses ?? []} />
      {children}
    </div>
  );
}
