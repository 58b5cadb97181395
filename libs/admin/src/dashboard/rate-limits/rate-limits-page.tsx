import type { Instant, LimitScopeView, RateLimitPolicy, RateLimitView, RouteView } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { Links } from '../page/links.js';
import { Badge, Method } from '../ui/badge.js';
import { ACTIONS, DataTable } from '../ui/data-table.js';
import { counted } from '../ui/figures.js';
import { FilterForm } from '../ui/filter-form.js';
import { Icon } from '../ui/icon.js';
import { DialogLink, Empty, Live, PageHead, Panel } from '../ui/parts.js';
import { algorithmName, countedApart } from '../ui/policy-words.js';
import { Time } from '../ui/time.js';

interface ScopeRow {
  /** `null` = over everything. */
  readonly service: string | null;
  readonly view: LimitScopeView | null;
}

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
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

const MOST_UNPROTECTED = 50;

export function RateLimitsPage({ limits, unprotected, scopes, search, who, links, now }: RateLimitsPageProps) {
  const acts = who.has('operator');
  return (
    <>
      <PageHead
        title="Rate limits"
        note="Limits over everything, over services and over routes, in the order they are counted."
      />
      <Live id="scopes">
        <Panel title="Over many routes" flush>
          <DataTable label="Limits over many routes">
            {scopes.map((row) => (
              <ScopeLimit
                key={row.service ?? '*'}
                row={row}
                acts={acts && (row.service !== null || who.services === null)}
                links={links}
                now={now}
              />
            ))}
          </DataTable>
        </Panel>
      </Live>
      <Search search={search} links={links} />
      <Live id="limits-list">
        <Panel title={`Routes with limits (${limits.length})`} flush>
          {limits.length === 0 ? (
            <Empty icon="gauge" title={search === '' ? 'No route has a limit' : 'No limit matches'}>
              <p>Declare one with @RateLimit('100/minute'), or add one below.</p>
            </Empty>
          ) : (
            <LimitTable limits={limits} acts={acts} links={links} now={now} />
          )}
        </Panel>
        <Unprotected routes={unprotected} acts={acts} links={links} />
      </Live>
    </>
  );
}

function Search({ search, links }: { readonly search: string; readonly links: Links }) {
  const action = links.to('rate-limits');
  return (
    <FilterForm
      action={action}
      label="Limits"
      list="limits-list"
      search={{ id: 'limits-search', name: 'q', value: search, placeholder: 'Search routes', label: 'Search limits' }}
    />
  );
}

function PolicyText({ policy }: { readonly policy: RateLimitPolicy }) {
  return (
    <span class="meta">
      <span>{algorithmName(policy)}</span>
      <span>for {countedApart(policy)}</span>
      {policy.burst === 0 ? null : <span>burst {policy.burst}</span>}
      {policy.tiers.length === 0 ? null : (
        <span>tiers: {policy.tiers.map(({ name, limit }) => `${name} ${limit}`).join(', ')}</span>
      )}
    </span>
  );
}

interface SetByProps {
  readonly who: string;
  readonly at: Instant;
  readonly ends: Instant | null;
  readonly now: number;
}

/** Who set what holds in place of the code, and until when. */
function SetBy({ who, at, ends, now }: SetByProps) {
  return (
    <span class="meta">
      <span>
        {who}, <Time at={at} now={now} />
      </span>
      {ends === null ? null : (
        <span>
          ends <Time at={ends} now={now} />
        </span>
      )}
    </span>
  );
}

function Mode({ mode }: { readonly mode: RateLimitPolicy['mode'] }) {
  if (mode === 'enforce') return <Badge tone="good">Enforced</Badge>;
  return mode === 'shadow' ? <Badge tone="info">Shadow</Badge> : <Badge tone="warn">Paused</Badge>;
}

function ScopeLimit({
  row,
  acts,
  links,
  now,
}: {
  readonly row: ScopeRow;
  readonly acts: boolean;
  readonly links: Links;
  readonly now: number;
}) {
  const { service, view } = row;
  const path = service === null ? 'rate-limits/global' : `rate-limits/services/${service}`;
  return (
    <tr>
      <td>
        <strong>{service ?? 'Everything'}</strong>
      </td>
      <td>{view === null ? <span class="faint">no limit</span> : <code>{view.policy.limit}</code>}</td>
      <td>{view === null ? null : view.enabled ? <Mode mode={view.policy.mode} /> : <Badge tone="warn">Paused</Badge>}</td>
      <td>{view === null ? null : <PolicyText policy={view.policy} />}</td>
      <td class="cell-set-by">
        {view === null ? null : <SetBy who={view.setBy} at={view.setAt} ends={view.expiresAt} now={now} />}
      </td>
      <td class="cell-actions">
        {acts ? (
          <div class="row-actions">
            <DialogLink
              class="button small"
              href={links.to(path)}
              label={`${view === null ? 'Set limit' : 'Edit'}: ${service ?? 'everything'}`}
            >
              {view === null ? 'Set limit' : 'Edit'}
            </DialogLink>
            {view === null ? null : (
              <>
                <DialogLink class="button small" href={links.to(`${path}/${view.enabled ? 'pause' : 'resume'}`)}>
                  {view.enabled ? 'Pause' : 'Resume'}
                </DialogLink>
                <DialogLink class="button small" href={links.to(`${path}/reset`)}>
                  Reset
                </DialogLink>
                <DialogLink class="button small" href={links.to(`${path}/clear`)}>
                  Remove
                </DialogLink>
              </>
            )}
          </div>
        ) : null}
      </td>
    </tr>
  );
}

