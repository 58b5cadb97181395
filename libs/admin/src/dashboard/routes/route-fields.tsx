import type { RouteView } from '@waygate/core';
import { EffectiveBadge, Method } from '../ui/badge.js';
import { ReasonField, TextField } from '../ui/form.js';
import { ExpiryFields, ScheduleFields } from '../when/when-fields.js';
import type { RouteAction } from './route-actions.js';

interface RouteFieldsProps {
  readonly action: RouteAction;
  readonly routes: readonly RouteView[];
  readonly environment: string;
}

/** What the form of an action asks for. */
export function RouteFields({ action, routes, environment }: RouteFieldsProps) {
  return (
    <>
      <ul class="chosen">
        {routes.map((route) => (
          <li key={route.key}>
            <input type="hidden" name="key" value={route.key} />
            <input type="hidden" name="seen" value={route.revision} />
            <Method method={route.method} /> <RoutePath route={route} />
            <EffectiveBadge state={route.effective} />
          </li>
        ))}
      </ul>
      {action === 'environments' ? (
        <TextField
          name="environments"
          label="Environments"
          value={(routes[0]?.environments ?? [environment]).join(', ')}
          hint={`Names separated by commas. This process runs in '${environment}'.`}
          required
        />
      ) : null}
      {action === 'unschedule' || action === 'clear' ? null : <ReasonField />}
      {action === 'schedule' ? <ScheduleFields /> : null}
      {['maintenance', 'disable', 'environments'].includes(action) ? <ExpiryFields /> : null}
    </>
  );
}

/** The path of a route, with its service where it has one. */
export function RoutePath({ route: { service, path } }: { readonly route: RouteView }) {
  return <code class="path">{service === null ? path : `${service} ${path}`}</code>;
}
