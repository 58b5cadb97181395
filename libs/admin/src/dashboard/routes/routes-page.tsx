import type { MaintenanceView, RouteStatus } from '@waygate/core';
import type { RouteTraffic } from '../activity/route-traffic.js';
import { ScheduledBanners } from '../page/maintenance-banners.js';
import { ROUTE_STATUSES, statusName } from '../ui/badge.js';
import { FilterForm, FilterSelect } from '../ui/filter-form.js';
import { choicesOf } from '../ui/form.js';
import { Pager } from '../ui/pager.js';
import { DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import { BulkBar } from './bulk-bar.js';
import type { RouteFilter, RouteList } from './route-list.js';
import { RouteTable } from './route-table.js';

interface RoutesPageProps {
  readonly list: RouteList;
  readonly filter: RouteFilter;
  readonly switches: readonly MaintenanceView[];
  readonly refused: ReadonlyMap<string, number>;
  readonly traffic: ReadonlyMap<string, RouteTraffic>;
}

export function RoutesPage({ list, filter, switches, refused, traffic }: RoutesPageProps) {
  const services = list.services.filter((service) => service !== '-');
  const isDown = switches.some(({ service, current }) => service === null && current !== null);
  const { links, who } = useView();
  const isFiltered = Object.values(queryOf(filter)).some((value) => value !== '');
  return (
    <>
      <PageHead title="Routes" note="All routes and their current status">
        {who.has('operator') && who.services === null ? (
          <DialogLink href={links.to('maintenance')}>{isDown ? 'Edit global maintenance' : 'Global maintenance'}</DialogLink>
        ) : null}
        {who.has('operator') && services.length > 0 ? (
          <details class="menu">
            <summary class="button">Service maintenance</summary>
            <div class="menu-items">
              {services.map((service) => (
                <DialogLink key={service} href={links.to(`maintenance/${service}`)} class="menu-item">
                  {service}
                </DialogLink>
              ))}
            </div>
          </details>
        ) : null}
      </PageHead>
      <Live id="maintenance-state">
        <ScheduledBanners switches={switches} />
      </Live>
      <Filters filter={filter} list={list} />
      {who.has('operator') ? <BulkBar /> : null}
      <Live id="routes-list" class="list" traffic>
        <StatusTabs filter={filter} list={list} />
        <RouteTable
          routes={list.items}
          refused={refused}
          traffic={traffic}
          empty={
            <Empty icon="route" title={isFiltered ? 'No route matches' : 'No routes yet'}>
              {isFiltered ? (
                <a href={links.to('routes')}>Show all routes</a>
              ) : (
                <p>Routes appear here when the app starts: every controller's handlers, and those that other services report.</p>
              )}
            </Empty>
          }
        />
        <Pager noun="routes" list={list} to={(page) => links.to('routes', { ...queryOf(filter), page })} />
      </Live>
    </>
  );
}

function queryOf({ search, status, service, method, tag }: RouteFilter) {
  return { q: search, status, service, method, tag };
}

function Filters({ filter, list }: Pick<RoutesPageProps, 'filter' | 'list'>) {
  const services = list.services.map((value) => ({ value, text: value === '-' ? 'No service' : value }));
  return (
    <FilterForm
      path="routes"
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
      {services.length > 1 ? (
        <FilterSelect name="service" label="Service" value={filter.service} all="All services" choices={services} />
      ) : null}
      <FilterSelect name="method" label="Method" value={filter.method} all="All methods" choices={choicesOf(list.methods)} />
      <FilterSelect name="tag" label="Tag" value={filter.tag} all="All tags" choices={choicesOf(list.tags)} />
      <input type="hidden" name="status" value={filter.status} />
    </FilterForm>
  );
}

function StatusTabs({ filter, list }: Pick<RoutesPageProps, 'filter' | 'list'>) {
  const { links } = useView();
  const all = Object.values(list.counts).reduce((sum, count) => sum + count, 0);
  const tab = (status: RouteStatus | '', text: string, count: number) => (
    <a
      key={status}
      class="tab"
      href={links.to('routes', { ...queryOf(filter), status })}
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
