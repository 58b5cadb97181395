import { MOMENT, REASON, UNTIL, YES } from '../command/common-options.js';
import type { ArgumentSpec, CommandSpec, GroupSpec, OptionSpec } from '../command/spec.js';

const FLAG: ArgumentSpec = { syntax: '<key>', about: 'key of the flag', names: 'flag' };
export const VALUES = 'separated by commas, or a JSON array where numbers and booleans matter, e.g. [1,true]';
export const OPERATORS =
  'is, is_not, contains, not_contains, starts_with, ends_with, matches, not_matches, gt, gte, lt, lte, before, after, in, not_in, ' +
  'in_segment, not_in_segment, semver_eq, semver_lt, semver_gt, …';
const CONTEXT: readonly OptionSpec[] = [
  { syntax: '-k, --key <key>', about: 'key of the context, e.g. a user id', default: 'anonymous' },
  { syntax: '--kind <kind>', about: 'kind of the context', default: 'user' },
  {
    syntax: '-a, --attr <name=value>',
    about: 'an attribute; name:=json for numbers, booleans and lists; repeatable',
    repeatable: true,
  },
];
const SWITCH: readonly OptionSpec[] = [REASON, { ...UNTIL, about: `it is switched back then: ${MOMENT}` }];
const read = () => import('./read-flags.js');
const change = () => import('./change-flags.js');
const target = () => import('./targeting.js');

const reading: readonly CommandSpec[] = [
  {
    name: 'list',
    about: 'List the flags.',
    options: [
      { syntax: '-t, --type <type>', about: 'only of this type', choices: ['boolean', 'string', 'integer', 'float', 'json'] },
      {
        syntax: '-s, --status <status>',
        about: 'only of this status: new, active, launched, inactive, deprecated, archived; or enabled, disabled',
      },
    ],
    examples: [
      { command: 'waygate flags list', about: 'All flags' },
      { command: 'waygate flags list --type boolean --status disabled', about: 'Switches that are off' },
    ],
    run: async (cli, input) => (await read()).list(cli, input),
  },
  {
    name: 'get',
    about: 'Show a flag.',
    arguments: [FLAG],
    examples: [{ command: 'waygate flags get new-checkout --json', about: 'Its whole definition' }],
    run: async (cli, input) => (await read()).get(cli, input),
  },
  {
    name: 'variations',
    about: 'Show the variations of a flag.',
    arguments: [FLAG],
    examples: [{ command: 'waygate flags variations new-checkout', about: 'Names and values' }],
    run: async (cli, input) => (await read()).variations(cli, input),
  },
  {
    name: 'targeting',
    about: 'Show whom a flag gives what: prerequisites, targets, rules, and the rest.',
    arguments: [FLAG],
    examples: [{ command: 'waygate flags targeting new-checkout', about: 'In the order it is decided' }],
    run: async (cli, input) => (await read()).targeting(cli, input),
  },
  {
    name: 'eval',
    about: 'Evaluate a flag for a context.',
    arguments: [FLAG],
    options: CONTEXT,
    examples: [
      { command: 'waygate flags eval new-checkout --key user_1 --attr plan=pro --attr age:=41', about: 'What this user gets' },
    ],
    run: async (cli, input) => (await read()).evaluate(cli, input),
  },
  {
    name: 'explain',
    about: 'Show every step of an evaluation.',
    arguments: [FLAG],
    options: CONTEXT,
    examples: [{ command: 'waygate flags explain new-checkout --key user_1', about: 'Why this user gets it' }],
    run: async (cli, input) => (await read()).explain(cli, input),
  },
  {
    name: 'stale',
    about: 'List flags that could be removed, and why.',
    options: [{ syntax: '--after <duration>', about: 'so for at least this long; else a week' }],
    examples: [{ command: 'waygate flags stale --after 30d', about: 'Candidates for a clean-up' }],
    run: async (cli, input) => (await read()).stale(cli, input),
  },
  {
    name: 'types',
    about: 'Write TypeScript declarations of the flags: keys that do not exist, or are of another type, no longer compile.',
    more: 'Archived flags are left out, so that the compiler finds the code that still asks for them.',
    options: [
      { syntax: '-o, --output <file>', about: 'write to this file, e.g. src/waygate-flags.d.ts; else to standard output' },
      { syntax: '--module <package>', about: 'the package flags are evaluated with', default: '@waygate/nestjs' },
      { syntax: '--check', about: 'write nothing; exit 3 when the file is not what the server says' },
    ],
    examples: [
      { command: 'waygate flags types --output src/waygate-flags.d.ts', about: 'Then git add it' },
      { command: 'waygate flags types --output src/waygate-flags.d.ts --check', about: 'In a pipeline' },
    ],
    run: async (cli, input) => (await import('./types.js')).types(cli, input),
  },
  {
    name: 'stream',
    about: 'Show changes of flags and segments as they happen.',
    examples: [{ command: 'waygate flags stream --json', about: 'One JSON line for each change' }],
    run: async (cli) => (await import('./stream.js')).stream(cli),
  },
];

