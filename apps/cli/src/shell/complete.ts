import type { WaygateClient } from '@waygate/client';
import { GLOBAL_OPTIONS, WAIT_OPTION } from '../command/global-options.js';
import type { Input } from '../command/input.js';
import { answersTo, isGroup, type AnyCommand, type CommandSpec, type Names, type OptionSpec } from '../command/spec.js';
import type { Cli } from '../command/cli.js';

/** Somebody waits with a finger on the key. */
const PATIENCE_MS = 1500;

/** Prints what may stand in place of the last word, one a line. Whatever fails gives nothing. */
export async function complete(cli: Cli, input: Input, commands: readonly AnyCommand[]): Promise<void> {
  const words = input.arguments('words');
  const current = words.at(-1) ?? '';
  const candidates = await candidatesFor(cli, commands, words.slice(0, -1), current).catch(() => []);
  const fitting = candidates.filter((candidate) => candidate.startsWith(current));
  if (fitting.length > 0) cli.out.raw(`${fitting.join('\n')}\n`);
}

async function candidatesFor(
  cli: Cli,
  commands: readonly AnyCommand[],
  before: readonly string[],
  current: string,
): Promise<readonly string[]> {
  const [first, second, ...rest] = before.filter((word) => word !== 'help');
  if (first === undefined) return commands.filter((spec) => !isHidden(spec)).map(({ name }) => name);
  const named = find(commands, first);
  if (named === undefined) return [];
  if (!isGroup(named)) return forCommand(cli, named, second === undefined ? [] : [second, ...rest], current);
  if (second === undefined) return named.commands.map(({ name }) => name);
  const command = named.commands.find((candidate) => answersTo(candidate, second));
  return command === undefined ? [] : forCommand(cli, command, rest, current);
}

async function forCommand(cli: Cli, spec: CommandSpec, given: readonly string[], current: string): Promise<readonly string[]> {
  const options = [...(spec.options ?? []), ...(spec.changes === true ? [WAIT_OPTION] : []), ...GLOBAL_OPTIONS];
  const open = options.find((option) => takesValue(option) && namesOf(option).includes(given.at(-1) ?? ''));
  if (open !== undefined) return open.choices ?? namesFromServer(cli, open.names);
  if (current.startsWith('-')) return options.flatMap(namesOf);
  const filled = given.filter((word, index) => {
    const previous = given[index - 1] ?? '';
    return !word.startsWith('-') && !options.some((option) => takesValue(option) && namesOf(option).includes(previous));
  }).length;
  const wanted = spec.arguments ?? [];
  return namesFromServer(cli, (wanted[filled] ?? wanted.findLast(({ syntax }) => syntax.includes('...')))?.names);
}

async function namesFromServer(cli: Cli, names: Names | undefined): Promise<readonly string[]> {
  if (names === undefined) return [];
  const client = await cli.client();
  const timeout = new Promise<readonly string[]>((resolve) => setTimeout(() => resolve([]), PATIENCE_MS).unref());
  return Promise.race([load(client, names), timeout]);
}

async function load(client: WaygateClient, names: Names): Promise<readonly string[]> {
  switch (names) {
    case 'route':
      return (await client.routes.list()).map(({ path }) => path);
    case 'service':
      return client.routes.services();
    case 'flag':
      return (await client.flags.list()).map(({ key }) => key);
    case 'segment':
      return (await client.segments.list()).map(({ key }) => key);
    case 'webhook':
      return (await client.webhooks.list()).map(({ key }) => key);
    case 'token':
      return (await client.tokens.list()).map(({ id }) => id);
  }
}

function find(commands: readonly AnyCommand[], name: string): AnyCommand | undefined {
  return commands.find((spec) => answersTo(spec, name));
}

function isHidden(spec: AnyCommand): boolean {
  return !isGroup(spec) && spec.hidden === true;
}

function namesOf({ syntax }: OptionSpec): readonly string[] {
  return syntax.split(/,\s*/).map((part) => part.split(' ')[0] ?? '');
}

function takesValue({ syntax }: OptionSpec): boolean {
  return syntax.includes('<');
}