function LimitTable({
  limits,
  acts,
  links,
  now,
}: {
  readonly limits: readonly RateLimitView[];
  readonly acts: boolean;
  readonly links: Links;
  readonly now: number;
}) {
  return (
    <DataTable label="Routes with limits" columns={['Route', 'Limit', 'Mode', 'How it counts', 'Set by', ACTIONS]}>
      {limits.flatMap((view) =>
        view.policies.map((policy, index) => (
          <PolicyRow
            key={`${view.key} ${policy.name}`}
            view={view}
            policy={policy}
            first={index === 0}
            acts={acts}
            links={links}
            now={now}
          />
        )),
      )}
    </DataTable>
  );
}

const MODE_ITEMS: readonly (readonly [RateLimitPolicy['mode'], string])[] = [
  ['off', 'Pause'],
  ['shadow', 'Shadow mode'],
  ['enforce', 'Enforce'],
];

interface PolicyRowProps {
  readonly view: RateLimitView;
  readonly policy: RateLimitPolicy;
  readonly first: boolean;
  readonly acts: boolean;
  readonly links: Links;
  readonly now: number;
}

function PolicyRow({ view, policy, first, acts, links, now }: PolicyRowProps) {
  const to = (path: string) => links.to(`rate-limits/${path}`, { key: view.key, name: policy.name });
  return (
    <tr>
      <td>
        <a class="route-link" href={links.route(view.key)}>
          <code class="path">{view.key}</code>
        </a>
      </td>
      <td>
        <code>{policy.limit}</code> {policy.name === 'default' ? null : <span class="tag">{policy.name}</span>}
      </td>
      <td>
        <Mode mode={policy.mode} />
      </td>
      <td>
        <PolicyText policy={policy} />
      </td>
      <td class="cell-set-by">
        {policy.origin === 'override' && view.override !== null ? (
          <SetBy who={view.override.setBy} at={view.override.setAt} ends={view.until} now={now} />
        ) : (
          <span class="meta">the code</span>
        )}
      </td>
      <td class="cell-actions">
        {acts ? (
          <div class="row-actions">
            <DialogLink class="button small" href={to('edit')} label={`Edit limit ${policy.name} of ${view.key}`}>
              Edit
            </DialogLink>
            <details class="menu">
              <summary class="icon-button" aria-label={`More actions for ${policy.name} of ${view.key}`}>
                <Icon name="more" />
              </summary>
              <div class="menu-items">
                {MODE_ITEMS.filter(([mode]) => mode !== policy.mode).map(([mode, text]) => (
                  <DialogLink key={mode} class="menu-item" href={`${to('mode')}&mode=${mode}`}>
                    {mode === 'enforce' && policy.mode === 'off' ? 'Resume' : text}
                  </DialogLink>
                ))}
                {first ? (
                  <>
                    <DialogLink class="menu-item" href={links.to('rate-limits/edit', { key: view.key })}>
                      Add another limit
                    </DialogLink>
                    <DialogLink class="menu-item" href={to('reset')}>
                      Reset counters
                    </DialogLink>
                    {view.override === null ? null : (
                      <DialogLink class="menu-item" href={to('clear')}>
                        Clear override
                      </DialogLink>
                    )}
                  </>
                ) : null}
              </div>
            </details>
          </div>
        ) : null}
      </td>
    </tr>
  );
}

function Unprotected({
  routes,
  acts,
  links,
}: {
  readonly routes: readonly UnprotectedRoute[];
  readonly acts: boolean;
  readonly links: Links;
}) {
  if (routes.length === 0) return null;
  return (
    <Panel title={`Routes without a limit (${routes.length})`}>
      <ul class="plain-list">
        {routes.slice(0, MOST_UNPROTECTED).map(({ route, requests }) => (
          <li key={route.key}>
            <a class="route-link" href={links.route(route.key)}>
              <Method method={route.method} />{' '}
              <code class="path">{route.service === null ? route.path : `${route.service} ${route.path}`}</code>
            </a>
            <span class="end">
              {requests === 0 ? null : <span class="hint">{counted(requests, 'request')} in 1 h</span>}{' '}
              {acts ? (
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
      {routes.length > MOST_UNPROTECTED ? (
        <p class="hint">And {routes.length - MOST_UNPROTECTED} more; search to find them.</p>
      ) : null}
    </Panel>
  );
}
