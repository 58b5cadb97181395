import type { Wording } from '../page/dialog.js';
import type { RouteAction } from './route-actions.js';

interface RouteWording extends Wording {
  /** What the routes are then: `3 routes: disabled`. */
  readonly done: string;
  /** As an entry of a menu. */
  readonly item: string;
}

/** What an action is called, and what it does. */
export const WORDING: Readonly<Record<RouteAction, RouteWording>> = {
  enable: {
    title: 'Enable',
    item: 'Enable',
    submit: 'Enable',
    done: 'enabled',
    note: 'Answers requests again at once, in every environment. Ends maintenance and lifts gates, declared ones too.',
  },
  maintenance: {
    title: 'Put into maintenance',
    item: 'Maintenance',
    submit: 'Start maintenance',
    done: 'in maintenance',
    tone: 'bad',
    note: 'Callers get 503 MAINTENANCE_MODE with this reason, and Retry-After when an end is known.',
  },
  disable: {
    title: 'Disable',
    item: 'Disable',
    submit: 'Disable',
    done: 'disabled',
    tone: 'bad',
    note: 'Callers get 503 ROUTE_DISABLED with this reason until it is enabled again, or until the time given.',
  },
  environments: {
    title: 'Gate by environment',
    item: 'Environments',
    submit: 'Set gate',
    done: 'gated by environment',
    tone: 'bad',
    note: 'Elsewhere the route does not exist: callers get the 404 of an unknown path.',
  },
  schedule: {
    title: 'Schedule maintenance',
    item: 'Schedule',
    submit: 'Schedule',
    done: 'scheduled for maintenance',
    note: 'Nothing changes until the window opens; when it closes, what held before holds again.',
  },
  unschedule: {
    title: 'Cancel scheduled maintenance',
    item: 'Cancel schedule',
    submit: 'Cancel maintenance',
    done: 'taken off the schedule',
    note: 'Takes back every planned window, begun or not.',
  },
  clear: {
    title: 'Clear override',
    item: 'Clear override',
    submit: 'Clear override',
    done: 'back to what the code declares',
    note: 'Removes what operators set; what the code declares holds again.',
  },
};
