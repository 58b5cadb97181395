import type { FlagView } from '@waygate/core';
import { choicesOf, MomentField, RevisionField, SelectField, TextArea, TextField } from '../ui/form.js';
import { ExpiryFields } from '../when/when-fields.js';
import type { FlagAction } from './flag-wording.js';

interface FieldsProps {
  readonly action: FlagAction;
  readonly flag: FlagView;
  /** The scheduled change that is cancelled. */
  readonly changeId: string;
}

/** What the form of an action asks for. */
export function FlagActionFields({ action, flag, changeId }: FieldsProps) {
  const variations = choicesOf(flag.variations.map(({ name }) => name));
  return (
    <>
      <RevisionField revision={flag.revision} />
      {action === 'switch' ? <ExpiryFields /> : null}
      {action === 'unschedule' ? <input type="hidden" name="id" value={changeId} /> : null}
      {action === 'schedule' ? (
        <>
          <SelectField
            name="what"
            label="What"
            choices={[
              { value: 'enable', text: 'Switch on' },
              { value: 'disable', text: 'Switch off' },
              ...flag.variations.map(({ name }) => ({ value: `serve:${name}`, text: `Serve ${name} to everybody else` })),
            ]}
          />
          <MomentField name="at" label="When" />
        </>
      ) : null}
      {action === 'rollout' ? (
        <>
          <div class="row">
            <SelectField name="variation" label="Growing variation" choices={variations} />
            <SelectField name="otherwise" label="In place of" choices={variations} value={flag.offVariation} />
          </div>
          <TextArea
            name="steps"
            label="Steps"
            code
            rows={4}
            value={'5 %\n25 % after 1h\n50 % after 6h\n100 % after 1d'}
            hint="One a line: share, and how long after the step before."
          />
        </>
      ) : null}
      <TextField name="reason" label="Reason" hint="Kept in the audit log." />
    </>
  );
}
