import type { Cli } from './cli.js';
import type { Input } from './input.js';

/** What kind of name an argument or option takes, so that shells can complete it. */
export type Names = 'route' | 'flag' | 'segment' | 'service' | 'webhook' | 'token';

export interface ArgumentSpec {
  /** `<route>` must be given, `[route]` may, `<envs...>` takes several. */
  readonly syntax: string;
  readonly about: string;
  readonly names?: Names;
}

export interface OptionSpec {
  /** As commander writes it, e.g. `-r, --reason <text>`. */
  readonly syntax: string;
  readonly about: string;
  readonly default?: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly repeatable?: boolean;
  readonly names?: Names;
}

interface Example {
  readonly command: string;
  readonly about: string;
}

interface Described {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One sentence, for lists. */
  readonly about: string;
  /** Further paragraphs for its help. */
  readonly more?: string;
}

export interface CommandSpec extends Described {
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly Example[];
  /** Takes `--wait`. */
  readonly changes?: boolean;
  /** Left out of help and docs. */
  readonly hidden?: boolean;
  readonly run: (cli: Cli, input: Input) => Promise<void>;
}

/** A command that only holds others. */
export interface GroupSpec extends Described {
  readonly commands: readonly CommandSpec[];
}

export type AnyCommand = CommandSpec | GroupSpec;

export function isGroup(spec: AnyCommand): spec is GroupSpec {
  return 'commands' in spec;
}

export function answersTo(spec: AnyCommand, name: string | undefined): boolean {
  return name !== undefined && (spec.name === name || spec.aliases?.includes(name) === true);
}
