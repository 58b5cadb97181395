import { REASON, SERVICE, YES } from '../command/common-options.js';
import type { ArgumentSpec, CommandSpec, GroupSpec, OptionSpec } from '../command/spec.js';

const webhooks = () => import('./webhooks.js');
const tokens = () => import('./tokens.js');
const WEBHOOK: ArgumentSpec = { syntax: '<name>', about: 'name of the webhook; see webhooks list', names: 'webhook' };
const WEBHOOK_FIELDS: readonly OptionSpec[] = [
  {
    syntax: '-e, --event <name>',
    about: 'only this kind of change, e.g. disable, or several as flag_*; repeatable',
    repeatable: true,
  },
  { syntax: '--format <name>', about: 'how: waygate, slack, teams, discord, or one of the app; else waygate' },
  { syntax: '-d, --description <text>', about: 'what it is for' },
];

export const operationCommands: readonly (CommandSpec | GroupSpec)[] = [
  {
    name: 'explain',
    about: 'Show what a request would meet, check by check.',
    arguments: [
      { syntax: '<method>', about: 'e.g. GET' },
      { syntax: '<path>', about: 'the path as a caller asks for it, e.g. /items/7' },
    ],
    options: [
      { syntax: '--as <who>', about: 'user=…, ip=…, api-key=… or role=…; repeatable', repeatable: true },
      { syntax: '-a, --attr <name=value>', about: 'what tiers are chosen by, e.g. plan=pro; repeatable', repeatable: true },
      { ...SERVICE, about: 'the service whose route it is; else WAYGATE_SERVICE, or the one the server is part of' },
      { syntax: '--version <version>', about: 'for versions that are not part of the path' },
    ],
    examples: [
      { command: 'waygate explain GET /payments/7 --as user=alice --as role=admin', about: 'Is she let in, and if not, why' },
      { command: 'waygate explain GET /search --as ip=203.0.113.7 --attr plan=pro', about: 'Which limits count the request' },
    ],
    run: async (cli, input) => (await import('./explain.js')).explain(cli, input),
  },
  {
    name: 'instances',
    about: 'List the processes that follow this server, and the revision each has applied.',
    examples: [{ command: 'waygate instances', about: 'Who lags' }],
    run: async (cli) => (await import('./instances.js')).instances(cli),
  },
  {
    name: 'stats',
    about: 'Show requests, blocks and latencies of the process that answers, by route.',
    arguments: [{ syntax: '[route]', about: 'only of this route', names: 'route' }],
    options: [{ syntax: '-m, --minutes <n>', about: 'of the last minutes, at most 60', default: '60' }],
    examples: [{ command: 'waygate stats --minutes 5', about: 'What is going on' }],
    run: async (cli, input) => (await import('./stats.js')).stats(cli, input),
  },
  {
    name: 'doctor',
    about: 'Check that everything is in order: configuration, address, sign-in, clock, state, instances.',
    examples: [{ command: 'waygate doctor', about: 'Exits 1 when something is wrong' }],
    run: async (cli) => (await import('./doctor.js')).doctor(cli),
  },
  {
    name: 'open',
    about: 'Open the dashboard in the browser.',
    examples: [{ command: 'waygate open', about: 'Prints the address where there is no browser' }],
    run: async (cli) => (await import('./open.js')).open(cli),
  },
  {
    name: 'state',
    about: 'The store as a whole.',
    commands: [
      {
        name: 'accept',
        about: 'Accept the store as it is, after you restored a backup on purpose.',
        options: [REASON],
        examples: [
          { command: 'waygate state accept -r "restored Monday\'s backup"', about: 'Every process adopts the restored state' },
        ],
        changes: true,
        run: async (cli, input) => (await import('./state.js')).accept(cli, input),
      },
    ],
  },
  {
    name: 'webhooks',
    about: 'Webhooks and their deliveries.',
    commands: [
      {
        name: 'list',
        about: 'List the webhooks.',
        examples: [{ command: 'waygate webhooks list', about: 'Where changes are told' }],
        run: async (cli) => (await webhooks()).list(cli),
      },
      {
        name: 'get',
        about: 'Show a webhook.',
        arguments: [WEBHOOK],
        examples: [{ command: 'waygate webhooks get ops', about: 'Where it leads, what it is told, and how that goes' }],
        run: async (cli, input) => (await webhooks()).get(cli, input),
      },
      {
        name: 'add',
        about: 'Tell changes to an address; one of that name or to that address is changed instead.',
        arguments: [{ syntax: '<url>', about: 'the address' }],
        options: [
          { syntax: '-n, --name <name>', about: 'names it for good; else made from the address' },
          ...WEBHOOK_FIELDS,
          {
            syntax: '--secret <secret>',
            about: 'signs deliveries: whsec_ and 24 to 64 bytes in base64; else the server makes one',
          },
        ],
        examples: [
          {
            command: 'waygate webhooks add https://hooks.example.com/waygate --name ops -e disable -e "maintenance_*"',
            about: 'Two kinds of changes',
          },
        ],
        changes: true,
        run: async (cli, input) => (await webhooks()).add(cli, input),
      },
      {
        name: 'edit',
        about: 'Change where a webhook leads, and what it is told.',
        arguments: [WEBHOOK],
        options: [
          { syntax: '--to <url>', about: 'the address' },
          ...WEBHOOK_FIELDS,
          { syntax: '--all-events', about: 'every change of how the API behaves' },
        ],
        examples: [{ command: 'waygate webhooks edit ops --all-events', about: 'What is not named stays' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).edit(cli, input),
      },
      {
        name: 'enable',
        about: 'Resume a webhook.',
        arguments: [WEBHOOK],
        options: [REASON],
        examples: [{ command: 'waygate webhooks enable ops', about: 'Delivers again, first what waited' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).enable(cli, input),
      },
      {
        name: 'disable',
        about: 'Pause a webhook.',
        arguments: [WEBHOOK],
        options: [REASON],
        examples: [{ command: 'waygate webhooks disable ops', about: 'Delivers nothing; what waits is kept' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).disable(cli, input),
      },
      {
        name: 'delete',
        about: 'Remove a webhook and its deliveries.',
        arguments: [WEBHOOK],
        options: [YES],
        examples: [{ command: 'waygate webhooks delete ops --yes', about: 'Without asking' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).remove(cli, input),
      },
      {
        name: 'rotate-secret',
        about: 'Sign with a new secret, and for a while with the old one too.',
        arguments: [WEBHOOK],
        options: [
          { syntax: '--overlap <duration>', about: 'how long the old one signs too, e.g. 2h; 0 = not at all; else a day' },
          { syntax: '--secret <secret>', about: 'the new one; else the server makes one' },
        ],
        examples: [{ command: 'waygate webhooks rotate-secret ops --overlap 2h', about: 'The new one is shown this once' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).rotateSecret(cli, input),
      },
      {
        name: 'test',
        about: 'Send an event now, once, and say how it went.',
        arguments: [WEBHOOK],
        examples: [{ command: 'waygate webhooks test ops', about: 'Exits 1 when the receiver does not take it' }],
        run: async (cli, input) => (await webhooks()).test(cli, input),
      },
      {
        name: 'deliveries',
        about: 'List what was delivered, waits or was given up, newest first.',
        arguments: [{ ...WEBHOOK, syntax: '[name]', about: 'only to this webhook' }],
        options: [
          { syntax: '--state <state>', about: 'only in this state', choices: ['pending', 'claimed', 'delivered', 'dead'] },
          { syntax: '-n, --limit <n>', about: 'so many', default: '20' },
        ],
        examples: [
          { command: 'waygate webhooks deliveries ops', about: 'What arrived and what did not' },
          { command: 'waygate webhooks deliveries --state dead', about: 'What was given up, everywhere' },
        ],
        run: async (cli, input) => (await webhooks()).deliveries(cli, input),
      },
      {
        name: 'resend',
        about: 'Deliver once more.',
        arguments: [{ syntax: '<delivery>', about: 'id of the delivery' }],
        examples: [{ command: 'waygate webhooks resend 91c0', about: 'The same event again' }],
        run: async (cli, input) => (await webhooks()).resend(cli, input),
      },
    ],
  },
  {
    name: 'tokens',
    about: 'API tokens for programs.',
    commands: [
      {
        name: 'list',
        about: 'List the tokens.',
        examples: [{ command: 'waygate tokens list', about: 'Names, roles, and when they were last used' }],
        run: async (cli) => (await tokens()).list(cli),
      },
      {
        name: 'create',
        about: 'Make a token; it is shown this once.',
        arguments: [{ syntax: '<name>', about: 'what it is for' }],
        options: [
          {
            syntax: '--role <role>',
            about: 'what it may do',
            default: 'operator',
            choices: ['viewer', 'operator', 'admin', 'sdk', 'client'],
          },
          { syntax: '-s, --service <name>', about: 'only for this service; repeatable', repeatable: true, names: 'service' },
          { syntax: '--expires <moment>', about: 'when it ends: ISO 8601, or a duration such as 90d' },
        ],
        examples: [
          { command: 'waygate tokens create ci --role operator --service payments --expires 90d', about: 'For a pipeline' },
        ],
        run: async (cli, input) => (await tokens()).create(cli, input),
      },
      {
        name: 'revoke',
        about: 'End a token.',
        arguments: [{ syntax: '<id>', about: 'id of the token', names: 'token' }],
        options: [YES],
        examples: [{ command: 'waygate tokens revoke 3f2a --yes', about: 'At once' }],
        changes: true,
        run: async (cli, input) => (await tokens()).revoke(cli, input),
      },
    ],
  },
  {
    name: 'users',
    about: 'What users of a server are configured with.',
    commands: [
      {
        name: 'hash-password',
        about: 'Make the hash of a password, for configuration files.',
        options: [{ syntax: '--password-stdin', about: 'read the password from standard input' }],
        examples: [
          { command: 'waygate users hash-password', about: 'Asks for the password twice' },
          { command: 'waygate users hash-password --password-stdin < password.txt', about: 'In a script' },
        ],
        run: async (cli, input) => (await import('./hash-password.js')).hashPasswordCommand(cli, input),
      },
    ],
  },
];
