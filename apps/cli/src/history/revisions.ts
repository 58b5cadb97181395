import { ConflictError, type RecordDifference } from '@waygate/client';
import type { Input } from '../command/input.js';
import { reasonOf } from '../command/reason-of.js';
import type { Cli } from '../command/cli.js';
import { serviceOf } from '../command/service-of.js';
import { auditKey } from './log.js';
import { CliFailure, UsageFailure } from '../terminal/failure.js';
import { printDifferences } from '../terminal/difference.js';
import { bold, cyan, dim, green, yellow } from '../terminal/style.js';
import { relativeTo, secondOf } from '../terminal/time.js';

export async function history(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const key = input.optionalArgument('key');
  const route = key === undefined ? undefined : auditKey(key, serviceOf(cli, input));
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
  if (!result.complete) out.say`${yellow('!')} The log no longer reaches back to revision ${from}; what is older is not shown.`;
  if (result.records.length === 0) out.say`${dim('No difference.')}`;
  for (const record of result.records) printRecord(cli, record);
}

export async function revert(cli: Cli, input: Input): Promise<void> {
  const revision = revisionOf(input.argument('revision'));
  const options = { ...reasonOf(input), force: input.flag('force') };
  const { revisions } = await cli.client();
  try {
    const result = await revisions.revert(revision, options);
    cli.out.say`${green('✓')} Revision ${revision} reverted (revision ${result.revision}).`;
    cli.out.value(result);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const later = laterRevision(error);
    const look = later === null ? '' : `See what came since: waygate diff ${later}. `;
    throw new CliFailure(error.message, undefined, [
      `${look}With --force it is taken back all the same, and what came since is lost.`,
    ]);
  }
}

/** Number of the revision that stands in the way; `null` = the server does not know it any more. */
function laterRevision({ body }: ConflictError): number | null {
  const { later } = body;
  const revision: unknown = typeof later === 'object' && later !== null && 'revision' in later ? later.revision : null;
  return typeof revision === 'number' ? revision : null;
}

function printRecord({ out }: Cli, { kind, path, before, after, differences, entries }: RecordDifference): void {
  const name = kind === 'route' || kind === 'rate-limit' ? `${kind} ${path}` : path;
  out.say`${bold(name)}${before === null ? ' (created)' : after === null ? ' (deleted)' : ''}`;
  for (const { revision, action, actor, reason } of entries)
    out.say`  ${dim(`${revision ?? '-'} ${action} by ${actor}${reason === '' ? '' : `: ${reason}`}`)}`;
  printDifferences(
    out,
    differences.map((member) => ({ at: member.path, before: member.before, after: member.after })),
  );
}

function revisionOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageFailure(`'${text}' is no number of a revision; see waygate history`);
  return Number(text);
}
