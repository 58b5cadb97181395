import type { Cli } from './cli.js';
import type { Input } from './input.js';

/** The service a command is about: `--service`, else WAYGATE_SERVICE; `undefined` = none is named. */
export function serviceOf({ settings }: Pick<Cli, 'settings'>, input: Input): string | undefined {
  return input.option('service') ?? settings.service;
}
