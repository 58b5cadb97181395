import type { Health } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { Instance } from '../../sync/instances.js';
import type { Links } from '../page/links.js';
import { Badge, ROUTE_STATUSES, StatusBadge } from '../ui/badge.js';
import { ACTIONS, DataTable, numeric } from '../ui/data-table.js';
import { healthFacts } from '../ui/health-facts.js';
import { DialogLink, Empty, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import type { ServiceSummary } from './service-summary.js';

interface Here {
  readonly health: Health;
  readonly revision: number;
  readonly environment: string;
  readonly service: string | null;
}

interface ServicesPageProps {
  readonly services: readonly ServiceSummary[];
  /** Processes that follow this one. */
  readonly instances: readonly Instance[];
  readonly here: Here;
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

export function ServicesPage({ services, instances, here, who, links, now }: ServicesPageProps) {
  return (
    <>
      <PageHead title="Services" note="Who shares this state, and how each of them stands." />
      <Live id="services">
        <Panel title="Services" flush>
          {services.length === 0 ? (
            <Empty icon="stack" title="No routes yet">
              <p>A service appears when it registers its routes.</p>
            </Empty>
          ) : (
            <DataTable
              label="Services"
              columns={['Service', numeric('Routes'), 'State', 'Limit', numeric('Changed at'), ACTIONS]}
            >
              {services.map((summary) => (
                <ServiceRow key={summary.service ?? '-'} summary={summary} who={who} links={links} />
              ))}
            </DataTable>
          )}
        </Panel>
        {instances.length === 0 ? null : <InstancesPanel instances={instances} revision={here.revision} now={now} />}
        <Panel title="This process">
          <Facts
            rows={[
              ['Service', here.service ?? 'stands alone'],
              ['Environment', here.environment],
              ...healthFacts(here.health, now),
              ['Applied revision', `r${here.revision}`],
            ]}
          />
        </Panel>
      </Live>
    </>
  );
}

interface InstancesPanelProps {
  readonly instances: readonly Instance[];
  readonly revision: number;
  readonly now: number;
}

function InstancesPanel({ instances, revision, now }: InstancesPanelProps) {
  const current = instances.filter((instance) => instance.revision >= revision).length;
  return (
    <Panel title={`Instances: ${current} of ${instances.length} at revision ${revision}`} flush>
      <DataTable
        label="Instances"
        columns={['Instance', 'Service', 'Version', 'State', numeric('Applied revision'), 'Last seen']}
      >
        {instances.map((instance) => (
          <tr key={`${instance.service ?? ''} ${instance.id}`}>
            <td>
              <code>{instance.id}</code>
            </td>
            <td>{instance.service ?? <span class="faint">none</span>}</td>
            <td>{instance.version ?? <span class="faint">unknown</span>}</td>
            <td class="cell-status">
              {instance.isConnected ? <Badge tone="good">connected</Badge> : <Badge tone="warn">gone</Badge>}
              {instance.revision < revision ? <Badge tone="warn">{`${revision - instance.revision} behind`}</Badge> : null}
            </td>
            <td class="num" data-label="applied revision">
              r{instance.revision}
            </td>
            <td>
              <Time at={instance.lastSeen} now={now} />
            </td>
          </tr>
        ))}
      </DataTable>
    </Panel>
  );
}

function ServiceRow({
  summary,
  who,
  links,
}: {
  readonly summary: ServiceSummary;
  readonly who: Principal;
  readonly links: Links;
}) {
  const { service, routes, counts, maintenance, limit, revision } = summary;
  return (
    <tr>
      <td>
        <a class="route-link" href={links.to('routes', { service: service ?? '-' })}>
          <strong>{service ?? 'No service'}</strong>
        </a>
      </td>
      <td class="num" data-label="routes">
        {routes}
      </td>
      <td class="cell-status">
        {maintenance?.inForce === true ? <Badge tone="warn">Service in maintenance</Badge> : null}
        {ROUTE_STATUSES.filter((status) => status !== 'active' && counts[status] > 0).map((status) => (
          <a key={status} href={links.to('routes', { service: service ?? '-', status })}>
            <StatusBadge status={status} /> {counts[status]}
          </a>
        ))}
        {counts.active === routes ? <StatusBadge status="active" /> : null}
      </td>
      <td data-label="limit">{limit === null ? <span class="faint">none</span> : <code>{limit.policy.limit}</code>}</td>
      <td class="num" data-label="changed at">
        r{revision}
      </td>
      <td class="cell-actions">
        {service !== null && who.has('operator') ? (
          <DialogLink class="button small" href={links.to(`maintenance/${service}`)} label={`Maintenance of ${service}`}>
            Maintenance
          </DialogLink>
        ) : null}
      </td>
    </tr>
  );
}
