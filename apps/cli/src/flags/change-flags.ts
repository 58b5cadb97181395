import type { FeatureFlag, FlagType, WaygateClient } from '@waygate/client';
import { untilAsDuration } from '../command/expiry.js';
import type { Input } from '../command/input.js';
import { reasonOf } from '../command/reason-of.js';
import type { Cli } from '../command/cli.js';
import { UsageFailure } from '../terminal/failure.js';
import { confirmDeletion } from '../command/confirm-deletion.js';
import { green } from '../terminal/style.js';
import { minuteOf } from '../terminal/time.js';
import { aboutFlag } from './known-flag.js';
import { flagTemplate } from './flag-template.js';

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
  const options = { ...reasonOf(input), ...untilAsDuration(input) };
  await change(cli, input, 'enabled', (flags, key) => flags.enable(key, options));
}

export async function disable(cli: Cli, input: Input): Promise<void> {
  const options = { ...reasonOf(input), ...untilAsDuration(input) };
  await change(cli, input, 'disabled', (flags, key) => flags.disable(key, options));
}

export async function archive(cli: Cli, input: Input): Promise<void> {
  await change(cli, input, 'archived', (flags, key) => flags.archive(key, reasonOf(input)));
}

export async function restore(cli: Cli, input: Input): Promise<void> {
  await change(cli, input, 'restored', (flags, key) => flags.restore(key, reasonOf(input)));
}

export async function remove(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  await confirmDeletion(input, `Delete flag ${key}?`);
  const client = await cli.client();
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

async function change(
  cli: Cli,
  input: Input,
  what: string,
  make: (flags: WaygateClient['flags'], key: string) => Promise<FeatureFlag>,
): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  const flag = await aboutFlag(client, key, () => make(client.flags, key));
  told(cli, flag, `Flag ${key} ${what}.`);
  if (flag.switch_back_at != null) cli.out.say`  Until: ${minuteOf(flag.switch_back_at)}`;
}

export function told({ out }: Cli, result: unknown, message: string): void {
  out.say`${green('✓')} ${message}`;
  out.value(result);
}

function given(field: keyof FeatureFlag, value: string | undefined): Partial<FeatureFlag> {
  return value === undefined ? {} : { [field]: value };
}
