import type { RouteView } from '@waygate/core';
import type { ComponentChildren } from 'preact';
import type { RouteTraffic } from '../activity/route-traffic.js';
import { Badge, EffectiveBadge, Method, statusName } from '../ui/badge.js';
import { columnsOf, DataTable, Faint } from '../ui/data-table.js';
import { count, counted, duration } from '../ui/figures.js';
import { Sparkline } from '../ui/sparkline.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import { RouteMenu } from './route-menu.js';

const { actions, column, numbers } = columnsOf<RouteView>();

interface RouteTableProps {
  readonly routes: readonly RouteView[];
  /** How often each route was refused within the hour. */
  readonly refused: ReadonlyMap<string, number>;
  /** Requests of each route within the hour. */
  readonly traffic: ReadonlyMap<string, RouteTraffic>;
  readonly empty: ComponentChildren;
}

export function RouteTable({ routes, refused, traffic, empty }: RouteTableProps) {
  const acts = useView().who.has('operator');
  return (
    <DataTable
      label="Routes"
      class="routes"
      rows={routes}
      keyOf={({ key }) => key}
      empty={empty}
      columns={[
        acts ? column(<SelectAll />, (route) => <SelectRoute route={route} />, { class: 'cell-check' }) : null,
        column('Route', (route) => <RouteCell route={route} />, { cellClass: 'cell-route' }),
        column('Status', (route) => <StatusCell route={route} />, { cellClass: 'cell-status' }),
        column('Why, until when', (route) => <Why route={route} />, { class: 'cell-why' }),
        column('Requests 1 h', ({ key }) => <Requests traffic={traffic.get(key)} />, {
          title: 'Requests and errors within the hour in this process',
          cellClass: 'cell-traffic',
          label: '1 h',
        }),
        column('p95', ({ key }) => <Latency traffic={traffic.get(key)} />, {
          title: '95 % of the answers took at most so long',
          class: 'cell-p95',
          cellClass: 'cell-traffic cell-p95',
          label: 'p95',
        }),
        numbers('Refused 1 h', ({ key }) => refused.get(key) ?? <Faint>0</Faint>),
        acts ? actions((route) => (route.forceActive ? null : <RouteMenu route={route} />)) : null,
      ]}
    />
  );
}

function SelectAll() {
  return <input type="checkbox" data-select-all aria-label="Select all shown" />;
}

function SelectRoute({ route: { key, forceActive } }: { readonly route: RouteView }) {
  return forceActive ? null : <input type="checkbox" name="key" value={key} form="bulk" aria-label={`Select ${key}`} />;
}

function RouteCell({ route: { key, method, path, service, tags } }: { readonly route: RouteView }) {
  return (
    <>
      <a href={useView().links.route(key)} class="route-link">
        <Method method={method} />
        <span class="path">{path}</span>
      </a>
      {service === null ? null : <span class="tag">{service}</span>}
      <Tags tags={tags} />
    </>
  );
}

function StatusCell({ route }: { readonly route: RouteView }) {
  return (
    <>
      <EffectiveBadge state={route.effective} />
      {route.deprecation !== null && route.effective.status !== 'deprecated' ? <Badge tone="muted">Deprecated</Badge> : null}
      {route.forceActive ? (
        <Badge tone="accent" title="Declared @ForceActive(): nothing takes it down but global maintenance that says so">
          Force-active
        </Badge>
      ) : null}
      {route.source === 'override' ? <span class="override">override</span> : null}
    </>
  );
}

const MAX_TAGS_SHOWN = 3;

function Tags({ tags }: { readonly tags: readonly string[] }) {
  const rest = tags.slice(MAX_TAGS_SHOWN);
  return (
    <>
      {tags.slice(0, MAX_TAGS_SHOWN).map((tag) => (
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

interface TrafficProps {
  /** `undefined` = no request came. */
  readonly traffic: RouteTraffic | undefined;
}

function Requests({ traffic }: TrafficProps) {
  if (traffic === undefined) return <Faint>–</Faint>;
  const { figures, requests, errors } = traffic;
  return (
    <>
      <Sparkline values={requests} over={errors} tone="info" />
      <span class="spark-text">
        {count(figures.requests)}
        {figures.appErrors === 0 ? null : <span class="errors">{counted(figures.appErrors, 'error')}</span>}
      </span>
    </>
  );
}

function Latency({ traffic }: TrafficProps) {
  if (traffic === undefined) return <Faint>–</Faint>;
  return (
    <>
      <Sparkline values={traffic.p95} tone="accent" />
      <span class="spark-text">{duration(traffic.figures.p95)}</span>
    </>
  );
}

function Why({ route }: { readonly route: RouteView }) {
  const { environments, deprecation, effective } = route;
  const { reason, since, until, next, setBy, status } = effective;
  return (
    <>
      {reason === '' ? null : <span class="reason">{reason}</span>}
      <span class="meta">
        {environments === null ? null : <span>only in {environments.join(', ')}</span>}
        {until === null ? null : (
          <span>
            ends <Time at={until} />
          </span>
        )}
        {until === null && next !== null ? (
          <span>
            {statusName(next.status).toLowerCase()} <Time at={next.at} />
          </span>
        ) : null}
        {status === 'deprecated' && deprecation?.sunset != null ? (
          <span>
            sunset <Time at={deprecation.sunset} />
          </span>
        ) : null}
        {setBy === null ? null : (
          <span>
            {setBy}
            {since === null ? null : (
              <>
                , <Time at={since} />
              </>
            )}
          </span>
        )}
      </span>
    </>
  );
}
