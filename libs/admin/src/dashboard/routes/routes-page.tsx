import type { MaintenanceView, RouteStatus } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import { MaintenanceBar, type ServiceMaintenance } from '../maintenance/maintenance-bar.js';
import type { RouteTraffic } from '../activity/route-traffic.js';
import type { Links } from '../page/links.js';
import { ROUTE_STATUSES, statusName } from '../ui/badge.js';
import { FilterForm } from '../ui/filter-form.js';
import { Options } from '../ui/form.js';
import { Pager } from '../ui/pager.js';
import { DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import type { RouteAction } from './route-actions.js';
import type { RouteFilter, RouteList } from './route-list.js';
import { RouteTable } from './route-rows.js';

interface RoutesPageProps {
  readonly list: RouteList;
  readonly filter: RouteFilter;
  readonly global: MaintenanceView;
  readonly services: readonly ServiceMaintenance[];
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
  readonly refused: ReadonlyMap<string, number>;
  readonly traffic: ReadonlyMap<string, RouteTraffic>;
}

export function RoutesPage(props: RoutesPageProps) {
  const { list, filter, global, services, who, links, now, refused, traffic } = props;
  const named = list.services.filter((service) => service !== '-');
  return (
    <>
      <PageHead title="Routes" note="Every route there is, and what holds for it now.">
        {who.has('operator') && who.services === null ? (
          <DialogLink href={links.to('maintenance')}>
            {global.inForce ? 'Edit global maintenance' : 'Global maintenance'}
          </DialogLink>
        ) : null}
        {who.has('operator') && named.length > 0 ? (
          <details class="menu">
            <summary class="button">Service maintenance</summary>
            <div class="menu-items">
              {named.map((service) => (
                <DialogLink key={service} href={links.to(`maintenance/${service}`)} class="menu-item">
                  {service}
                </DialogLink>
              ))}
            </div>
          </details>
        ) : null}
      </PageHead>
      <Live id="maintenance-state">
        <MaintenanceBar global={global} services={services} who={who} links={links} now={now} />
      </Live>
      <Filters filter={filter} list={list} links={links} />
      {who.has('operator') ? <BulkBar links={links} /> : null}
      <Live id="routes-list" class="list" traffic>
        <StatusTabs filter={filter} list={list} links={links} />
        {list.items.length === 0 ? (
          <Empty icon="route" title={isFiltered(filter) ? 'No route matches' : 'No routes yet'}>
            {isFiltered(filter) ? (
              <a href={links.to('routes')}>Show all routes</a>
            ) : (
              <p>Routes appear here when the app starts: every controller's handlers, and those that other services report.</p>
            )}
          </Empty>
        ) : (
          <RouteTable routes={list.items} who={who} links={links} now={now} refused={refused} traffic={traffic} />
        )}
        <Pager
          noun="routes"
          page={list.page}
          pages={list.pages}
          total={list.total}
          to={(page) => links.to('routes', queryOf(filter, { page }))}
        />
      </Live>
    </>
  );
}

const isFiltered = ({ search, status, service, method, tag }: RouteFilter) =>
  [search, status, service, method, tag].some((value) => value !== '');

function queryOf(
  { search, status, service, method, tag }: RouteFilter,
  more: Partial<Record<'status' | 'page', string | number>> = {},
) {
  return { q: search, status, service, method, tag, ...more };
}

function Filters({ filter, list, links }: { readonly filter: RouteFilter; readonly list: RouteList; readonly links: Links }) {
  const action = links.to('routes');
  return (
    <FilterForm
      action={action}
      label="Routes"
      list="routes-list"
      search={{
        id: 'routes-search',
        name: 'q',
        value: filter.search,
        placeholder: 'Search routes, reasons and tags',
        label: 'Search routes',
      }}
    >
      {list.services.length > 1 ? (
        <select name="service" aria-label="Service">
          <Options
            value={filter.service}
            choices={[
              { value: '', text: 'All services' },
              ...list.services.map((service) => ({ value: service, text: service === '-' ? 'No service' : service })),
            ]}
          />
        </select>
      ) : null}
      <select name="method" aria-label="Method">
        <Options
          value={filter.method}
          choices={[{ value: '', text: 'All methods' }, ...list.methods.map((value) => ({ value, text: value }))]}
        />
      </select>
      {list.tags.length === 0 ? null : (
        <select name="tag" aria-label="Tag">
          <Options
            value={filter.tag}
            choices={[{ value: '', text: 'All tags' }, ...list.tags.map((value) => ({ value, text: value }))]}
          />
        </select>
      )}
      <input type="hidden" name="status" value={filter.status} />
    </FilterForm>
  );
}

function StatusTabs({ filter, list, links }: { readonly filter: RouteFilter; readonly list: RouteList; readonly links: Links }) {
  const all = Object.values(list.counts).reduce((sum, count) => sum + count, 0);
  const tab = (status: RouteStatus | '', text: string, count: number) => (
    <a
      key={status}
      class="tab"
      href={links.to('routes', queryOf(filter, { status }))}
      aria-current={filter.status === status ? 'true' : undefined}
    >
      {text} <span class="count">{count}</span>
    </a>
  );
  return (
    <nav class="tabs" aria-label="Status">
      {tab('', 'All', all)}
      {ROUTE_STATUSES.map((status) => tab(status, statusName(status), list.counts[status]))}
    </nav>
  );
}

const BULK_ACTIONS: readonly (readonly [action: RouteAction, text: string])[] = [
  ['enable', 'Enable'],
  ['maintenance', 'Maintenance'],
  ['disable', 'Disable'],
  ['environments', 'Environments'],
  ['schedule', 'Schedule'],
  ['clear', 'Clear override'],
];

/** Acts on all routes that are ticked. */
function BulkBar({ links }: { readonly links: Links }) {
  return (
    <form
      id="bulk"
      class="bulk"
      method="get"
      action={links.to('routes/act')}
      hx-get={links.to('routes/act')}
      hx-target="#dialog-body"
      data-bulk
    >
      <span class="bulk-count" data-bulk-count aria-live="polite">
        Selected routes
      </span>
      {BULK_ACTIONS.map(([action, text]) => (
        <button key={action} class="button small" name="action" value={action}>
          {text}
        </button>
      ))}
    </form>
  );
}
