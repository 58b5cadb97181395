import { MOMENT, PAGES, PLAN, REASON, ROUTE, SERVICE, UNTIL, WATCH, YES } from '../command/common-options.js';
import type { CommandSpec, GroupSpec } from '../command/spec.js';

const lifecycle = () => import('./lifecycle.js');

export const routeCommands: readonly (CommandSpec | GroupSpec)[] = [
  {
    name: 'status',
    about: 'Show the routes and what holds for them now.',
    arguments: [{ syntax: '[route]', about: 'only this route', names: 'route' }],
    options: [
      { ...SERVICE, about: 'only the routes of this service; else WAYGATE_SERVICE' },
      { syntax: '--tag <tag>', about: 'only the routes the code files under this tag' },
      ...PAGES,
      WATCH,
    ],
    examples: [
      { command: 'waygate status', about: 'All routes, twenty a page' },
      { command: 'waygate status GET:/payments', about: 'One route' },
      { command: 'waygate status --service payments --watch', about: 'The routes of a service, drawn again at every change' },
      { command: 'waygate status --tag billing', about: 'What the code files under a tag' },
      { command: `waygate status --json | jq -r '.[] | select(.status != "active") | .path'`, about: 'What is not open' },
    ],
    run: async (cli, input) => (await import('./status.js')).status(cli, input),
  },
  {
    name: 'services',
    about: 'List the services that have routes.',
    examples: [{ command: 'waygate services', about: 'One name a line' }],
    run: async (cli) => (await import('./services.js')).services(cli),
  },
  {
    name: 'current-service',
    about: 'Show the service commands are about, from WAYGATE_SERVICE or .waygate.',
    examples: [{ command: 'WAYGATE_SERVICE=payments waygate current-service', about: 'What the variable does' }],
    run: async (cli) => (await import('./services.js')).currentService(cli),
  },
  {
    name: 'enable',
    about: 'Open a route: ends maintenance, a scheduled window, an environment gate.',
    arguments: [ROUTE],
    options: [REASON, SERVICE, UNTIL, YES],
    examples: [
      { command: 'waygate enable GET:/payments', about: 'Open it' },
      { command: 'waygate enable /payments --yes', about: 'Open all methods of the path' },
    ],
    changes: true,
    run: async (cli, input) => (await lifecycle()).enable(cli, input),
  },
  {
    name: 'disable',
    about: 'Switch a route off (503), for good or for a time.',
    arguments: [ROUTE],
    options: [REASON, SERVICE, UNTIL, YES],
    examples: [
      { command: 'waygate disable GET:/payments --reason "hotfix"', about: 'Until somebody enables it' },
      { command: 'waygate disable GET:/payments --until 2h', about: 'For two hours' },
      {
        command: 'waygate disable GET:/payments --until 2027-01-31T22:00Z --wait',
        about: 'Until a moment; return when all instances know',
      },
    ],
    changes: true,
    run: async (cli, input) => (await lifecycle()).disable(cli, input),
  },
  {
    name: 'maintenance',
    about: 'Put a route into maintenance (503), now or in a window.',
    arguments: [ROUTE],
    options: [
      REASON,
      SERVICE,
      { syntax: '--start <moment>', about: `when it begins: ${MOMENT}` },
      { syntax: '--end <moment>', about: 'when it ends' },
      UNTIL,
      YES,
    ],
    examples: [
      { command: 'waygate maintenance GET:/payments --reason "database migration"', about: 'Now' },
      { command: 'waygate maintenance GET:/payments --start 2027-01-31T22:00Z --end 2027-01-31T23:00Z', about: 'In a window' },
    ],
    changes: true,
    run: async (cli, input) => (await lifecycle()).maintenance(cli, input),
  },
  {
    name: 'schedule',
    about: 'Schedule maintenance of a route, once or again and again; it stays as it is until then.',
    arguments: [ROUTE],
    options: [...PLAN, REASON, SERVICE, YES],
    examples: [
      {
        command: 'waygate schedule GET:/payments --start 2027-01-31T22:00Z --end 2027-01-31T23:30Z -r "migration"',
        about: 'A window that opens and closes by itself',
      },
      { command: 'waygate schedule GET:/payments --start 10m --end 40m', about: 'From ten minutes from now, for half an hour' },
      {
        command: 'waygate schedule GET:/payments --every "0 2 * * 1" --for 2h --time-zone Europe/Berlin',
        about: 'Mondays from two to four at night',
      },
    ],
    changes: true,
    run: async (cli, input) => (await lifecycle()).schedule(cli, input),
  },
  {
    name: 'upcoming',
    about: 'Show what will change by itself: windows, what expires, and what flags have planned.',
    options: [{ syntax: '-n, --limit <n>', about: 'so many', default: '20' }],
    examples: [{ command: 'waygate upcoming', about: 'The next twenty, soonest first' }],
    run: async (cli, input) => (await import('./upcoming.js')).upcoming(cli, input),
  },
  {
    name: 'unschedule',
    about: 'Cancel the scheduled maintenance of a route.',
    arguments: [ROUTE],
    options: [SERVICE, YES],
    examples: [{ command: 'waygate unschedule GET:/payments', about: 'Before the window or during it' }],
    changes: true,
    run: async (cli, input) => (await lifecycle()).unschedule(cli, input),
  },
  {
    name: 'clear',
    about: 'Remove what operators set on a route, so that what its code declares holds again.',
    arguments: [ROUTE],
    options: [SERVICE, YES],
    examples: [{ command: 'waygate clear GET:/payments', about: 'Back to the decorators' }],
    changes: true,
    run: async (cli, input) => (await lifecycle()).clear(cli, input),
  },
  {
    name: 'env',
    about: 'Gate a route by environment.',
    commands: [
      {
        name: 'set',
        about: 'Let a route exist in these environments only.',
        arguments: [ROUTE, { syntax: '<envs...>', about: 'names of environments' }],
        options: [REASON, SERVICE, UNTIL, YES],
        examples: [{ command: 'waygate env set GET:/debug dev staging', about: 'Hidden everywhere else' }],
        changes: true,
        run: async (cli, input) => (await lifecycle()).setEnvironments(cli, input),
      },
      {
        name: 'clear',
        about: 'Remove the environment gate of a route.',
        arguments: [ROUTE],
        options: [REASON, SERVICE, YES],
        examples: [{ command: 'waygate env clear GET:/debug', about: 'Open in every environment' }],
        changes: true,
        run: async (cli, input) => (await lifecycle()).clearEnvironments(cli, input),
      },
    ],
  },
];
