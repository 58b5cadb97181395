import type { Cli } from '../command/cli.js';
import type { Input } from '../command/input.js';
import { reasonOf } from '../command/reason-of.js';
import { green } from '../terminal/style.js';

export async function accept(cli: Cli, input: Input): Promise<void> {
  const { operations } = await cli.client();
  const accepted = await operations.acceptState(reasonOf(input));
  cli.out.say`${green('✓')} Store accepted at revision ${accepted.revision}. Every process adopts it.`;
  cli.out.value(accepted);
}
