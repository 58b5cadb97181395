import { PAGES, SERVICE, WATCH } from '../command/common-options.js';
import type { CommandSpec } from '../command/spec.js';

const revisions = () => import('./revisions.js');

export const historyCommands: readonly CommandSpec[] = [
  {
    name: 'log',
    aliases: ['audit'],
    about: 'Show what was changed, by whom and why, newest first.',
    options: [
      { syntax: '--route <route>', about: 'only about this route', names: 'route' },
      { ...SERVICE, about: 'only about this service; else WAYGATE_SERVICE' },
      { syntax: '--actor <name>', about: 'only by this user' },
      { syntax: '--since <moment>', about: 'only from this moment on, or so long ago, e.g. 2h' },
      ...PAGES,
      WATCH,
    ],
    examples: [
      { command: 'waygate log', about: 'The last changes' },
      { command: 'waygate log --route GET:/payments --since 1d', about: 'What happened to a route since yesterday' },
      { command: 'waygate log --watch --json', about: 'One JSON line for each change, as it happens' },
    ],
    run: async (cli, input) => (await import('./log.js')).log(cli, input),
  },
  {
    name: 'history',
    about: 'Show the revisions: each change with its number, to look at or to take back.',
    arguments: [{ syntax: '[key]', about: 'only about this route, or flag:key, segment:key', names: 'route' }],
    options: [SERVICE, { syntax: '-n, --limit <n>', about: 'so many', default: '20' }],
    examples: [
      { command: 'waygate history', about: 'The last twenty revisions' },
      { command: 'waygate history GET:/payments', about: 'Those of a route' },
    ],
    run: async (cli, input) => (await revisions()).history(cli, input),
  },
  {
    name: 'diff',
    about: 'Show what a revision changed, or what changed between two.',
    arguments: [
      { syntax: '<from>', about: 'number of a revision; alone: what it changed' },
      { syntax: '[to]', about: 'number of a later revision' },
    ],
    examples: [
      { command: 'waygate diff 42', about: 'What revision 42 changed' },
      { command: 'waygate diff 40 45', about: 'What changed after 40, up to 45' },
    ],
    run: async (cli, input) => (await revisions()).diff(cli, input),
  },
  {
    name: 'revert',
    about: 'Take a revision back, as a new revision; refuses when the record was changed since.',
    arguments: [{ syntax: '<revision>', about: 'its number; see history' }],
    options: [
      { syntax: '-r, --reason <text>', about: 'why' },
      { syntax: '-f, --force', about: 'also when the record was changed since' },
    ],
    examples: [{ command: 'waygate revert 42 --reason "wrong route"', about: 'As it was before' }],
    changes: true,
    run: async (cli, input) => (await revisions()).revert(cli, input),
  },
];
