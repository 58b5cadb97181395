import { MomentField, SelectField, TextField } from '../ui/form.js';
import { useField } from '../ui/form-state.js';

/** Until when it holds. */
export function ExpiryFields() {
  return (
    <div class="row">
      <SelectField
        name="expires_in"
        label="For how long"
        choices={[
          { value: '', text: 'Until it is changed' },
          { value: '15m', text: '15 minutes' },
          { value: '1h', text: '1 hour' },
          { value: '4h', text: '4 hours' },
          { value: '1d', text: '1 day' },
          { value: 'at', text: 'Until a date …' },
        ]}
      />
      <MomentField name="expires_at" label="Date" />
    </div>
  );
}

export function ScheduleFields() {
  const { value: cron } = useField('cron', '');
  return (
    <>
      <div class="row">
        <MomentField name="start" label="From" />
        <MomentField name="end" label="To" />
      </div>
      <details class="more" open={cron !== ''}>
        <summary>Repeat it</summary>
        <div class="row">
          <TextField
            name="cron"
            label="Cron expression"

            placeholder="0 2 * * 6"
            hint="When it opens each time"
          />
          <TextField name="duration" label="Open for" placeholder="2h" />
          <TextField name="time_zone" label="Time zone" placeholder="UTC" />
        </div>
      </details>
    </>
  );
}
