import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigurationError } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { parse } from 'yaml';
import { SettingError, type Setting } from './setting.js';
import { DEFAULTS, SETTINGS, type Settings } from './settings.js';

/** The file that is read when none is named. */
export const DEFAULT_FILE = 'waygate-server.yaml';

export type CommandLine =
  { readonly kind: 'help' } | { readonly kind: 'version' } | { readonly kind: 'run'; readonly settings: Settings };

type Given = Readonly<Record<string, unknown>>;

interface Source {
  readonly given: Given;
  /** Names the place of a setting, for messages. */
  readonly place: (setting: Setting<unknown>) => string;
  readonly isFile?: boolean;
}

/**
 * Flags win over the environment, that over the file, that over what holds by default.
 * @throws {ConfigurationError} naming the place of what is wrong
 */
export function readCommandLine(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  directory: string,
): CommandLine {
  const flags = readFlags(args);
  if (flags['help'] === true) return { kind: 'help' };
  if (flags['version'] === true) return { kind: 'version' };
  const environment = readEnvironment(variables);
  const named = flags['config'] ?? (variables['WAYGATE_CONFIG'] || undefined);
  const file = readFile(directory, typeof named === 'string' ? named : null);
  const sources: readonly Source[] = [
    { given: flags, place: ({ name }) => `--${name}` },
    { given: environment, place: ({ variable }) => `environment variable ${variable ?? ''}` },
    { given: file.given, place: ({ name }) => `'${name}' in ${file.path}`, isFile: true },
  ];
  const read: Record<string, unknown> = { ...DEFAULTS };
  for (const setting of Object.values<Setting<unknown>>(SETTINGS)) {
    const source = sources.find(({ given }) => given[setting.name] !== undefined);
    if (source !== undefined) read[setting.name] = readFrom(setting, source);
  }
  const settings = read as unknown as Settings;
  checkTogether(settings);
  return { kind: 'run', settings };
}

function readFrom(setting: Setting<unknown>, { given, place, isFile = false }: Source): unknown {
  try {
    const read = isFile ? (setting.readInFile ?? setting.read) : setting.read;
    return read(given[setting.name]);
  } catch (error) {
    if (error instanceof SettingError) throw new ConfigurationError(`${place(setting)}: ${error.message}.`, { cause: error });
    throw error;
  }
}

function readFlags(args: readonly string[]): Given {
  const options: NonNullable<ParseArgsConfig['options']> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
    config: { type: 'string', short: 'c' },
  };
  for (const { name, short, value, many = false } of Object.values<Setting<unknown>>(SETTINGS))
    options[name] = { type: value === null ? 'boolean' : 'string', multiple: many, ...(short === undefined ? {} : { short }) };
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [problem] = errorMessage(error).split('. To specify');
    throw new ConfigurationError(`${(problem ?? '').replace(/\.$/, '')}. 'waygate-server --help' shows what there is.`, {
      cause: error,
    });
  }
}

function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Given {
  const given: Record<string, unknown> = {};
  for (const { name, variable, many = false } of Object.values<Setting<unknown>>(SETTINGS)) {
    const value = variable === null ? undefined : variables[variable];
    if (value === undefined || value.trim() === '') continue;
    given[name] = many ? value.split(/\s+/).filter((part) => part !== '') : value;
  }
  return given;
}

/** @param named `null` = none was named; then the default one is read where it is there */
function readFile(directory: string, named: string | null): { readonly given: Given; readonly path: string } {
  const path = resolve(directory, named ?? DEFAULT_FILE);
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (named === null && (error as NodeJS.ErrnoException).code === 'ENOENT') return { given: {}, path };
    // What the parser says of the place; below it stand lines of the file, which may hold keys and passwords.
    const [problem = ''] = errorMessage(error).split('\n');
    throw new ConfigurationError(`${path} cannot be read: ${problem.replace(/:$/, '')}.`, { cause: error });
  }
  if (content === null || content === undefined) return { given: {}, path };
  if (typeof content !== 'object' || Array.isArray(content))
    throw new ConfigurationError(`${path} must hold 'name: value' lines.`);
  const given = content as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined)
    throw new ConfigurationError(`${path} has no use for '${unknown}'. Known: ${Object.keys(SETTINGS).join(', ')}.`);
  return { given, path };
}

/** What is right only together. */
function checkTogether(settings: Settings): void {
  const { auth, backend, user, webhook } = settings;
  if (auth === undefined && user.length === 0)
    throw new ConfigurationError(
      "Nobody could sign in: give at least one user (--user NAME:PASSWORD, WAYGATE_USERS, or 'user' in the file), or --auth none to let everybody in.",
    );
  if (auth === 'none' && user.length > 0)
    throw new ConfigurationError("'auth: none' lets everybody in, and there are users: keep one of both.");
  if ((settings['tls-cert'] === undefined) !== (settings['tls-key'] === undefined))
    throw new ConfigurationError('tls-cert and tls-key belong together.');
  const hasAccount = settings['backend-token'] !== undefined || settings['backend-user'] !== undefined;
  if (backend.kind !== 'server' && hasAccount)
    throw new ConfigurationError('backend-token and backend-user are for a relay: its backend is another server (http(s)://…).');
  if (settings['backend-token'] !== undefined && settings['backend-user'] !== undefined)
    throw new ConfigurationError('Give either backend-token or backend-user, not both.');
  if (backend.kind === 'server' && webhook.length > 0)
    throw new ConfigurationError('Webhooks belong to the server that keeps the state, not to its relay: set them there.');
  if (backend.kind === 'server' && settings['audit-capacity'] !== undefined)
    throw new ConfigurationError(
      'The audit log belongs to the server that keeps the state, not to its relay: set audit-capacity there.',
    );
}
