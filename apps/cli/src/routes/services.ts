import type { Cli } from '../command/cli.js';
import { dim } from '../terminal/style.js';

export async function services({ out, client }: Cli): Promise<void> {
  const names = await (await client()).routes.services();
  out.value(names);
  if (names.length === 0) out.say`${dim('No services registered.')}`;
  for (const name of names) out.say`${name}`;
}

export function currentService({ out, settings }: Cli): Promise<void> {
  out.value({ service: settings.service ?? null });
  if (settings.service === undefined) out.say`No active service set.`;
  else out.say`Active service: ${settings.service}`;
  return Promise.resolve();
}
