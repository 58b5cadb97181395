import type { CommandSpec, GroupSpec } from '../command/spec.js';

export const sessionCommands: readonly (CommandSpec | GroupSpec)[] = [
  {
    name: 'login',
    about: 'Sign in; the token is kept in the configuration file, readable by you alone.',
    more: 'Programs need no sign-in: they give a token in the variable WAYGATE_TOKEN.',
    arguments: [{ syntax: '[user]', about: 'asked for on a terminal when it is not given' }],
    options: [
      {
        syntax: '-p, --password <password>',
        about: 'asked for on a terminal when it is not given; others can see it in the list of processes',
      },
      { syntax: '--password-stdin', about: 'read the password from standard input' },
    ],
    examples: [
      { command: 'waygate login admin', about: 'Asks for the password' },
      { command: 'waygate login deploy --password-stdin < password.txt', about: 'In a script' },
    ],
    run: async (cli, input) => (await import('./login.js')).login(cli, input),
  },
  {
    name: 'logout',
    about: 'Sign out: the token is revoked on the server and forgotten here.',
    examples: [{ command: 'waygate logout', about: 'Succeeds also when nobody is signed in' }],
    run: async (cli) => (await import('./login.js')).logout(cli),
  },
  {
    name: 'config',
    about: 'The address of the server, and where settings come from.',
    commands: [
      {
        name: 'set-url',
        about: 'Keep the address of the server in the configuration file.',
        arguments: [{ syntax: '<url>', about: 'where Waygate is mounted, its prefix included' }],
        examples: [{ command: 'waygate config set-url https://api.example.com/waygate', about: 'For all later commands' }],
        run: async (cli, input) => (await import('./config.js')).setUrl(cli, input),
      },
      {
        name: 'show',
        about: 'Show the settings in force.',
        examples: [{ command: 'waygate config show', about: 'Address, user, and the file they are kept in' }],
        run: async (cli) => (await import('./config.js')).showConfig(cli),
      },
    ],
  },
];
