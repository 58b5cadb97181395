import type { SegmentInput } from '@waygate/core';
import { BLANK_CLAUSE, ClauseTemplates } from '../clauses/clause-editor.js';
import { RuleFrame } from '../clauses/rule-frame.js';
import { TextArea, TextField } from '../ui/form.js';
import { ListPanel } from '../ui/list-panel.js';
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
      <ListPanel
        title="Rules"
        noun="rule"
        hint="Who meets all conditions of any rule belongs too."
        blank={<RuleFrame rule={{ clauses: [BLANK_CLAUSE] }} number={0} />}
      >
        {(draft.rules ?? []).map((rule, index) => (
          <RuleFrame key={rule.id ?? index} rule={rule} number={index + 1} />
        ))}
      </ListPanel>
      <Panel title="About it">
        <TextField name="name" label="Name" value={draft.name ?? ''} />
        <TextField name="description" label="Description" value={draft.description ?? ''} />
        <TextField name="tags" label="Tags" value={(draft.tags ?? []).join(', ')} />
      </Panel>
      <ClauseTemplates segments={segments} />
    </div>
  );
}
