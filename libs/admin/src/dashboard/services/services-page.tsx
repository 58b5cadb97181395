import type { Health } from '@waygate/core';
import type { Instance } from '../admin/surface.js';
import { Badge, ROUTE_STATUSES, StatusBadge } from '../ui/badge.js';
import { columnsOf, DataTable, Faint } from '../ui/data-table.js';
import { healthFacts } from '../ui/health-facts.js';
import { DialogLink, Empty, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { useView } from '../ui/view.js';
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
}

export function ServicesPage({ services, instances, here }: ServicesPageProps) {
  return (
    <>
      <PageHead title="Services" note="Who shares this state, and how each of them stands." />
      <Live id="services">
        <Panel title="Services" flush>
          <ServiceTable services={services} />
        </Panel>
        {instances.length === 0 ? null : <InstancesPanel instances={instances} revision={here.revision} />}
        <Panel title="This process">
          <Facts
            rows={[
              ['Service', here.service ?? 'stands alone'],
              ['Environment', here.environment],
              ...healthFacts(here.health),
              ['Applied revision', `r${here.revision}`],
            ]}
          />
        </Panel>
      </Live>
    </>
  );
}

function ServiceTable({ services }: { readonly services: readonly ServiceSummary[] }) {
  const { links, who } = useView();
  const { actions, column, numbers } = columnsOf<ServiceSummary>();
  return (
    <DataTable
      label="Services"
      rows={services}
      keyOf={({ service }) => service ?? '-'}
      empty={
        <Empty icon="stack" title="No routes yet">
          <p>A service appears when it registers its routes.</p>
        </Empty>
      }
      columns={[
        column('Service', ({ service }) => (
          <a class="route-link" href={links.to('routes', { service: service ?? '-' })}>
            <strong>{service ?? 'No service'}</strong>
          </a>
        )),
        numbers('Routes', ({ routes }) => routes),
        column('State', (summary) => <ServiceState {...summary} />, { cellClass: 'cell-status' }),
        column('Limit', ({ limit }) => (limit === null ? <Faint>none</Faint> : <code>{limit.policy.limit}</code>), {
          label: 'limit',
        }),
        numbers('Changed at', ({ revision }) => `r${revision}`),
        actions(({ service }) =>
          service !== null && who.has('operator') ? (
            <DialogLink class="button small" href={links.to(`maintenance/${service}`)} label={`Maintenance of ${service}`}>
              Maintenance
            </DialogLink>
          ) : null,
        ),
      ]}
    />
  );
}

function ServiceState({ service, routes, counts, maintenance }: ServiceSummary) {
  const { links } = useView();
  return (
    <>
      {maintenance !== null && maintenance.current !== null ? <Badge tone="warn">Service in maintenance</Badge> : null}
      {ROUTE_STATUSES.filter((status) => status !== 'active' && counts[status] > 0).map((status) => (
        <a key={status} href={links.to('routes', { service: service ?? '-', status })}>
          <StatusBadge status={status} /> {counts[status]}
        </a>
      ))}
      {counts.active === routes ? <StatusBadge status="active" /> : null}
    </>
  );
}

interface InstancesPanelProps {
  readonly instances: readonly Instance[];
  readonly revision: number;
}

function InstancesPanel({ instances, revision }: InstancesPanelProps) {
  const { column, numbers, times } = columnsOf<Instance>();
  const current = instances.filter((instance) => instance.revision >= revision).length;
  return (
    <Panel title={`Instances: ${current} of ${instances.length} at revision ${revision}`} flush>
      <DataTable
        label="Instances"
        rows={instances}
        keyOf={({ service, id }) => `${service ?? ''} ${id}`}
        columns={[
          column('Instance', ({ id }) => <code>{id}</code>),
          column('Service', ({ service }) => service ?? <Faint>none</Faint>),
          column('Version', ({ version }) => version ?? <Faint>unknown</Faint>),
          column(
            'State',
            ({ isConnected, revision: at }) => (
              <>
                {isConnected ? <Badge tone="good">connected</Badge> : <Badge tone="warn">gone</Badge>}
                {at < revision ? <Badge tone="warn">{`${revision - at} behind`}</Badge> : null}
              </>
            ),
            { cellClass: 'cell-status' },
          ),
          numbers('Applied revision', ({ revision: at }) => `r${at}`),
          times('Last seen', ({ lastSeen }) => lastSeen),
        ]}
      />
    </Panel>
  );
}
