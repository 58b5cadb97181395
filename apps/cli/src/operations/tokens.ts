import type { TokenRole } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { confirmDeletion } from '../command/confirm-deletion.js';
import { bold, cyan, dim, green } from '../terminal/style.js';
import { minuteOf, momentOf, relativeTo, secondOf } from '../terminal/time.js';

export async function list({ out, client }: Cli): Promise<void> {
  const tokens = await (await client()).tokens.list();
  out.value(tokens);
  if (tokens.length === 0) {
    out.say`${dim('No tokens.')}`;
    return;
  }
  out.table(
    [
      { title: 'Id' },
      { title: 'Name', flexible: true },
      { title: 'Role' },
      { title: 'Services' },
      { title: 'Expires' },
      { title: 'Last used' },
    ],
    tokens.map(({ id, name, role, services, expires_at: expires, last_used_at: used }) => [
      cyan(id),
      name,
      role,
      services === null ? 'all' : services.join(', '),
      expires === null ? 'never' : minuteOf(expires),
      used === null ? 'never' : out.isTerminal ? relativeTo(used) : secondOf(used),
    ]),
  );
}

export async function create(cli: Cli, input: Input): Promise<void> {
  const name = input.argument('name');
  const services = input.list('service');
  const expires = input.option('expires');
  const token = await (
    await cli.client()
  ).tokens.create({
    name,
    role: input.required('role') as TokenRole,
    ...(services.length === 0 ? {} : { services }),
    ...(expires === undefined ? {} : { expires_at: momentOf(expires, '--expires') }),
  });
  cli.out.say`${green('✓')} Token ${name} created. It is shown this once:`;
  cli.out.say`${bold(token.token)}`;
  cli.out.value(token);
}

export async function revoke(cli: Cli, input: Input): Promise<void> {
  const id = input.argument('id');
  await confirmDeletion(input, `Revoke token ${id}?`);
  const { tokens } = await cli.client();
  const result = await tokens.revoke(id);
  cli.out.say`${green('✓')} Token ${id} revoked.`;
  cli.out.value(result);
}
