/** What is wrong with a setting; the source is put before it where it is told. */
export class SettingError extends Error {}

/** One thing that can be set. Flags win over the environment, that over the file. */
export interface Setting<T> {
  /** As a flag, and as a key of the file. */
  readonly name: string;
  readonly short?: string;
  /** `null` = not by environment. */
  readonly variable: string | null;
  /** What stands for the value in the help; `null` = the flag takes none. */
  readonly value: string | null;
  /** May be given several times; in a variable, values are separated by white space; in the file they are a list. */
  readonly many?: boolean;
  /** For the help; what holds when it is not set included. */
  readonly help: string;
  /**
   * Reads what was given: text, or a value of the file. With `many`, a list of such.
   * @throws {SettingError} what is wrong and what would be right
   */
  readonly read: (given: unknown) => T;
  /** Reads what stands in the file, where that may not be all that a flag or a variable may be. */
  readonly readInFile?: (given: unknown) => T;
}

export function text(given: unknown): string {
  if (typeof given === 'string' && given.trim() !== '') return given.trim();
  throw new SettingError('must be text');
}

export function wholeNumber(from: number, to: number): (given: unknown) => number {
  return (given) => {
    const number = typeof given === 'number' ? given : /^\d+$/.test(String(given)) ? Number(given) : NaN;
    if (Number.isInteger(number) && number >= from && number <= to) return number;
    throw new SettingError(`must be a whole number from ${from} to ${to}, got '${String(given)}'`);
  };
}

export function yesOrNo(given: unknown): boolean {
  if (given === true || given === 'true' || given === '1' || given === 'yes') return true;
  if (given === false || given === 'false' || given === '0' || given === 'no') return false;
  throw new SettingError(`must be true or false, got '${String(given)}'`);
}

export function oneOf<T extends string>(...words: readonly T[]): (given: unknown) => T {
  return (given) => {
    const word = words.find((one) => one === given);
    if (word !== undefined) return word;
    throw new SettingError(`must be one of ${words.join(', ')}, got '${String(given)}'`);
  };
}

export function each<T>(read: (given: unknown) => T): (given: unknown) => readonly T[] {
  return (given) => (Array.isArray(given) ? given : [given]).map((one) => read(one));
}
