import { MomentField, SelectField, TextField } from '../ui/form.js';

/** Until when it holds. */
export function ExpiryFields({ value }: { readonly value: (name: string) => string }) {
  return (
    <div class="row">
      <SelectField
        name="expires_in"
        label="For how long"
        value={value('expires_in')}
        choices={[
          { value: '', text: 'Until it is changed' },
          { value: '15m', text: '15 minutes' },
          { value: '1h', text: '1 hour' },
          { value: '4h', text: '4 hours' },
          { value: '1d', text: '1 day' },
          { value: 'at', text: 'Until a date …' },
        ]}
      />
      <MomentField name="expires_at" label="Date" value={value('expires_at')} />
    </div>
  );
}

export function ScheduleFields({ value }: { readonly value: (name: string) => string }) {
  return (
    <>
      <div class="row">
        <MomentField name="start" label="From" value={value('start')} />
        <MomentField name="end" label="To" value={value('end')} />
      </div>
      <details class="more" open={value('cron') !== ''}>
        <summary>Repeat it</summary>
        <div class="row">
          <TextField
            name="cron"
            label="Cron expression"
            value={value('cron')}
            placeholder="0 2 * * 6"
            hint="When it opens each time"
          />
          <TextField name="duration" label="Open for" value={value('duration')} placeholder="2h" />
          <TextField name="time_zone" label="Time zone" value={value('time_zone')} placeholder="UTC" />
        </div>
      </details>
    </>
  );
}
