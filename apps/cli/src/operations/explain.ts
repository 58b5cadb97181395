import type { Input } from '../program/input.js';
import type { Cli } from '../session/cli.js';
import { UsageFailure } from '../session/failure.js';
import { printSteps } from '../terminal/steps.js';
import { bold, green, red } from '../terminal/style.js';

export async function explain(cli: Cli, input: Input): Promise<void> {
  const method = input.argument('method').toUpperCase();
  const path = input.argument('path');
  if (!path.startsWith('/')) throw new UsageFailure(`'${path}' is no path; it begins with a slash`);
  const explanation = await (await cli.client()).operations.explain({ method, path, ...callerOf(input.list('as')) });
  cli.out.value(explanation);
  const { allowed, status, steps, ...rest } = explanation;
  cli.out
    .say`${bold(`${method} ${path}`)}: ${allowed ? green('allowed') : red(`refused${status === undefined ? '' : ` with ${status}`}`)}`;
  printSteps(cli.out, { ...rest, steps });
}

function callerOf(given: readonly string[]) {
  const caller: { ip?: string; user?: string; roles: string[] } = { roles: [] };
  for (const text of given) {
    const [, name, value = ''] = /^(user|ip|role)=(.+)$/.exec(text) ?? [];
    if (name === 'user') caller.user = value;
    else if (name === 'ip') caller.ip = value;
    else if (name === 'role') caller.roles.push(value);
    else throw new UsageFailure(`option '--as' takes user=…, ip=… or role=…, not '${text}'`);
  }
  const { roles, ...rest } = caller;
  return { ...rest, ...(roles.length === 0 ? {} : { roles }) };
}
