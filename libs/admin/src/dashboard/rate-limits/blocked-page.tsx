import type { RateLimitHit } from '@waygate/core';
import type { Links } from '../page/links.js';
import { Badge } from '../ui/badge.js';
import { ACTIONS, DataTable } from '../ui/data-table.js';
import { FilterForm } from '../ui/filter-form.js';
import { LogPager } from '../ui/pager.js';
import { DialogLink, Empty, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import type { Top } from './top-callers.js';

interface BlockedPageProps {
  readonly hits: readonly RateLimitHit[];
  readonly next: string | null;
  readonly callers: readonly Top[];
  readonly routes: readonly Top[];
  readonly route: string;
  readonly caller: string;
  readonly cursor: string;
  readonly links: Links;
  readonly now: number;
  readonly dropped: number;
  readonly acts: boolean;
}

export function BlockedPage({ hits, next, callers, routes, route, caller, cursor, links, now, dropped, acts }: BlockedPageProps) {
  const action = links.to('blocked');
  return (
    <>
      <PageHead title="Blocked" note="Requests over a limit, newest first, as they happen." />
      <FilterForm
        action={action}
        label="Refused requests"
        list="blocked"
        search={{ name: 'caller', value: caller, placeholder: 'Exact caller, e.g. 203.0.113.7', label: 'Caller' }}
      >
        <input name="route" value={route} placeholder="Route, e.g. GET:/posts" aria-label="Route" autoComplete="off" />
      </FilterForm>
      <Live id="blocked">
        <div class="grid-2">
          <TopPanel title="Top callers within the hour" tops={callers} linkOf={(name) => links.to('blocked', { caller: name })} />
          <TopPanel title="Top routes within the hour" tops={routes} linkOf={(name) => links.to('blocked', { route: name })} />
        </div>
        <Panel title="Log" flush>
          {hits.length === 0 ? (
            <Empty icon="shield" title={route === '' && caller === '' ? 'Nobody was over a limit' : 'No refused request matches'}>
              <p>Requests that a limit refuses, or would refuse in shadow mode, appear here.</p>
            </Empty>
          ) : (
            <HitTable hits={hits} acts={acts} links={links} now={now} />
          )}
          {dropped === 0 ? null : <p class="hint">{dropped} more were refused but not recorded, as too many came at once.</p>}
          <LogPager
            noun="the log"
            newest={cursor === '' ? null : links.to('blocked', { route, caller })}
            older={next === null ? null : links.to('blocked', { route, caller, cursor: next })}
          />
        </Panel>
      </Live>
    </>
  );
}

function TopPanel({
  title,
  tops,
  linkOf,
}: {
  readonly title: string;
  readonly tops: readonly Top[];
  readonly linkOf: (name: string) => string;
}) {
  const most = tops[0]?.count ?? 1;
  return (
    <Panel title={title}>
      {tops.length === 0 ? (
        <p class="hint">None.</p>
      ) : (
        <ul class="tops">
          {tops.map(({ name, count }) => (
            <li key={name}>
              <a href={linkOf(name)} class="path">
                {name}
              </a>
              <meter min={0} max={most} value={count} aria-label={`${name}: ${count}`} />
              <span class="num">{count}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface HitTableProps {
  readonly hits: readonly RateLimitHit[];
  readonly acts: boolean;
  readonly links: Links;
  readonly now: number;
}

function HitTable({ hits, acts, links, now }: HitTableProps) {
  return (
    <DataTable label="Refused requests" columns={['When', 'Route', 'Caller', 'Limit', 'Free again', ...(acts ? [ACTIONS] : [])]}>
      {hits.map((hit) => (
        <tr key={hit.id}>
          <td class="nowrap">
            <Time at={hit.at} now={now} />
          </td>
          <td>
            {hit.route === '' ? (
              <span class="faint">no route</span>
            ) : (
              <a class="route-link path" href={links.route(hit.route)}>
                {hit.route}
              </a>
            )}
          </td>
          <td>
            <a class="path" href={links.to('blocked', { caller: hit.caller })}>
              {hit.caller}
            </a>
          </td>
          <td>
            <code>{hit.limit}</code> {hit.policy === 'default' ? null : <span class="tag">{hit.policy}</span>}{' '}
            {hit.tier === null ? null : <span class="tag">{hit.tier}</span>}{' '}
            {hit.shadow ? <Badge tone="info">shadow</Badge> : null}
          </td>
          <td class="nowrap" data-label="free again">
            <Time at={hit.resetAt} now={now} />
          </td>
          {acts ? (
            <td class="cell-actions">
              {hit.route === '' || hit.caller === '' ? null : (
                <DialogLink
                  class="button small"
                  href={links.to('rate-limits/reset', { key: hit.route, caller: hit.caller })}
                  label={`Reset ${hit.caller} on ${hit.route}`}
                >
                  Reset
                </DialogLink>
              )}
            </td>
          ) : null}
        </tr>
      ))}
    </DataTable>
  );
}
