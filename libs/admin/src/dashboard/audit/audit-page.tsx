import type { AuditPage as Page } from '../../audit/audit-reader.js';
import type { Principal } from '../../auth/principal.js';
import type { Links } from '../page/links.js';
import { FilterForm } from '../ui/filter-form.js';
import { Options } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { LogPager } from '../ui/pager.js';
import { Empty, Live, PageHead } from '../ui/parts.js';
import { AuditEntries } from './audit-entries.js';
import { actionName } from './change.js';

interface AuditPageProps {
  readonly page: Page;
  readonly query: (name: string) => string;
  readonly services: readonly string[];
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

const FILTERS = ['route', 'service', 'actor', 'action', 'since', 'until'] as const;
const ACTIONS = [
  'enable',
  'disable',
  'maintenance_on',
  'maintenance_scheduled',
  'env_gate',
  'clear',
  'declare',
  'global_maintenance_on',
  'global_maintenance_off',
  'rl_policy_set',
  'rl_policy_updated',
  'rl_policy_deleted',
  'flag_created',
  'flag_updated',
  'flag_enabled',
  'flag_disabled',
  'flag_deleted',
  'segment_updated',
  'webhook_created',
  'token_created',
  'window_opened',
  'window_closed',
  'override_expired',
  'revert',
] as const;

export function AuditPage({ page, query, services, who, links, now }: AuditPageProps) {
  const given = Object.fromEntries(FILTERS.map((name) => [name, query(name)]));
  const isFiltered = FILTERS.some((name) => query(name) !== '');
  return (
    <>
      <PageHead title="Audit" note="Who changed what, from where and why; every change can be taken back.">
        <a class="button" href={links.to('api/audit/export', { ...given, format: 'jsonl' })} download>
          <Icon name="download" /> JSON lines
        </a>
        <a class="button" href={links.to('api/audit/export', { ...given, format: 'csv' })} download>
          <Icon name="download" /> CSV
        </a>
      </PageHead>
      <AuditFilters query={query} services={services} links={links} />
      <Live id="audit-list" class="list">
        {page.items.length === 0 ? (
          <Empty icon="history" title={isFiltered ? 'No change matches' : 'Nothing was changed yet'}>
            {isFiltered ? (
              <a href={links.to('audit')}>Show everything</a>
            ) : (
              <p>Disable a route or switch a flag: it appears here at once.</p>
            )}
          </Empty>
        ) : (
          <AuditEntries entries={page.items} who={who} links={links} now={now} />
        )}
        <LogPager
          noun="the log"
          newest={query('cursor') === '' ? null : links.to('audit', given)}
          older={page.next === null ? null : links.to('audit', { ...given, cursor: page.next })}
        />
      </Live>
    </>
  );
}

function AuditFilters({ query, services, links }: Pick<AuditPageProps, 'query' | 'services' | 'links'>) {
  const action = links.to('audit');
  return (
    <FilterForm
      action={action}
      label="Changes"
      list="audit-list"
      search={{
        name: 'route',
        value: query('route'),
        placeholder: 'Exact record, e.g. GET:/payments or flag:checkout',
        label: 'Record',
      }}
    >
      <input name="actor" value={query('actor')} placeholder="Actor" aria-label="Actor" autoComplete="off" />
      {services.length === 0 ? null : (
        <select name="service" aria-label="Service">
          <Options
            value={query('service')}
            choices={[{ value: '', text: 'All services' }, ...services.map((value) => ({ value, text: value }))]}
          />
        </select>
      )}
      <select name="action" aria-label="Action">
        <Options
          value={query('action')}
          choices={[{ value: '', text: 'All actions' }, ...ACTIONS.map((value) => ({ value, text: actionName(value) }))]}
        />
      </select>
      <input name="since" type="date" value={query('since')} aria-label="Since" title="Since (UTC)" />
      <input name="until" type="date" value={query('until')} aria-label="Before" title="Before (UTC)" />
    </FilterForm>
  );
}
