import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../model/errors.js';
import { errorMessage } from '../native-errors/native-error.js';

/** What the surroundings say: environment variables first, a `.waygate` file after them. Empty values count as unset. */
export class Environment {
  private constructor(
    private readonly variables: Readonly<Record<string, string | undefined>>,
    private readonly file: ReadonlyMap<string, string>,
    /** Where the `.waygate` file was found; `null` = nowhere. */
    readonly filePath: string | null,
  ) {}

  /**
   * @param directory where to begin looking for `.waygate`, upward to the root
   * @throws {ConfigurationError} when the file is there but cannot be read
   */
  static read(
    directory: string = process.cwd(),
    variables: Readonly<Record<string, string | undefined>> = process.env,
  ): Environment {
    const path = findUpward(directory);
    if (path === null) return new Environment(variables, new Map(), null);
    try {
      return new Environment(variables, parseDotWaygate(readFileSync(path, 'utf8')), path);
    } catch (error) {
      throw new ConfigurationError(`${path} cannot be read: ${errorMessage(error)}`, {
        cause: error,
      });
    }
  }

  get(name: string): string | undefined {
    const value = this.variables[name];
    if (value !== undefined && value !== '') return value;
    const inFile = this.file.get(name);
    return inFile === '' ? undefined : inFile;
  }

  /** Whether a variable is set to anything but nothing; even `0` counts (wire contract, §8). */
  isSet(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Where a value comes from, for messages. */
  source(name: string): string {
    const variable = this.variables[name];
    return variable !== undefined && variable !== ''
      ? `environment variable ${name}`
      : `${name} in ${this.filePath ?? '.waygate'}`;
  }
}

/** `KEY=value` lines; `#` begins a comment line; surrounding quotes are stripped; other lines are ignored. */
export function parseDotWaygate(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    const equals = line.indexOf('=');
    if (line.startsWith('#') || equals < 1) continue;
    const value = line.slice(equals + 1).trim();
    const quoted = value.length >= 2 && (value[0] === '"' || value[0] === "'") && value.at(-1) === value[0];
    values.set(line.slice(0, equals).trim(), quoted ? value.slice(1, -1) : value);
  }
  return values;
}

/** The first *file* called `.waygate`; a directory of that name (`~/.waygate`) is passed over. */
function findUpward(from: string): string | null {
  for (let directory = from; ; directory = dirname(directory)) {
    const path = join(directory, '.waygate');
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
    if (dirname(directory) === directory) return null;
  }
}
