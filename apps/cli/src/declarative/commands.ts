import { CREATE, REASON, YES } from '../command/common-options.js';
import type { CommandSpec, OptionSpec } from '../command/spec.js';

const FILE: OptionSpec = {
  syntax: '-f, --file <file>',
  about: 'the file, YAML or JSON; - is standard input',
  default: 'waygate.yaml',
};
const SCOPE: readonly OptionSpec[] = [
  { syntax: '--prune', about: 'also remove what is not in the file, in the sections it has; never what the code declares' },
  { syntax: '--override-code', about: 'also change what the code declares' },
];
const CHECK: OptionSpec = { syntax: '--check', about: 'change nothing; exit 3 when something differs' };
const MORE =
  'The file has the sections routes, maintenance, rate_limits, global_rate_limit, service_rate_limits, segments and flags. ' +
  'Sections and fields it leaves out stay as they are.';

export const declarativeCommands: readonly CommandSpec[] = [
  {
    name: 'export',
    about: 'Write what operators have set as a file for plan and apply.',
    more: 'What the code declares is left out, and so is what ends by itself.',
    options: [{ syntax: '-f, --file <file>', about: 'write to this file; else to standard output' }],
    examples: [
      { command: 'waygate export > waygate.yaml', about: 'As YAML' },
      { command: 'waygate export --json', about: 'As JSON' },
    ],
    run: async (cli, input) => (await import('./export-file.js')).exportFile(cli, input),
  },
  {
    name: 'plan',
    about: 'Show what apply would change.',
    more: MORE,
    options: [FILE, ...SCOPE, CHECK],
    examples: [
      { command: 'waygate plan -f waygate.yaml', about: 'The difference, field by field' },
      { command: 'waygate plan --check', about: 'In a pipeline: has somebody changed it by hand?' },
    ],
    run: async (cli, input) => void (await (await import('./apply.js')).plan(cli, input)),
  },
  {
    name: 'apply',
    about: 'Make the server what the file says, after showing the plan and asking.',
    more: MORE,
    options: [FILE, ...SCOPE, CHECK, CREATE, REASON, YES],
    examples: [
      { command: 'waygate apply -f waygate.yaml --yes --wait', about: 'Without asking; return when all instances know' },
    ],
    changes: true,
    run: async (cli, input) => (await import('./apply.js')).apply(cli, input),
  },
];
