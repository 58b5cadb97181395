import type { Input } from './input.js';
import { Declined, UsageFailure } from '../terminal/failure.js';
import { canAsk, confirm } from '../terminal/prompt.js';

/**
 * Goes on with `--yes`, or a yes on the terminal. Where nobody can answer, `--yes` must be given. To be asked before the client is opened:
 * what shows that a server is waited for would write over the question.
 * @throws {Declined | UsageFailure}
 */
export async function confirmDeletion(input: Input, question: string): Promise<void> {
  if (input.flag('yes')) return;
  if (!canAsk()) throw new UsageFailure('this needs a yes: add --yes');
  if (!(await confirm(question))) throw new Declined();
}
