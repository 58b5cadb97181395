import type { FlagView, RolloutVariation, RuleInput } from '@waygate/core';
import { ClauseList, ClauseTemplates } from '../clauses/clause-editor.js';
import { Icon } from '../ui/icon.js';
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
      <Panel
        title="Rules"
        actions={
          <button type="button" class="button small" data-add="rule-template">
            <Icon name="plus" /> Rule
          </button>
        }
      >
        <p class="hint">From the top; the first whose conditions all hold decides.</p>
        <div data-list="rule-template">
          {draft.rules.map((rule, index) => (
            <RuleEditor key={rule.id ?? index} rule={rule} number={index + 1} variations={names} />
          ))}
        </div>
      </Panel>
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
      <template id="rule-template">
        <RuleEditor
          rule={{ clauses: [{ attribute: '', operator: 'is', values: [] }], variation: names[0] ?? null }}
          number={0}
          variations={names}
        />
      </template>
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
    <div class="rule" data-list-scope>
      <input type="hidden" name="rule" value={rule.id ?? ''} />
      <div class="rule-head">
        <span class="icon-button grip" data-grip title="Drag to reorder">
          <Icon name="grip" />
        </span>
        <span class="rule-number">{number}</span>
        <input
          name="rule_description"
          value={rule.description ?? ''}
          placeholder="What this rule is for"
          aria-label="Description of the rule"
        />
        <button type="button" class="icon-button" data-move="up" aria-label="Move rule up">
          <Icon name="up" />
        </button>
        <button type="button" class="icon-button" data-move="down" aria-label="Move rule down">
          <Icon name="down" />
        </button>
        <button type="button" class="icon-button" data-remove=".rule" aria-label="Remove rule">
          <Icon name="close" />
        </button>
      </div>
      <ClauseList clauses={rule.clauses ?? []} />
      <Serve variations={variations} served={served} mayFallThrough label="The rule serves" />
    </div>
  );
}
