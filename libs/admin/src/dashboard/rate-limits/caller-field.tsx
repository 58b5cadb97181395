import { TextField } from '../ui/form.js';

/** One caller whose counters are reset. */
export function CallerField({ caller }: { readonly caller?: string }) {
  return (
    <TextField
      name="caller"
      label="Only this caller"
      value={caller}
      placeholder="203.0.113.7"
      hint="As shown on the page Blocked. Empty = all of them."
    />
  );
}