const changing: readonly CommandSpec[] = [
  {
    name: 'create',
    about: 'Create a flag with two variations: on and off, or control and treatment.',
    arguments: [{ syntax: '<key>', about: 'key of the flag' }],
    options: [
      { syntax: '-n, --name <name>', about: 'name for people', required: true },
      {
        syntax: '-t, --type <type>',
        about: 'type of its values',
        default: 'boolean',
        choices: ['boolean', 'string', 'integer', 'float', 'json'],
      },
      { syntax: '-d, --description <text>', about: 'what it is for' },
    ],
    examples: [
      { command: 'waygate flags create new-checkout --name "New checkout"', about: 'A switch that is off for everybody' },
      { command: 'waygate flags create theme --name Theme --type string', about: 'Texts' },
    ],
    changes: true,
    run: async (cli, input) => (await change()).create(cli, input),
  },
  {
    name: 'enable',
    about: 'Switch a flag on: its targets, rules and rollout decide.',
    arguments: [FLAG],
    options: SWITCH,
    examples: [{ command: 'waygate flags enable new-checkout', about: 'From now on' }],
    changes: true,
    run: async (cli, input) => (await change()).enable(cli, input),
  },
  {
    name: 'disable',
    about: 'Switch a flag off: everybody gets its off variation.',
    arguments: [FLAG],
    options: SWITCH,
    examples: [
      { command: 'waygate flags disable new-checkout', about: 'At once, for everybody' },
      { command: 'waygate flags disable new-checkout --until 2h', about: 'For two hours' },
    ],
    changes: true,
    run: async (cli, input) => (await change()).disable(cli, input),
  },
  {
    name: 'archive',
    about: 'Retire a flag: callers get their own default.',
    arguments: [FLAG],
    options: [REASON],
    examples: [{ command: 'waygate flags archive new-checkout', about: 'Before it is deleted, to see who still asks for it' }],
    changes: true,
    run: async (cli, input) => (await change()).archive(cli, input),
  },
  {
    name: 'restore',
    about: 'Take a retired flag back into use.',
    arguments: [FLAG],
    options: [REASON],
    examples: [{ command: 'waygate flags restore new-checkout', about: 'As it was before' }],
    changes: true,
    run: async (cli, input) => (await change()).restore(cli, input),
  },
  {
    name: 'delete',
    about: 'Delete a flag.',
    arguments: [FLAG],
    options: [YES],
    examples: [{ command: 'waygate flags delete new-checkout --yes', about: 'Without asking' }],
    changes: true,
    run: async (cli, input) => (await change()).remove(cli, input),
  },
  {
    name: 'edit',
    about: 'Change the name, the description, or what is given by default.',
    arguments: [FLAG],
    options: [
      { syntax: '-n, --name <name>', about: 'name for people' },
      { syntax: '-d, --description <text>', about: 'what it is for' },
      { syntax: '--off-variation <name>', about: 'what everybody gets while it is off' },
      { syntax: '--fallthrough <name>', about: 'what those get whom no rule matches' },
    ],
    examples: [{ command: 'waygate flags edit new-checkout --fallthrough on', about: 'On for everybody else' }],
    changes: true,
    run: async (cli, input) => (await change()).edit(cli, input),
  },
  {
    name: 'rollout',
    about: 'Give a variation to a share of all, now or in steps.',
    more: 'Raising the share keeps those who have the variation already. Steps are made by the server, whoever is there by then.',
    arguments: [FLAG],
    options: [
      { syntax: '--to <percent>', about: 'the share at the end, e.g. 25%' },
      { syntax: '-v, --variation <name>', about: 'the variation; else the first that is not the off variation' },
      { syntax: '--over <duration>', about: 'reach it over this time, e.g. 2h' },
      { syntax: '--steps <n>', about: 'with --over: in so many steps; else 5' },
      { syntax: '--pause', about: 'keep a rollout under way where it is' },
      { syntax: '--resume', about: 'let a paused one go on' },
      { syntax: '--abort', about: 'end it: what was before holds again' },
      REASON,
    ],
    examples: [
      { command: 'waygate flags rollout new-checkout --to 25%', about: 'A quarter, now' },
      {
        command: 'waygate flags rollout new-checkout --to 100% --over 2h --steps 5',
        about: 'Everybody, a fifth more every half hour',
      },
      { command: 'waygate flags rollout new-checkout --pause', about: 'Stays at the share there is' },
    ],
    changes: true,
    run: async (cli, input) => (await import('./rollout.js')).rollout(cli, input),
  },
  {
    name: 'add-rule',
    about: 'Give a variation to those who match.',
    arguments: [FLAG],
    options: [
      { syntax: '-v, --variation <name>', about: 'what they get', required: true },
      { syntax: '-s, --segment <key>', about: 'members of this segment', names: 'segment' },
      { syntax: '-a, --attribute <name>', about: 'an attribute of the context' },
      { syntax: '-o, --operator <name>', about: OPERATORS, default: 'is' },
      { syntax: '--values <list>', about: VALUES },
      { syntax: '-d, --description <text>', about: 'what the rule is for' },
      { syntax: '--negate', about: 'those who do not match' },
    ],
    examples: [
      { command: 'waygate flags add-rule new-checkout -v on --segment beta', about: 'A segment' },
      { command: 'waygate flags add-rule new-checkout -v on -a country -o in --values DE,FR', about: 'An attribute' },
    ],
    changes: true,
    run: async (cli, input) => (await target()).addRule(cli, input),
  },
  {
    name: 'remove-rule',
    about: 'Remove a rule.',
    arguments: [FLAG],
    options: [{ syntax: '-r, --rule <id>', about: 'its id, or the beginning of it; see flags targeting', required: true }],
    examples: [{ command: 'waygate flags remove-rule new-checkout -r 3f2a', about: 'By the beginning of its id' }],
    changes: true,
    run: async (cli, input) => (await target()).removeRule(cli, input),
  },
  {
    name: 'add-prereq',
    about: 'Let a flag depend on a variation of another.',
    arguments: [FLAG],
    options: [
      { syntax: '-f, --flag <key>', about: 'the other flag', required: true, names: 'flag' },
      { syntax: '-v, --variation <name>', about: 'the variation it must give', required: true },
    ],
    examples: [{ command: 'waygate flags add-prereq new-checkout -f new-cart -v on', about: 'Off where the new cart is off' }],
    changes: true,
    run: async (cli, input) => (await target()).addPrerequisite(cli, input),
  },
  {
    name: 'remove-prereq',
    about: 'End a dependency.',
    arguments: [FLAG],
    options: [{ syntax: '-f, --flag <key>', about: 'the other flag', required: true, names: 'flag' }],
    examples: [{ command: 'waygate flags remove-prereq new-checkout -f new-cart', about: 'No longer depends on it' }],
    changes: true,
    run: async (cli, input) => (await target()).removePrerequisite(cli, input),
  },
  {
    name: 'target',
    about: 'Give a variation to single contexts.',
    arguments: [FLAG],
    options: [
      { syntax: '-v, --variation <name>', about: 'what they get', required: true },
      { syntax: '-k, --keys <list>', about: 'their keys, separated by commas', required: true },
    ],
    examples: [{ command: 'waygate flags target new-checkout -v on -k user_1,user_2', about: 'Two users' }],
    changes: true,
    run: async (cli, input) => (await target()).addTargets(cli, input),
  },
  {
    name: 'untarget',
    about: 'Take single contexts off a variation.',
    arguments: [FLAG],
    options: [
      { syntax: '-v, --variation <name>', about: 'the variation', required: true },
      { syntax: '-k, --keys <list>', about: 'their keys, separated by commas', required: true },
    ],
    examples: [{ command: 'waygate flags untarget new-checkout -v on -k user_2', about: 'The rules decide about them again' }],
    changes: true,
    run: async (cli, input) => (await target()).removeTargets(cli, input),
  },
];

export const flagGroup: GroupSpec = { name: 'flags', about: 'Feature flags.', commands: [...reading, ...changing] };
