import { CREATE, PLAN, REASON, UNTIL } from '../command/common-options.js';
import type { ArgumentSpec, CommandSpec, GroupSpec, OptionSpec } from '../command/spec.js';

const SWITCH_OPTIONS: readonly OptionSpec[] = [
  REASON,
  {
    syntax: '-e, --exempt <route>',
    about: '/path or METHOD:/path that stays open; repeatable',
    repeatable: true,
    names: 'route',
  },
  { syntax: '--include-force-active', about: 'take down routes marked force-active as well' },
];
const EXEMPT: ArgumentSpec = { syntax: '<route>', about: '/path or METHOD:/path', names: 'route' };

/** The same commands for everything, and for one service. */
function maintenanceCommands(prefix: string, what: string, service: readonly ArgumentSpec[]): readonly CommandSpec[] {
  const name = service.length === 0 ? '' : ' payments';
  const run = () => import('./maintenance.js');
  return [
    {
      name: 'status',
      about: `Show whether ${what} is in maintenance.`,
      arguments: service,
      examples: [{ command: `waygate ${prefix} status${name}`, about: 'On or off, why, and what is exempt' }],
      run: async (cli, input) => (await run()).status(cli, input),
    },
    {
      name: 'enable',
      about: `Put ${what} into maintenance; replaces what was set before.`,
      arguments: service,
      options: [...SWITCH_OPTIONS, UNTIL, CREATE],
      examples: [
        {
          command: `waygate ${prefix} enable${name} -r "deploy" -e /health -e GET:/status`,
          about: 'All but two routes answer 503',
        },
      ],
      changes: true,
      run: async (cli, input) => (await run()).enable(cli, input),
    },
    {
      name: 'disable',
      about: `End the maintenance of ${what}.`,
      arguments: service,
      options: [REASON],
      examples: [{ command: `waygate ${prefix} disable${name}`, about: 'Every route holds its own state again' }],
      changes: true,
      run: async (cli, input) => (await run()).disable(cli, input),
    },
    {
      name: 'schedule',
      about: `Schedule maintenance of ${what}, once or again and again; nothing changes until then.`,
      arguments: service,
      options: [...PLAN, ...SWITCH_OPTIONS, CREATE],
      examples: [
        {
          command: `waygate ${prefix} schedule${name} --start 2027-01-31T22:00Z --end 2027-01-31T23:30Z -e /health`,
          about: 'What was set before holds again afterwards',
        },
        { command: `waygate ${prefix} schedule${name} --every "0 3 * * 0" --for 30m`, about: 'Sundays at three at night' },
      ],
      changes: true,
      run: async (cli, input) => (await run()).schedule(cli, input),
    },
    {
      name: 'unschedule',
      about: 'Cancel the scheduled maintenance, begun or not.',
      arguments: service,
      examples: [{ command: `waygate ${prefix} unschedule${name}`, about: 'Before the window or during it' }],
      changes: true,
      run: async (cli, input) => (await run()).unschedule(cli, input),
    },
    {
      name: 'exempt-add',
      about: 'Exempt a route; whether maintenance is on stays as it is.',
      arguments: [...service, EXEMPT],
      options: [CREATE],
      examples: [{ command: `waygate ${prefix} exempt-add${name} /health`, about: 'Stays open in maintenance' }],
      changes: true,
      run: async (cli, input) => (await run()).addExempt(cli, input),
    },
    {
      name: 'exempt-remove',
      about: 'Take a route off the exempt list.',
      arguments: [...service, EXEMPT],
      examples: [{ command: `waygate ${prefix} exempt-remove${name} /health`, about: 'Goes down with the others' }],
      changes: true,
      run: async (cli, input) => (await run()).removeExempt(cli, input),
    },
  ];
}

export const maintenanceGroups: readonly GroupSpec[] = [
  { name: 'global', about: 'Maintenance of everything.', commands: maintenanceCommands('global', 'everything', []) },
  {
    name: 'sm',
    aliases: ['service-maintenance'],
    about: 'Maintenance of one service.',
    commands: maintenanceCommands('sm', 'a service', [{ syntax: '<service>', about: 'name of the service', names: 'service' }]),
  },
];
