import type { AnyCommand, CommandSpec } from '../command/spec.js';

/** @param all every command of the program, these included: completion offers them */
export const shellCommands = (all: () => readonly AnyCommand[]): readonly CommandSpec[] => [
  {
    name: 'completion',
    about: 'Print a script that completes commands, options, routes and flags in a shell.',
    arguments: [{ syntax: '<shell>', about: 'bash, zsh or fish' }],
    examples: [
      { command: 'source <(waygate completion bash)', about: 'In ~/.bashrc' },
      { command: 'source <(waygate completion zsh)', about: 'In ~/.zshrc, after compinit' },
      { command: 'waygate completion fish > ~/.config/fish/completions/waygate.fish', about: 'Once, for fish' },
    ],
    run: async (cli, input) => (await import('./completion.js')).completion(cli, input),
  },
  {
    name: '__complete',
    about: 'What may stand at the end of a command line; asked by the completion scripts.',
    hidden: true,
    arguments: [{ syntax: '[words...]', about: 'the words so far, the last one unfinished' }],
    examples: [],
    run: async (cli, input) => (await import('./complete.js')).complete(cli, input, all()),
  },
];
