import type { RateLimitView, RouteView } from '@waygate/core';
import { RoutePath } from '../routes/route-fields.js';
import { Method } from '../ui/badge.js';
import { counted } from '../ui/figures.js';
import { FilterForm } from '../ui/filter-form.js';
import { DialogLink, Live, PageHead, Panel } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import { LimitTable } from './limit-table.js';
import { ScopeLimitTable, type ScopeRow } from './scope-limit-table.js';

interface UnprotectedRoute {
  readonly route: RouteView;
  /** Requests within the hour in this process. */
  readonly requests: number;
}

interface RateLimitsPageProps {
  readonly limits: readonly RateLimitView[];
  /** The busiest first. */
  readonly unprotected: readonly UnprotectedRoute[];
  readonly scopes: readonly ScopeRow[];
  readonly search: string;
}

const MAX_UNPROTECTED = 50;

export function RateLimitsPage({ limits, unprotected, scopes, search }: RateLimitsPageProps) {
  return (
    <>
      <PageHead
        title="Rate limits"
        note="Limits over everything, over services and over routes, in the order they are counted."
      />
      <Live id="scopes">
        <Panel title="Over many routes" flush>
          <ScopeLimitTable scopes={scopes} />
        </Panel>
      </Live>
      <FilterForm
        path="rate-limits"
        label="Limits"
        list="limits-list"
        search={{ id: 'limits-search', name: 'q', value: search, placeholder: 'Search routes', label: 'Search limits' }}
      />
      <Live id="limits-list">
        <Panel title={`Routes with limits (${limits.length})`} flush>
          <LimitTable limits={limits} isFiltered={search !== ''} />
        </Panel>
        <Unprotected routes={unprotected} />
      </Live>
    </>
  );
}

function Unprotected({ routes }: { readonly routes: readonly UnprotectedRoute[] }) {
  const { links, who } = useView();
  if (routes.length === 0) return null;
  return (
    <Panel title={`Routes without a limit (${routes.length})`}>
      <ul class="plain-list">
        {routes.slice(0, MAX_UNPROTECTED).map(({ route, requests }) => (
          <li key={route.key}>
            <a class="route-link" href={links.route(route.key)}>
              <Method method={route.method} /> <RoutePath route={route} />
            </a>
            <span class="end">
              {requests === 0 ? null : <span class="hint">{counted(requests, 'request')} in 1 h</span>}{' '}
              {who.has('operator') ? (
                <DialogLink
                  class="button small"
                  href={links.to('rate-limits/edit', { key: route.key })}
                  label={`Add limit to ${route.key}`}
                >
                  Add limit
                </DialogLink>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
      {routes.length > MAX_UNPROTECTED ? (
        <p class="hint">And {routes.length - MAX_UNPROTECTED} more; search to find them.</p>
      ) : null}
    </Panel>
  );
}
