import { OPERATORS, VALUES } from '../flags/commands.js';
import { YES } from '../command/common-options.js';
import type { ArgumentSpec, GroupSpec, OptionSpec } from '../command/spec.js';

const SEGMENT: ArgumentSpec = { syntax: '<key>', about: 'key of the segment', names: 'segment' };
const KEYS: OptionSpec = { syntax: '-k, --keys <list>', about: 'keys of contexts, separated by commas', required: true };
const run = () => import('./segments.js');

export const segmentGroup: GroupSpec = {
  name: 'segments',
  aliases: ['seg'],
  about: 'Segments: named sets of contexts that rules of flags refer to.',
  commands: [
    {
      name: 'list',
      about: 'List the segments.',
      examples: [{ command: 'waygate segments list', about: 'All segments' }],
      run: async (cli) => (await run()).list(cli),
    },
    {
      name: 'get',
      about: 'Show a segment.',
      arguments: [SEGMENT],
      examples: [{ command: 'waygate segments get beta', about: 'Who belongs to it' }],
      run: async (cli, input) => (await run()).get(cli, input),
    },
    {
      name: 'create',
      about: 'Create a segment.',
      arguments: [{ syntax: '<key>', about: 'key of the segment' }],
      options: [
        { syntax: '-n, --name <name>', about: 'name for people', required: true },
        { syntax: '-d, --description <text>', about: 'what it is for' },
      ],
      examples: [{ command: 'waygate segments create beta --name "Beta users"', about: 'Empty at first' }],
      changes: true,
      run: async (cli, input) => (await run()).create(cli, input),
    },
    {
      name: 'delete',
      about: 'Delete a segment.',
      arguments: [SEGMENT],
      options: [YES],
      examples: [{ command: 'waygate segments delete beta --yes', about: 'Without asking' }],
      changes: true,
      run: async (cli, input) => (await run()).remove(cli, input),
    },
    {
      name: 'include',
      about: 'Let contexts belong to a segment whatever its rules say.',
      arguments: [SEGMENT],
      options: [KEYS],
      examples: [{ command: 'waygate segments include beta -k user_1,user_2', about: 'Two users' }],
      changes: true,
      run: async (cli, input) => (await run()).include(cli, input),
    },
    {
      name: 'exclude',
      about: 'Keep contexts out of a segment whatever else says.',
      arguments: [SEGMENT],
      options: [KEYS],
      examples: [{ command: 'waygate segments exclude beta -k user_3', about: 'One user' }],
      changes: true,
      run: async (cli, input) => (await run()).exclude(cli, input),
    },
    {
      name: 'add-rule',
      about: 'Let those who match belong to a segment.',
      arguments: [SEGMENT],
      options: [
        { syntax: '-a, --attribute <name>', about: 'an attribute of the context', required: true },
        { syntax: '-o, --operator <name>', about: OPERATORS, default: 'is' },
        { syntax: '-V, --values <list>', about: VALUES, required: true },
        { syntax: '-d, --description <text>', about: 'what the rule is for' },
        { syntax: '--negate', about: 'those who do not match' },
      ],
      examples: [
        { command: 'waygate segments add-rule beta -a email -o ends_with -V @example.com', about: 'Everybody of a domain' },
      ],
      changes: true,
      run: async (cli, input) => (await run()).addRule(cli, input),
    },
    {
      name: 'remove-rule',
      about: 'Remove a rule.',
      arguments: [SEGMENT],
      options: [{ syntax: '-r, --rule <id>', about: 'its id, or the beginning of it; see segments get', required: true }],
      examples: [{ command: 'waygate segments remove-rule beta -r 3f2a', about: 'By the beginning of its id' }],
      changes: true,
      run: async (cli, input) => (await run()).removeRule(cli, input),
    },
  ],
};
