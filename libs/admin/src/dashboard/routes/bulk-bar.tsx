import { useView } from '../ui/view.js';
import type { RouteAction } from './route-actions.js';
import { WORDING } from './route-wording.js';

const BULK_ACTIONS: readonly RouteAction[] = ['enable', 'maintenance', 'disable', 'environments', 'schedule', 'clear'];

/** Acts on all routes that are ticked. */
export function BulkBar() {
  const action = useView().links.to('routes/act');
  return (
    <form id="bulk" class="bulk" method="get" action={action} hx-get={action} hx-target="#dialog-body" data-bulk>
      <span class="bulk-count" data-bulk-count aria-live="polite">
        Selected routes
      </span>
      {BULK_ACTIONS.map((name) => (
        <button key={name} class="button small" name="action" value={name}>
          {WORDING[name].item}
        </button>
      ))}
    </form>
  );
}
