import { UsageFailure } from '../terminal/failure.js';

/** What was typed, read by name. */
export class Input {
  constructor(
    private readonly given: Readonly<Record<string, unknown>>,
    private readonly options: Readonly<Record<string, unknown>>,
  ) {}

  /** A required argument. */
  argument(name: string): string {
    const value = this.given[name];
    if (typeof value !== 'string') throw new UsageFailure(`missing argument '${name}'`);
    return value;
  }

  optionalArgument(name: string): string | undefined {
    const value = this.given[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** An argument that takes several words. */
  arguments(name: string): readonly string[] {
    return textsOf(this.given[name]);
  }

  /** An option with a value, by its long name in camel case. */
  option(name: string): string | undefined {
    const value = this.options[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** An option that must be given, or has a default. */
  required(name: string): string {
    const value = this.option(name);
    if (value === undefined) throw new UsageFailure(`missing option '--${name}'`);
    return value;
  }

  flag(name: string): boolean {
    return this.options[name] === true;
  }

  /** An option switched off by `--no-…`. */
  isOff(name: string): boolean {
    return this.options[name] === false;
  }

  /** An option whose value may be left out: then `''`; not given: `undefined`. */
  optionalValue(name: string): string | undefined {
    const value = this.options[name];
    return value === true ? '' : typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    return textsOf(this.options[name]);
  }

  /** `a,b` → both; empty parts are dropped. */
  commaList(name: string): readonly string[] {
    return splitList(this.option(name) ?? '');
  }

  /** A whole number of at least `min`. @throws {UsageFailure} */
  number(name: string, min: number): number {
    const text = this.required(name);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min)
      throw new UsageFailure(`option '--${dashed(name)}' takes a whole number from ${min} up, not '${text}'`);
    return value;
  }
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
