import type { WebhookView } from '@waygate/core';
import { choicesOf, RevisionField, SelectField, TextArea, TextField } from '../ui/form.js';
import { useField } from '../ui/form-state.js';

const FORMATTERS = ['waygate', 'slack', 'teams', 'discord'];

/** @param webhook `null` = a new one */
export function WebhookFields({ webhook }: { readonly webhook: WebhookView | null }) {
  const { value: formatter } = useField('formatter', webhook?.formatter ?? 'waygate');
  return (
    <>
      {webhook === null ? null : <RevisionField revision={webhook.revision} />}
      <TextField
        name="url"
        label="URL"
        type="url"
        value={webhook?.url}
        required
        placeholder="https://hooks.example.com/waygate"
      />
      {webhook === null ? <TextField name="name" label="Name" placeholder="chat" hint="Default: made from the URL" /> : null}
      <SelectField
        name="formatter"
        label="Format"
        value={formatter}
        choices={choicesOf(FORMATTERS.includes(formatter) ? FORMATTERS : [...FORMATTERS, formatter])}
      />
      <TextArea
        name="events"
        label="Events"
        rows={2}
        code
        value={webhook?.events.join('\n')}
        placeholder={'maintenance_on\nflag_*'}
        hint="Names, or beginnings with *, one a line. Empty = every change."
      />
      <TextField name="description" label="Description" value={webhook?.description} />
    </>
  );
}
