import type { AuditPage as Page } from '../../audit/audit-reader.js';
import type { Principal } from '../../http/principal.js';
import type { Links } from '../page/links.js';
import { FilterForm } from '../ui/filter-form.js';
import { Options } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { LogPager } from '../ui/pager.js';
import { Empty, Live, PageHead } from '../ui/parts.js';
import { ACTION_GROUPS } from './action-groups.js';
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
        placeholder: 'Record, e.g. flag:checkout',
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
        <Options value={query('action')} choices={[{ value: '', text: 'All actions' }]} />
        {ACTION_GROUPS.map(({ about, actions }) => (
          <optgroup key={about} label={about}>
            <Options value={query('action')} choices={actions.map((value) => ({ value, text: actionName(value) }))} />
          </optgroup>
        ))}
      </select>
      <label class="filter-date">
        since <input name="since" type="date" value={query('since')} title="In UTC" />
      </label>
      <label class="filter-date">
        before <input name="until" type="date" value={query('until')} title="In UTC" />
      </label>
    </FilterForm>
  );
}
