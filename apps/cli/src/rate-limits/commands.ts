import { CREATE, MOMENT, PAGES, REASON, SERVICE, UNTIL, WATCH } from '../command/common-options.js';
import type { ArgumentSpec, CommandSpec, GroupSpec, OptionSpec } from '../command/spec.js';

const LIMIT: ArgumentSpec = { syntax: '<limit>', about: 'e.g. 100/minute, 5 per second, 1000/2 hours' };
const COUNTING: readonly OptionSpec[] = [
  {
    syntax: '-a, --algorithm <name>',
    about: 'fixed_window, sliding_window, moving_window or token_bucket; else what the server does by default',
  },
  { syntax: '-k, --key <strategy>', about: 'whom to count: ip, user, api_key, unverified_api_key, global or custom; else ip' },
  { syntax: '-b, --burst <n>', about: 'so many more may pass at once', default: '0' },
  {
    syntax: '--on-missing-key <what>',
    about: 'what happens to a caller without the key',
    choices: ['exempt', 'fallback_ip', 'block'],
  },
  { syntax: '--mode <mode>', about: 'shadow counts and reports, but refuses nobody', choices: ['enforce', 'shadow', 'off'] },
  { syntax: '--cost <n>', about: 'how much a request counts; else 1' },
  { syntax: '--tier <name=limit>', about: 'another limit, or unlimited, for callers on a plan; repeatable', repeatable: true },
  { syntax: '--exempt-ip <address>', about: 'an address or CIDR range that is not limited; repeatable', repeatable: true },
  { syntax: '--exempt-role <role>', about: 'a role that is not limited; repeatable', repeatable: true },
  { ...UNTIL, about: `the limit goes away by itself then: ${MOMENT}` },
];
const POLICY_ROUTE: ArgumentSpec = { syntax: '<route>', about: '/path (its GET) or METHOD:/path', names: 'route' };
const SERVICE_FILTER: OptionSpec = { ...SERVICE, about: 'only of this service; else WAYGATE_SERVICE' };
const run = () => import('./rate-limits.js');
const runGlobal = () => import('./global-limits.js');

const routeLimits: GroupSpec = {
  name: 'rl',
  aliases: ['rate-limits'],
  about: 'Rate limits of routes.',
  commands: [
    {
      name: 'list',
      about: 'List the limits of routes.',
      options: [SERVICE_FILTER, ...PAGES],
      examples: [{ command: 'waygate rl list', about: 'What is limited, and how' }],
      run: async (cli, input) => (await run()).list(cli, input),
    },
    {
      name: 'hits',
      about: 'List requests that were refused, newest first.',
      options: [{ syntax: '-r, --route <route>', about: 'only of this route', names: 'route' }, SERVICE_FILTER, ...PAGES, WATCH],
      examples: [
        { command: 'waygate rl hits --route GET:/search', about: 'Who was refused there' },
        { command: 'waygate rl hits --watch --json', about: 'One JSON line for each refusal, as it happens' },
      ],
      run: async (cli, input) => (await run()).hits(cli, input),
    },
    {
      name: 'set',
      about: 'Limit a route, or change its limit.',
      arguments: [POLICY_ROUTE, LIMIT],
      options: [
        ...COUNTING,
        { syntax: '--name <name>', about: 'one of several limits of the route; else the one called default' },
        SERVICE,
      ],
      examples: [
        { command: 'waygate rl set GET:/search 20/minute', about: 'Twenty a minute for each address' },
        { command: 'waygate rl set POST:/orders 5/second -k user -a sliding_window', about: 'By signed-in user' },
      ],
      changes: true,
      run: async (cli, input) => (await run()).set(cli, input),
    },
    {
      name: 'reset',
      about: 'Forget what was counted for a route.',
      arguments: [{ syntax: '<route>', about: '/path (all methods) or METHOD:/path', names: 'route' }],
      options: [SERVICE],
      examples: [{ command: 'waygate rl reset GET:/search', about: 'Everybody may start anew' }],
      changes: true,
      run: async (cli, input) => (await run()).reset(cli, input),
    },
    {
      name: 'delete',
      about: 'Remove the limit of a route.',
      arguments: [POLICY_ROUTE],
      options: [SERVICE],
      examples: [{ command: 'waygate rl delete GET:/search', about: 'No longer limited, or as the code declares' }],
      changes: true,
      run: async (cli, input) => (await run()).remove(cli, input),
    },
  ],
};

function globalCommands(prefix: string, what: string, service: readonly ArgumentSpec[]): readonly CommandSpec[] {
  const name = service.length === 0 ? '' : ' payments';
  const simple = (
    command: 'delete' | 'reset' | 'enable' | 'disable',
    about: string,
    example: string,
    options: readonly OptionSpec[] = [],
  ): CommandSpec => ({
    name: command,
    about,
    arguments: service,
    options,
    examples: [{ command: `waygate ${prefix} ${command}${name}`, about: example }],
    changes: true,
    run: async (cli, input) => (await runGlobal())[command === 'delete' ? 'remove' : command](cli, input),
  });
  return [
    {
      name: 'get',
      about: `Show the limit over ${what}.`,
      arguments: service,
      examples: [{ command: `waygate ${prefix} get${name}`, about: 'The limit, and whether it is paused' }],
      run: async (cli, input) => (await runGlobal()).get(cli, input),
    },
    {
      name: 'set',
      about: `Limit ${what} together.`,
      arguments: [...service, LIMIT],
      options: [
        ...COUNTING,
        {
          syntax: '-e, --exempt <route>',
          about: '/path or METHOD:/path that does not count; repeatable',
          repeatable: true,
          names: 'route',
        },
        CREATE,
      ],
      examples: [
        { command: `waygate ${prefix} set${name} 1000/minute -e /health`, about: 'For each address, over all routes but one' },
      ],
      changes: true,
      run: async (cli, input) => (await runGlobal()).set(cli, input),
    },
    simple('delete', `Remove the limit over ${what}.`, 'No longer limited together'),
    simple('reset', 'Forget what was counted.', 'Everybody may start anew'),
    simple('enable', 'Resume a paused limit.', 'Counts again'),
    simple('disable', 'Pause the limit without losing it, for good or for a time.', 'Does not count until it is resumed', [
      REASON,
      { ...UNTIL, about: `it is resumed then: ${MOMENT}` },
    ]),
  ];
}

export const rateLimitGroups: readonly GroupSpec[] = [
  routeLimits,
  {
    name: 'grl',
    aliases: ['global-rate-limit'],
    about: 'The rate limit over all routes.',
    commands: globalCommands('grl', 'all routes', []),
  },
  {
    name: 'srl',
    aliases: ['service-rate-limit'],
    about: 'The rate limit over the routes of one service.',
    commands: globalCommands('srl', 'the routes of a service', [
      { syntax: '<service>', about: 'name of the service', names: 'service' },
    ]),
  },
];
