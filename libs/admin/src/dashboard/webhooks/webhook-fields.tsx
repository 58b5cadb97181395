import type { WebhookView } from '@waygate/core';
import { SelectField, TextArea, TextField } from '../ui/form.js';

interface WebhookFieldsProps {
  /** `null` = a new one. */
  readonly webhook: WebhookView | null;
  readonly typed: (name: string) => string | null;
}

const FORMATTERS = ['waygate', 'slack', 'teams', 'discord'];

export function WebhookFields({ webhook, typed }: WebhookFieldsProps) {
  const formatter = typed('formatter') ?? webhook?.formatter ?? 'waygate';
  const formatters = FORMATTERS.includes(formatter) ? FORMATTERS : [...FORMATTERS, formatter];
  return (
    <>
      {webhook === null ? null : <input type="hidden" name="revision" value={webhook.revision} />}
      <TextField
        name="url"
        label="URL"
        type="url"
        value={typed('url') ?? webhook?.url ?? ''}
        required
        placeholder="https://hooks.example.com/waygate"
      />
      {webhook === null ? (
        <TextField name="name" label="Name" value={typed('name') ?? ''} placeholder="chat" hint="Default: made from the URL" />
      ) : null}
      <SelectField
        name="formatter"
        label="Format"
        value={formatter}
        choices={formatters.map((value) => ({ value, text: value }))}
      />
      <TextArea
        name="events"
        label="Events"
        rows={2}
        code
        value={typed('events') ?? (webhook?.events ?? []).join('\n')}
        placeholder={'maintenance_on\nflag_*'}
        hint="Names, or beginnings with *, one a line. Empty = every change."
      />
      <TextField name="description" label="Description" value={typed('description') ?? webhook?.description ?? ''} />
    </>
  );
}
