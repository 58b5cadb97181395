import type { RouteView } from '@waygate/core';
import { Icon } from '../ui/icon.js';
import { DialogLink } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import type { RouteAction } from './route-actions.js';
import { WORDING } from './route-wording.js';

interface ActionLinkProps {
  readonly action: RouteAction;
  readonly route: RouteView;
  readonly class?: string;
  readonly label?: string;
}

/** Opens the form of an action on one route. */
export function ActionLink({ action, route, class: className, label }: ActionLinkProps) {
  const href = useView().links.to(`routes/act/${action}`, { key: route.key });
  return (
    <DialogLink href={href} class={className} label={label}>
      {WORDING[action].item}
    </DialogLink>
  );
}

/** What an operator does most in the state a route is in, and the rest in a menu. */
export function RouteMenu({ route }: { readonly route: RouteView }) {
  const down = route.status === 'maintenance' || route.status === 'disabled' || route.status === 'env_gated';
  const items: readonly RouteAction[] = [
    ...(down ? (['maintenance'] as const) : []),
    'disable',
    'environments',
    'schedule',
    ...(route.override === null ? [] : (['unschedule', 'clear'] as const)),
  ];
  return (
    <div class="row-actions">
      {down ? (
        <ActionLink action="enable" route={route} class="button small" label={`Enable ${route.key}`} />
      ) : (
        <ActionLink action="maintenance" route={route} class="button small" label={`Maintenance of ${route.key}`} />
      )}
      <details class="menu">
        <summary class="icon-button" aria-label={`More actions for ${route.key}`}>
          <Icon name="more" />
        </summary>
        <div class="menu-items">
          {items.map((action) => (
            <ActionLink key={action} action={action} route={route} class="menu-item" />
          ))}
        </div>
      </details>
    </div>
  );
}
