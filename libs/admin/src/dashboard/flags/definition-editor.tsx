import type { FlagInput, FlagView } from '@waygate/core';
import { Check, TextArea, TextField } from '../ui/form.js';
import { ListPanel, RemoveButton } from '../ui/list-panel.js';
import { Panel } from '../ui/parts.js';
import { writeFlagValue } from './flag-draft.js';

interface DefinitionProps {
  readonly flag: FlagView;
  readonly variations: NonNullable<FlagInput['variations']>;
}

/** What the flag is and which values it can give. */
export function DefinitionEditor({ flag, variations }: DefinitionProps) {
  return (
    <div data-list-scope>
      <ListPanel
        title="Variations"
        noun="variation"
        hint={flag.type === 'string' ? 'The values are text.' : `The values are JSON of the type ${flag.type}.`}
        blank={<VariationRow name="" value="" description="" />}
      >
        {variations.map((variation, index) => (
          <VariationRow
            key={index}
            name={variation.name}
            value={writeFlagValue(variation.value)}
            description={variation.description ?? ''}
          />
        ))}
      </ListPanel>
      <Panel title="About it">
        <TextField name="name" label="Name" value={flag.name} />
        <TextArea name="description" label="Description" rows={2} value={flag.description} />
        <div class="row">
          <TextField name="tags" label="Tags" value={flag.tags.join(', ')} />
          <TextField name="maintainer" label="Maintainer" value={flag.maintainer ?? ''} />
        </div>
        <Check name="temporary" label="Temporary: meant to leave the code one day" checked={flag.temporary} />
        <Check name="client_visible" label="Visible to read-only client tokens" checked={flag.clientVisible} />
      </Panel>
    </div>
  );
}

function VariationRow({
  name,
  value,
  description,
}: {
  readonly name: string;
  readonly value: string;
  readonly description: string;
}) {
  return (
    <div class="variation">
      <input name="variation" value={name} placeholder="name" aria-label="Name of the variation" />
      <input name="variation_value" value={value} placeholder="value" aria-label="Value of the variation" class="code" />
      <input
        name="variation_description"
        value={description}
        placeholder="what it does"
        aria-label="Description of the variation"
      />
      <RemoveButton entry=".variation" label="Remove variation" />
    </div>
  );
}
