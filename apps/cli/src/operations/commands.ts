import { YES } from '../program/common-options.js';
import type { ArgumentSpec, CommandSpec, GroupSpec } from '../program/spec.js';

const webhooks = () => import('./webhooks.js');
const tokens = () => import('./tokens.js');
const WEBHOOK: ArgumentSpec = { syntax: '<id>', about: 'id of the webhook' };

export const operationCommands: readonly (CommandSpec | GroupSpec)[] = [
  {
    name: 'explain',
    about: 'Show what a request would meet, check by check.',
    arguments: [
      { syntax: '<method>', about: 'e.g. GET' },
      { syntax: '<path>', about: 'the path as a caller asks for it, e.g. /items/7' },
    ],
    options: [{ syntax: '--as <who>', about: 'user=…, ip=… or role=…; repeatable', repeatable: true }],
    examples: [
      { command: 'waygate explain GET /payments/7 --as user=alice --as role=admin', about: 'Is she let in, and if not, why' },
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
    name: 'doctor',
    about: 'Check that everything is in order: configuration, address, sign-in, clock, instances.',
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
        name: 'add',
        about: 'Tell changes to an address.',
        arguments: [{ syntax: '<url>', about: 'the address' }],
        options: [
          { syntax: '-e, --event <name>', about: 'only this kind of change; repeatable', repeatable: true },
          { syntax: '--format <name>', about: 'how: default, slack, teams or discord' },
          { syntax: '--secret <secret>', about: 'signs deliveries; else the server makes one' },
        ],
        examples: [
          {
            command: 'waygate webhooks add https://hooks.example.com/waygate -e disable -e maintenance_on',
            about: 'Two kinds of changes',
          },
        ],
        changes: true,
        run: async (cli, input) => (await webhooks()).add(cli, input),
      },
      {
        name: 'enable',
        about: 'Resume a webhook.',
        arguments: [WEBHOOK],
        examples: [{ command: 'waygate webhooks enable 3f2a', about: 'Delivers again' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).enable(cli, input),
      },
      {
        name: 'disable',
        about: 'Pause a webhook.',
        arguments: [WEBHOOK],
        examples: [{ command: 'waygate webhooks disable 3f2a', about: 'Delivers nothing' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).disable(cli, input),
      },
      {
        name: 'delete',
        about: 'Remove a webhook.',
        arguments: [WEBHOOK],
        options: [YES],
        examples: [{ command: 'waygate webhooks delete 3f2a --yes', about: 'Without asking' }],
        changes: true,
        run: async (cli, input) => (await webhooks()).remove(cli, input),
      },
      {
        name: 'deliveries',
        about: 'List the deliveries of a webhook, newest first.',
        arguments: [WEBHOOK],
        examples: [{ command: 'waygate webhooks deliveries 3f2a', about: 'What arrived and what did not' }],
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
            choices: ['viewer', 'operator', 'admin', 'sdk'],
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
        arguments: [{ syntax: '<id>', about: 'id of the token' }],
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
