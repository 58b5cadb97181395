import type { RateLimitHit } from '@waygate/core';
import type { ComponentChildren } from 'preact';
import { Badge } from '../ui/badge.js';
import { columnsOf, DataTable, Faint } from '../ui/data-table.js';
import { FilterForm } from '../ui/filter-form.js';
import { LogPager } from '../ui/pager.js';
import { DialogLink, Empty, Live, PageHead, Panel } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import type { Top } from './top-callers.js';

const { actions, column, times } = columnsOf<RateLimitHit>();

interface BlockedPageProps {
  readonly hits: readonly RateLimitHit[];
  readonly next: string | null;
  readonly callers: readonly Top[];
  readonly routes: readonly Top[];
  readonly filter: { readonly route?: string; readonly caller?: string };
  /** Whether it is the newest page of the log. */
  readonly isNewest: boolean;
  readonly dropped: number;
}

export function BlockedPage({ hits, next, callers, routes, filter, isNewest, dropped }: BlockedPageProps) {
  const { links } = useView();
  const { route = '', caller = '' } = filter;
  return (
    <>
      <PageHead title="Blocked" note="Requests over a limit, newest first, as they happen." />
      <FilterForm
        path="blocked"
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
          <HitTable
            hits={hits}
            empty={
              <Empty
                icon="shield"
                title={route === '' && caller === '' ? 'Nobody was over a limit' : 'No refused request matches'}
              >
                <p>Requests that a limit refuses, or would refuse in shadow mode, appear here.</p>
              </Empty>
            }
          />
          {dropped === 0 ? null : <p class="hint">{dropped} more were refused but not recorded, as too many came at once.</p>}
          <LogPager
            noun="the log"
            newest={isNewest ? null : links.to('blocked', filter)}
            older={next === null ? null : links.to('blocked', { ...filter, cursor: next })}
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

function HitTable({ hits, empty }: { readonly hits: readonly RateLimitHit[]; readonly empty: ComponentChildren }) {
  const { links, who } = useView();
  return (
    <DataTable
      label="Refused requests"
      rows={hits}
      keyOf={({ id }) => id}
      empty={empty}
      columns={[
        times('When', ({ at }) => at),
        column('Route', ({ route }) =>
          route === '' ? (
            <Faint>no route</Faint>
          ) : (
            <a class="route-link path" href={links.route(route)}>
              {route}
            </a>
          ),
        ),
        column('Caller', ({ caller }) => (
          <a class="path" href={links.to('blocked', { caller })}>
            {caller}
          </a>
        )),
        column('Limit', ({ limit, policy, tier, shadow }) => (
          <>
            <code>{limit}</code> {policy === 'default' ? null : <span class="tag">{policy}</span>}{' '}
            {tier === null ? null : <span class="tag">{tier}</span>} {shadow ? <Badge tone="info">shadow</Badge> : null}
          </>
        )),
        { ...times('Free again', ({ resetAt }) => resetAt), label: 'free again' },
        who.has('operator') ? actions((hit) => <Reset hit={hit} />) : null,
      ]}
    />
  );
}

function Reset({ hit: { route, caller } }: { readonly hit: RateLimitHit }) {
  const { links } = useView();
  if (route === '' || caller === '') return null;
  return (
    <DialogLink
      class="button small"
      href={links.to('rate-limits/reset', { key: route, caller })}
      label={`Reset ${caller} on ${route}`}
    >
      Reset
    </DialogLink>
  );
}
