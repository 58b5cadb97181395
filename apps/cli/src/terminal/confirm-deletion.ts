import type { Input } from '../program/input.js';
import type { Cli } from '../session/cli.js';
import { UsageFailure } from '../session/failure.js';
import { canAsk, confirm } from './prompt.js';
import { dim } from './style.js';

/** Whether to go on: `--yes`, or a yes on the terminal. Where nobody can answer, `--yes` must be given. */
export async function confirmDeletion({ out }: Cli, input: Input, question: string): Promise<boolean> {
  if (input.flag('yes')) return true;
  if (!canAsk()) throw new UsageFailure('this needs a yes: add --yes');
  if (await confirm(question)) return true;
  out.say`${dim('Nothing was changed.')}`;
  return false;
}
