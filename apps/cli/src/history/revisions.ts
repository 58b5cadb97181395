import type { RecordDifference } from '@waygate/client';
import type { Input } from '../program/input.js';
import type { Cli } from '../session/cli.js';
import { CliFailure, UsageFailure } from '../session/failure.js';
import { differences, printDifferences } from '../terminal/difference.js';
import { bold, cyan, dim, green } from '../terminal/style.js';
import { relativeTo, secondOf } from '../terminal/time.js';

export async function history(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const route = input.optionalArgument('key');
  const limit = input.number('limit', 1);
  const { revisions } = await (await cli.client()).revisions.list({ ...(route === undefined ? {} : { route }), limit });
  out.value(revisions);
  if (revisions.length === 0) {
    out.say`${dim('No revisions found.')}`;
    return;
  }
  out.table(
    [
      { title: 'Revision' },
      { title: 'When' },
      { title: 'Key' },
      { title: 'Action' },
      { title: 'Actor' },
      { title: 'Reason', flexible: true },
    ],
    revisions.map((entry) => [
      bold(String(entry.revision)),
      out.isTerminal ? relativeTo(entry.timestamp) : secondOf(entry.timestamp),
      cyan(entry.path),
      entry.action,
      entry.actor,
      entry.reason === '' ? '-' : entry.reason,
    ]),
  );
}

export async function diff(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const first = revisionOf(input.argument('from'));
  const last = input.optionalArgument('to');
  const [from, to] = last === undefined ? [first - 1, first] : [first, revisionOf(last)];
  if (to <= from) throw new CliFailure(`Revision ${to} is not later than ${from}`);
  const result = await (await cli.client()).revisions.diff(from, to);
  out.value(result);
  if (result.changes.length === 0) out.say`${dim('No difference.')}`;
  for (const change of result.changes) printChange(cli, change);
}

export async function revert(cli: Cli, input: Input): Promise<void> {
  const revision = revisionOf(input.argument('revision'));
  const reason = input.option('reason');
  const options = { ...(reason === undefined ? {} : { reason }), force: input.flag('force') };
  const result = await (await cli.client()).revisions.revert(revision, options);
  cli.out.say`${green('✓')} Revision ${revision} reverted.`;
  cli.out.value(result);
}

function printChange({ out }: Cli, { kind, key, before, after }: RecordDifference): void {
  out.say`${bold(`${kind} ${key}`)}${before === null ? ' (created)' : after === null ? ' (deleted)' : ''}`;
  printDifferences(out, differences(before, after));
}

function revisionOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageFailure(`'${text}' is no number of a revision; see waygate history`);
  return Number(text);
}
