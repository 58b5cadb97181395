import { readFile, writeFile } from 'node:fs/promises';
import type { FeatureFlag } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, EXIT, UsageFailure } from '../terminal/failure.js';
import { green } from '../terminal/style.js';

/** Longer unions help nobody. */
const MOST_VALUES = 20;

/** Writes the declarations that make flags nobody defined a compile error. Archived flags count as gone. */
export async function types(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const module = input.required('module');
  const path = input.option('output');
  const check = input.flag('check');
  if (check && path === undefined) throw new UsageFailure('--check needs --output: the file to compare with');
  const flags = (await (await cli.client()).flags.list())
    .filter(({ status }) => status !== 'archived')
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const text = declarationFile(module, flags);
  const summary = { module, flags: Object.fromEntries(flags.map((flag) => [flag.key, valueType(flag)])) };
  if (path === undefined) {
    if (out.json) out.value(summary);
    else out.raw(text);
    return;
  }
  // A file that says the same already is left alone, so that nothing is built anew.
  const current = (await contentOf(path)) === text;
  out.value({ ...summary, file: path, current: current || !check });
  if (current) {
    out.say`${green('✓')} ${path} is what the server says.`;
  } else if (check) {
    out.say`${path} is not what the server says; run: waygate flags types --output ${path}`;
    process.exitCode = EXIT.drift;
  } else {
    await write(path, text);
    out.say`${green('✓')} ${path} written: ${flags.length} ${flags.length === 1 ? 'flag' : 'flags'}.`;
  }
}

/** @param module the package whose `FlagTypes` is filled */
export function declarationFile(module: string, flags: readonly FeatureFlag[]): string {
  const members = flags.flatMap((flag) => [`    /** ${comment(flag)} */`, `    ${quoted(flag.key)}: ${valueType(flag)};`]);
  return [
    '// Written by `waygate flags types`: run it again when flags come or go.',
    `import ${quoted(module)};`,
    '',
    `declare module ${quoted(module)} {`,
    '  interface FlagTypes {',
    ...members,
    '  }',
    '}',
    '',
  ].join('\n');
}

function valueType({ type, variations }: FeatureFlag): string {
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'float':
      return 'number';
    case 'json':
      return 'object';
    case 'string': {
      const values = [...new Set(variations.map(({ value }) => value))].filter((value) => typeof value === 'string');
      return values.length === 0 || values.length > MOST_VALUES ? 'string' : values.map(quoted).join(' | ');
    }
  }
}

function comment({ name, description, status }: FeatureFlag): string {
  const about = `${status === 'deprecated' ? '@deprecated ' : ''}${name}${description === '' ? '' : `: ${description}`}`;
  return about.replace(/\s+/g, ' ').replaceAll('*/', '*\\/');
}

/** As a literal in single quotes. */
function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CliFailure(`${path} cannot be read: ${(error as Error).message}`);
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CliFailure(`${path} cannot be written: ${(error as Error).message}`);
  }
}
