import type { RouteView } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { RouteTraffic } from '../activity/route-traffic.js';
import type { Links } from '../page/links.js';
import { Badge, Method, StatusBadge } from '../ui/badge.js';
import { ACTIONS, DataTable, numeric } from '../ui/data-table.js';
import { count, counted, duration } from '../ui/figures.js';
import { Icon } from '../ui/icon.js';
import { DialogLink } from '../ui/parts.js';
import { Sparkline } from '../ui/sparkline.js';
import { Time } from '../ui/time.js';

interface RowsProps {
  readonly routes: readonly RouteView[];
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
  /** How often each route was refused within the hour. */
  readonly refused: ReadonlyMap<string, number>;
  /** What came for each route within the hour. */
  readonly traffic: ReadonlyMap<string, RouteTraffic>;
}

export function RouteTable({ routes, who, links, now, refused, traffic }: RowsProps) {
  const acts = who.has('operator');
  return (
    <DataTable
      label="Routes"
      class="routes"
      columns={[
        ...(acts ? [{ text: <input type="checkbox" data-select-all aria-label="Select all shown" />, class: 'cell-check' }] : []),
        'Route',
        'Status',
        { text: 'Why, until when', class: 'cell-why' },
        { text: 'Requests 1 h', title: 'Requests and errors within the hour in this process' },
        { text: 'p95', title: '95 % of the answers took at most so long', class: 'cell-p95' },
        numeric('Refused 1 h'),
        ...(acts ? [ACTIONS] : []),
      ]}
    >
      {routes.map((route) => (
        <RouteRow
          key={route.key}
          route={route}
          acts={acts && !route.forceActive}
          column={acts}
          links={links}
          now={now}
          refused={refused.get(route.key) ?? 0}
          traffic={traffic.get(route.key) ?? null}
        />
      ))}
    </DataTable>
  );
}

interface RowProps {
  readonly route: RouteView;
  readonly acts: boolean;
  readonly column: boolean;
  readonly links: Links;
  readonly now: number;
  readonly refused: number;
  readonly traffic: RouteTraffic | null;
}

function RouteRow({ route, acts, column, links, now, refused, traffic }: RowProps) {
  return (
    <tr data-key={route.key}>
      {column ? (
        <td class="cell-check">
          {acts ? <input type="checkbox" name="key" value={route.key} form="bulk" aria-label={`Select ${route.key}`} /> : null}
        </td>
      ) : null}
      <td class="cell-route">
        <a href={links.route(route.key)} class="route-link">
          <Method method={route.method} />
          <span class="path">{route.path}</span>
        </a>
        {route.service === null ? null : <span class="tag">{route.service}</span>}
        <Tags tags={route.tags} />
      </td>
      <td class="cell-status">
        <StatusBadge status={route.status} />
        {route.deprecation !== null && route.status !== 'deprecated' ? <Badge tone="muted">Deprecated</Badge> : null}
        {route.forceActive ? (
          <Badge tone="accent" title="Declared @ForceActive(): nothing takes it down but global maintenance that says so">
            Force-active
          </Badge>
        ) : null}
        {route.source === 'override' ? <span class="override">override</span> : null}
      </td>
      <td class="cell-why">
        <Why route={route} now={now} />
      </td>
      <TrafficCells traffic={traffic} />
      <td class="num">{refused === 0 ? <span class="faint">0</span> : refused}</td>
      {column ? <td class="cell-actions">{acts ? <RowActions route={route} links={links} /> : null}</td> : null}
    </tr>
  );
}

const MOST_TAGS_SHOWN = 3;

function Tags({ tags }: { readonly tags: readonly string[] }) {
  const rest = tags.slice(MOST_TAGS_SHOWN);
  return (
    <>
      {tags.slice(0, MOST_TAGS_SHOWN).map((tag) => (
        <span class="tag soft" key={tag} title={tag}>
          {tag}
        </span>
      ))}
      {rest.length === 0 ? null : (
        <span class="tag soft" title={rest.join(', ')}>
          +{rest.length}
        </span>
      )}
    </>
  );
}

function TrafficCells({ traffic }: { readonly traffic: RouteTraffic | null }) {
  if (traffic === null)
    return (
      <>
        <td class="cell-traffic faint">–</td>
        <td class="cell-traffic cell-p95 faint">–</td>
      </>
    );
  const { figures, requests, errors, p95 } = traffic;
  return (
    <>
      <td class="cell-traffic" data-label="1 h">
        <Sparkline values={requests} over={errors} tone="info" />
        <span class="spark-text">
          {count(figures.requests)}
          {figures.appErrors === 0 ? null : <span class="errors">{counted(figures.appErrors, 'error')}</span>}
        </span>
      </td>
      <td class="cell-traffic cell-p95" data-label="p95">
        <Sparkline values={p95} tone="accent" />
        <span class="spark-text">{duration(figures.p95)}</span>
      </td>
    </>
  );
}

function Why({ route, now }: { readonly route: RouteView; readonly now: number }) {
  const { reason, environments, until, nextChange, override, deprecation, status } = route;
  return (
    <>
      {reason === '' ? null : <span class="reason">{reason}</span>}
      <span class="meta">
        {environments === null ? null : <span>only in {environments.join(', ')}</span>}
        {until === null ? null : (
          <span>
            ends <Time at={until} now={now} />
          </span>
        )}
        {until === null && nextChange !== null ? (
          <span>
            changes <Time at={nextChange} now={now} />
          </span>
        ) : null}
        {status === 'deprecated' && deprecation?.sunset != null ? (
          <span>
            sunset <Time at={deprecation.sunset} now={now} />
          </span>
        ) : null}
        {override === null ? null : (
          <span>
            {override.setBy}, <Time at={override.setAt} now={now} />
          </span>
        )}
      </span>
    </>
  );
}

function RowActions({ route, links }: { readonly route: RouteView; readonly links: Links }) {
  const to = (action: string) => links.to(`routes/act/${action}`, { key: route.key });
  const down = route.status === 'maintenance' || route.status === 'disabled' || route.status === 'env_gated';
  return (
    <div class="row-actions">
      {down ? (
        <DialogLink href={to('enable')} class="button small" label={`Enable ${route.key}`}>
          Enable
        </DialogLink>
      ) : (
        <DialogLink href={to('maintenance')} class="button small" label={`Maintenance of ${route.key}`}>
          Maintenance
        </DialogLink>
      )}
      <details class="menu">
        <summary class="icon-button" aria-label={`More actions for ${route.key}`}>
          <Icon name="more" />
        </summary>
        <div class="menu-items">
          {down ? (
            <DialogLink href={to('maintenance')} class="menu-item">
              Maintenance
            </DialogLink>
          ) : null}
          <DialogLink href={to('disable')} class="menu-item">
            Disable
          </DialogLink>
          <DialogLink href={to('environments')} class="menu-item">
            Environments
          </DialogLink>
          <DialogLink href={to('schedule')} class="menu-item">
            Schedule
          </DialogLink>
          {route.override === null ? null : (
            <>
              <DialogLink href={to('unschedule')} class="menu-item">
                Cancel schedule
              </DialogLink>
              <DialogLink href={to('clear')} class="menu-item">
                Clear override
              </DialogLink>
            </>
          )}
        </div>
      </details>
    </div>
  );
}
