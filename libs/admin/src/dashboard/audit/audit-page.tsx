import type { AuditLogPage } from '../admin/surface.js';
import { AuditEntries } from '../changes/audit-entries.js';
import { actionName } from '../changes/change.js';
import { FilterForm, FilterSelect } from '../ui/filter-form.js';
import { choicesOf, Options } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { LogPager } from '../ui/pager.js';
import { Empty, Live, PageHead } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import { ACTION_GROUPS } from './action-groups.js';

export const AUDIT_FILTERS = ['route', 'service', 'actor', 'action', 'since', 'until'] as const;
type AuditFilter = Readonly<Partial<Record<(typeof AUDIT_FILTERS)[number], string>>>;

interface AuditPageProps {
  readonly page: AuditLogPage;
  readonly filter: AuditFilter;
  /** Whether it is the newest page of the log. */
  readonly isNewest: boolean;
  readonly services: readonly string[];
}

export function AuditPage({ page, filter, isNewest, services }: AuditPageProps) {
  const { links } = useView();
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHead title="Audit" note="Who changed what, from where and why; every change can be taken back.">
        <a class="button" href={links.to('api/audit/export', { ...filter, format: 'jsonl' })} download>
          <Icon name="download" /> JSON lines
        </a>
        <a class="button" href={links.to('api/audit/export', { ...filter, format: 'csv' })} download>
          <Icon name="download" /> CSV
        </a>
      </PageHead>
      <AuditFilters filter={filter} services={services} />
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
          <AuditEntries entries={page.items} />
        )}
        <LogPager
          noun="the log"
          newest={isNewest ? null : links.to('audit', filter)}
          older={page.next === null ? null : links.to('audit', { ...filter, cursor: page.next })}
        />
      </Live>
    </>
  );
}

function AuditFilters({ filter, services }: Pick<AuditPageProps, 'filter' | 'services'>) {
  const { route = '', actor = '', service = '', action = '', since = '', until = '' } = filter;
  return (
    <FilterForm
      path="audit"
      label="Changes"
      list="audit-list"
      search={{ name: 'route', value: route, placeholder: 'Record, e.g. flag:checkout', label: 'Record' }}
    >
      <input name="actor" value={actor} placeholder="Actor" aria-label="Actor" autoComplete="off" />
      <FilterSelect name="service" label="Service" value={service} all="All services" choices={choicesOf(services)} />
      <select name="action" aria-label="Action">
        <Options value={action} choices={[{ value: '', text: 'All actions' }]} />
        {ACTION_GROUPS.map(({ about, actions }) => (
          <optgroup key={about} label={about}>
            <Options value={action} choices={actions.map((value) => ({ value, text: actionName(value) }))} />
          </optgroup>
        ))}
      </select>
      <label class="filter-date">
        since <input name="since" type="date" value={since} title="In UTC" />
      </label>
      <label class="filter-date">
        before <input name="until" type="date" value={until} title="In UTC" />
      </label>
    </FilterForm>
  );
}
