import type { SegmentInput, SegmentRuleInput } from '@waygate/core';
import { ClauseList, ClauseTemplates } from '../clauses/clause-editor.js';
import { TextArea, TextField } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { Panel } from '../ui/parts.js';

interface SegmentEditorProps {
  readonly draft: SegmentInput;
  readonly segments: readonly string[];
}

/** Who belongs to a segment: excluded goes before included, and that before the rules. */
export function SegmentEditor({ draft, segments }: SegmentEditorProps) {
  return (
    <div data-list-scope>
      <Panel title="Members">
        <div class="row">
          <TextArea
            name="included"
            label="Included"
            value={(draft.included ?? []).join('\n')}
            rows={4}
            code
            hint="Targeting keys that always belong, one a line."
          />
          <TextArea
            name="excluded"
            label="Excluded"
            value={(draft.excluded ?? []).join('\n')}
            rows={4}
            code
            hint="Targeting keys that never belong."
          />
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
        <p class="hint">Who meets all conditions of any rule belongs too.</p>
        <div data-list="rule-template">
          {(draft.rules ?? []).map((rule, index) => (
            <SegmentRuleEditor key={rule.id ?? index} rule={rule} number={index + 1} />
          ))}
        </div>
      </Panel>
      <Panel title="About it">
        <TextField name="name" label="Name" value={draft.name ?? ''} />
        <TextField name="description" label="Description" value={draft.description ?? ''} />
        <TextField name="tags" label="Tags" value={(draft.tags ?? []).join(', ')} />
      </Panel>
      <template id="rule-template">
        <SegmentRuleEditor rule={{ clauses: [{ attribute: '', operator: 'is', values: [] }] }} number={0} />
      </template>
      <ClauseTemplates segments={segments} />
    </div>
  );
}

function SegmentRuleEditor({ rule, number }: { readonly rule: SegmentRuleInput; readonly number: number }) {
  return (
    <div class="rule" data-list-scope>
      <input type="hidden" name="rule" value={rule.id ?? ''} />
      <div class="rule-head">
        <span class="rule-number">{number}</span>
        <input
          name="rule_description"
          value={rule.description ?? ''}
          placeholder="What this rule is for"
          aria-label="Description of the rule"
        />
        <button type="button" class="icon-button" data-remove=".rule" aria-label="Remove rule">
          <Icon name="close" />
        </button>
      </div>
      <ClauseList clauses={rule.clauses ?? []} />
    </div>
  );
}
