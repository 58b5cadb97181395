import type { FlagView, RolloutVariation, RuleInput } from '@waygate/core';
import { BLANK_CLAUSE, ClauseTemplates } from '../clauses/clause-editor.js';
import { RuleFrame } from '../clauses/rule-frame.js';
import { ListPanel } from '../ui/list-panel.js';
import { Panel } from '../ui/parts.js';
import type { Targeting } from './flag-draft.js';
import { Serve } from './shares.js';

interface TargetingEditorProps {
  readonly flag: FlagView;
  /** What is being edited: as it is, or as it was typed. */
  readonly draft: Targeting;
  readonly segments: readonly string[];
}

/** Who gets what: named callers, then rules from the top, then everybody else. */
export function TargetingEditor({ flag, draft, segments }: TargetingEditorProps) {
  const names = flag.variations.map(({ name }) => name);
  return (
    <div data-list-scope>
      <Panel title="Named callers">
        <p class="hint">Targeting keys that get a variation whatever the rules say, separated by commas or lines.</p>
        <div class="row">
          {names.map((name) => (
            <div class="field" key={name}>
              <label for={`target-${name}`}>
                get <span class="path">{name}</span>
              </label>
              <input type="hidden" name="target" value={name} />
              <textarea id={`target-${name}`} name="target_keys" rows={2} class="code" spellcheck={false}>
                {(draft.targets[name] ?? []).join('\n')}
              </textarea>
            </div>
          ))}
        </div>
      </Panel>
      <ListPanel
        title="Rules"
        noun="rule"
        hint="From the top; the first whose conditions all hold decides."
        blank={<RuleEditor rule={{ clauses: [BLANK_CLAUSE], variation: names[0] ?? null }} number={0} variations={names} />}
      >
        {draft.rules.map((rule, index) => (
          <RuleEditor key={rule.id ?? index} rule={rule} number={index + 1} variations={names} />
        ))}
      </ListPanel>
      <Panel title="Everybody else">
        <input type="hidden" name="fallthrough" value="1" />
        <Serve variations={names} served={draft.fallthrough} mayFallThrough={false} label="Everybody else gets" />
        <div class="field off-variation">
          <label for="off-variation">While it is off, everybody gets</label>
          <select id="off-variation" name="off">
            {names.map((name) => (
              <option key={name} value={name} selected={name === draft.offVariation}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </Panel>
      <ClauseTemplates segments={segments} />
    </div>
  );
}

interface RuleEditorProps {
  readonly rule: RuleInput;
  readonly number: number;
  readonly variations: readonly string[];
}

function RuleEditor({ rule, number, variations }: RuleEditorProps) {
  const served: string | readonly RolloutVariation[] | null = rule.variation ?? rule.rollout ?? null;
  return (
    <RuleFrame rule={rule} number={number} ordered>
      <Serve variations={variations} served={served} mayFallThrough label="The rule serves" />
    </RuleFrame>
  );
}
