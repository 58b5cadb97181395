import type { FeatureFlag, FlagType } from '@waygate/client';
import type { Input } from '../program/input.js';
import type { Cli } from '../session/cli.js';
import { UsageFailure } from '../session/failure.js';
import { confirmDeletion } from '../terminal/confirm-deletion.js';
import { green } from '../terminal/style.js';
import { aboutFlag } from './known-flag.js';
import { flagTemplate } from './templates.js';

export async function create(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const template = flagTemplate(
    key,
    input.required('name'),
    input.required('type') as FlagType,
    input.option('description') ?? '',
  );
  told(cli, await (await cli.client()).flags.create(template), `Flag ${key} created.`);
}

export async function enable(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  told(cli, await aboutFlag(client, key, () => client.flags.enable(key)), `Flag ${key} enabled.`);
}

export async function disable(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  told(cli, await aboutFlag(client, key, () => client.flags.disable(key)), `Flag ${key} disabled.`);
}

export async function remove(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  if (!(await confirmDeletion(cli, input, `Delete flag ${key}?`))) return;
  told(cli, await aboutFlag(client, key, () => client.flags.delete(key)), `Flag ${key} deleted.`);
}

export async function edit(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const fields = {
    ...given('name', input.option('name')),
    ...given('description', input.option('description')),
    ...given('off_variation', input.option('offVariation')),
    ...given('fallthrough', input.option('fallthrough')),
  };
  if (Object.keys(fields).length === 0)
    throw new UsageFailure('nothing to change: give --name, --description, --off-variation or --fallthrough');
  const client = await cli.client();
  told(cli, await aboutFlag(client, key, () => client.flags.patch(key, fields)), `Flag ${key} updated.`);
}

export function told({ out }: Cli, result: unknown, message: string): void {
  out.say`${green('✓')} ${message}`;
  out.value(result);
}

function given(field: keyof FeatureFlag, value: string | undefined): Partial<FeatureFlag> {
  return value === undefined ? {} : { [field]: value };
}
