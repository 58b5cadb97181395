import type { RouteView } from '@waygate/core';
import { Method, StatusBadge } from '../ui/badge.js';
import { ReasonField, TextField } from '../ui/form.js';
import { ExpiryFields, ScheduleFields } from '../when/when-fields.js';
import type { RouteAction } from './route-actions.js';

interface Wording {
  readonly title: string;
  readonly verb: string;
  readonly done: string;
  readonly tone: 'accent' | 'bad';
  readonly note: string;
}

/** What an action is called, and what it does, in words for those who are about to do it. */
export const WORDING: Readonly<Record<RouteAction, Wording>> = {
  enable: {
    title: 'Enable',
    verb: 'Enable',
    done: 'enabled',
    tone: 'accent',
    note: 'Answers requests again at once, in every environment. Ends maintenance and lifts gates, declared ones too.',
  },
  maintenance: {
    title: 'Put into maintenance',
    verb: 'Start maintenance',
    done: 'in maintenance',
    tone: 'bad',
    note: 'Callers get 503 MAINTENANCE_MODE with this reason, and Retry-After when an end is known.',
  },
  disable: {
    title: 'Disable',
    verb: 'Disable',
    done: 'disabled',
    tone: 'bad',
    note: 'Callers get 503 ROUTE_DISABLED with this reason until it is enabled again, or until the time given.',
  },
  environments: {
    title: 'Gate by environment',
    verb: 'Set gate',
    done: 'gated by environment',
    tone: 'bad',
    note: 'Elsewhere the route does not exist: callers get the 404 of an unknown path.',
  },
  schedule: {
    title: 'Schedule maintenance',
    verb: 'Schedule',
    done: 'scheduled for maintenance',
    tone: 'accent',
    note: 'Nothing changes until the window opens; when it closes, what held before holds again.',
  },
  unschedule: {
    title: 'Cancel scheduled maintenance',
    verb: 'Cancel maintenance',
    done: 'taken off the schedule',
    tone: 'accent',
    note: 'Takes back every planned window, begun or not.',
  },
  clear: {
    title: 'Clear override',
    verb: 'Clear override',
    done: 'back to what the code declares',
    tone: 'accent',
    note: 'Removes what operators set; what the code declares holds again.',
  },
};

interface RouteFieldsProps {
  readonly action: RouteAction;
  readonly routes: readonly RouteView[];
  /** What was typed before, where the form comes back. */
  readonly value: (name: string) => string;
  readonly environment: string;
}

/** What the form of an action asks for. */
export function RouteFields({ action, routes, value, environment }: RouteFieldsProps) {
  return (
    <>
      <ul class="chosen">
        {routes.map((route) => (
          <li key={route.key}>
            <input type="hidden" name="key" value={route.key} />
            <input type="hidden" name="seen" value={route.revision} />
            <Method method={route.method} />{' '}
            <code class="path">{route.service === null ? route.path : `${route.service} ${route.path}`}</code>
            <StatusBadge status={route.status} />
          </li>
        ))}
      </ul>
      {action === 'environments' ? (
        <TextField
          name="environments"
          label="Environments"
          value={value('environments') || (routes[0]?.environments ?? [environment]).join(', ')}
          hint={`Names separated by commas. This process runs in '${environment}'.`}
          required
        />
      ) : null}
      {action === 'unschedule' || action === 'clear' ? null : <ReasonField value={value('reason')} />}
      {action === 'schedule' ? <ScheduleFields value={value} /> : null}
      {['maintenance', 'disable', 'environments'].includes(action) ? <ExpiryFields value={value} /> : null}
    </>
  );
}
