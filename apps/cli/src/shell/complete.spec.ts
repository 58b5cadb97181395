import { describe, expect, it } from 'vitest';
import { ALL_COMMANDS } from '../program/commands.js';
import { Input } from '../command/input.js';
import { isGroup, type CommandSpec } from '../command/spec.js';
import type { Cli } from '../command/cli.js';
import { Output } from '../terminal/output.js';
import { complete } from './complete.js';

/** What may stand in place of the last word; nothing here asks a server. */
async function candidates(...words: readonly string[]): Promise<readonly string[]> {
  const out = new Output();
  const cli = { out, client: () => Promise.reject(new Error('there is no server')) } as unknown as Cli;
  await complete(cli, new Input({ words }, {}), ALL_COMMANDS);
  return out.take().split('\n').slice(0, -1);
}

const visible = ALL_COMMANDS.filter((spec) => isGroup(spec) || spec.hidden !== true);
const commands = visible.flatMap((spec): readonly (readonly [string, CommandSpec])[] =>
  isGroup(spec) ? spec.commands.map((child) => [`${spec.name} ${child.name}`, child] as const) : [[spec.name, spec] as const],
);

describe('Completion', () => {
  it('knows every command, and every one of a group', async () => {
    expect(await candidates('')).toEqual(visible.map(({ name }) => name));
    for (const spec of visible.filter(isGroup))
      expect(await candidates(spec.name, '')).toEqual(spec.commands.map(({ name }) => name));
  });

  it.each(commands)('knows every option of %s', async (path, { options = [], changes = false }) => {
    const given = await candidates(...path.split(' '), '--');
    const own = options.map(({ syntax }) => /--[\w-]+/.exec(syntax)?.[0]);
    expect(given).toEqual([...own, ...(changes ? ['--wait'] : []), '--json', '--url', '--ca', '--timeout', '--no-color']);
  });

  it.each(commands)('finds examples, and names for each argument, at %s', (_path, { arguments: given = [], examples }) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const { about } of given) expect(about).not.toBe('');
  });
});
