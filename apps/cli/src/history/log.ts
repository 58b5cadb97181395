import type { AuditEntry, AuditQuery, WaygateClient } from '@waygate/client';
import type { Input } from '../command/input.js';
import { parseRoute, routeKey } from '../routes/route-key.js';
import type { Cli } from '../command/cli.js';
import { serviceOf } from '../command/service-of.js';
import { throughPager } from '../terminal/through-pager.js';
import { pageFooter, pageNumbers, pageOf } from '../command/pages.js';
import { cyan, dim, type Text } from '../terminal/style.js';
import { durationMs, isoOf, momentOf, relativeTo, secondOf } from '../terminal/time.js';
import { refreshes, untilInterrupted } from '../terminal/watch.js';

const WATCH_MS = 2000;

export async function log(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const client = await cli.client();
  const { number, size } = pageNumbers(input);
  const query = queryOf(cli, input);
  if (input.flag('watch')) return watchLog(cli, client, () => client.audit.list({ ...query, limit: size }));
  const page = pageOf(input, await client.audit.newest(number * size + 1, query));
  out.value(page.rows);
  if (page.rows.length === 0) {
    if (number === 1) out.say`${dim('No audit entries found.')}`;
    else out.say`No entries on page ${number}.`;
    return;
  }
  out.table(
    [
      { title: 'Timestamp' },
      { title: 'Route' },
      { title: 'Action' },
      { title: 'Actor' },
      { title: 'Platform' },
      { title: 'Status' },
      { title: 'Reason', flexible: true },
    ],
    page.rows.map((entry) => rowOf(entry, out.isTerminal)),
  );
  pageFooter(out, page);
  await throughPager(out);
}

function rowOf(entry: AuditEntry, relative: boolean): readonly Text[] {
  return [
    relative ? relativeTo(entry.timestamp) : secondOf(entry.timestamp),
    cyan(entry.path),
    entry.action,
    entry.claimed === undefined ? entry.actor : `${entry.actor} (claims: ${entry.claimed.actor})`,
    entry.platform,
    statusText(entry),
    entry.reason === '' ? '-' : entry.reason,
  ];
}

function statusText({ previous_status: previous, new_status: next }: AuditEntry): string {
  return previous === null && next === null ? '-' : `${previous ?? '-'} → ${next ?? '-'}`;
}

function queryOf(cli: Cli, input: Input): Omit<AuditQuery, 'limit' | 'cursor'> {
  const route = input.option('route');
  const service = serviceOf(cli, input);
  const actor = input.option('actor');
  const since = input.option('since');
  return {
    ...(route === undefined ? {} : { route: auditKey(route, service) }),
    ...(service === undefined ? {} : { service }),
    ...(actor === undefined ? {} : { actor }),
    ...(since === undefined ? {} : { since: past(since) }),
  };
}

/** Routes in the form the log has them; other keys (`flag:k`, `__global__`) as they are. */
export function auditKey(text: string, service?: string): string {
  return text.includes('/') ? routeKey(parseRoute(text, service)) : text;
}

/** A duration looks back here. */
function past(text: string): string {
  const ago = durationMs(text);
  return ago === null ? momentOf(text, '--since') : isoOf(Date.now() - ago);
}

/** The newest entries, then what comes, the oldest first. */
async function watchLog({ out }: Cli, client: WaygateClient, load: () => Promise<readonly AuditEntry[]>): Promise<void> {
  const seen = new Set<string>();
  for await (const _ of refreshes(client, WATCH_MS, untilInterrupted(), { onChange: true })) {
    const latest = await load();
    for (const entry of latest.filter(({ id }) => !seen.has(id)).toReversed()) {
      out.record(entry);
      const why = entry.reason === '' ? '' : `  ${entry.reason}`;
      out.say`${secondOf(entry.timestamp)}  ${cyan(entry.path)}  ${entry.action}  ${entry.actor} (${entry.platform})  ${statusText(entry)}${why}`;
    }
    for (const { id } of latest) seen.add(id);
    out.flush();
  }
}
