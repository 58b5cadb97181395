import { FLAG_TYPES, type FlagView, type StaleFlag } from '@waygate/core';
import { columnsOf, DataTable } from '../ui/data-table.js';
import { FilterForm, FilterSelect } from '../ui/filter-form.js';
import { choicesOf } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { Pager } from '../ui/pager.js';
import type { Paged } from '../ui/paging.js';
import { DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import { FLAG_STATUSES, FlagStatusBadge, FlagSwitch, StaleBadge } from './flag-status.js';
import { servedText, SplitBar } from './shares.js';

type FlagFilter = Readonly<Partial<Record<'q' | 'type' | 'status' | 'tag' | 'stale', string>>>;

interface FlagsPageProps {
  readonly list: Paged<FlagView>;
  readonly filter: FlagFilter;
  readonly tags: readonly string[];
  readonly stale: ReadonlyMap<string, StaleFlag>;
}

const { actions, column, times } = columnsOf<FlagView>();

export function FlagsPage({ list, filter, tags, stale }: FlagsPageProps) {
  const { links, who } = useView();
  const isFiltered = Object.keys(filter).length > 0;
  const acts = who.has('operator');
  return (
    <>
      <PageHead title="Flags" note="Features that some see and others do not, until everybody does.">
        {acts ? (
          <DialogLink href={links.to('flags/new')} class="button primary">
            <Icon name="plus" /> New flag
          </DialogLink>
        ) : null}
      </PageHead>
      <Filters filter={filter} tags={tags} />
      <Live id="flags-list" class="list">
        <DataTable
          label="Flags"
          rows={list.items}
          keyOf={({ key }) => key}
          empty={
            <Empty icon="flag" title={isFiltered ? 'No flag matches' : 'No flags yet'}>
              {isFiltered ? (
                <a href={links.to('flags')}>Show all flags</a>
              ) : (
                <p>
                  Make one, then ask for it in the code: engine.sync.flags.boolean('new-checkout', false, {'{'} targetingKey {'}'}
                  ).
                </p>
              )}
            </Empty>
          }
          columns={[
            column('Flag', (flag) => <FlagName flag={flag} />),
            column('Switch', ({ enabled }) => <FlagSwitch enabled={enabled} />),
            column(
              'Status',
              ({ key, status }) => (
                <>
                  <FlagStatusBadge status={status} />
                  <StaleBadge stale={stale.get(key)} />
                </>
              ),
              { cellClass: 'cell-status' },
            ),
            column('Serves', (flag) => <Serves flag={flag} />, { cellClass: 'cell-serves' }),
            times('Changed', ({ updatedAt }) => updatedAt),
            acts ? actions((flag) => <SwitchLink flag={flag} />) : null,
          ]}
        />
        <Pager noun="flags" list={list} to={(page) => links.to('flags', { ...filter, page })} />
      </Live>
    </>
  );
}

function Filters({ filter, tags }: Pick<FlagsPageProps, 'filter' | 'tags'>) {
  const { q = '', type = '', status = '', tag = '', stale = '' } = filter;
  return (
    <FilterForm
      path="flags"
      label="Flags"
      list="flags-list"
      search={{ id: 'flags-search', name: 'q', value: q, placeholder: 'Search keys and names', label: 'Search flags' }}
    >
      <FilterSelect name="type" label="Type" value={type} all="All types" choices={choicesOf(FLAG_TYPES)} />
      <FilterSelect name="status" label="Status" value={status} all="All statuses" choices={choicesOf(FLAG_STATUSES)} />
      <FilterSelect name="tag" label="Tag" value={tag} all="All tags" choices={choicesOf(tags)} />
      <FilterSelect
        name="stale"
        label="Stale"
        value={stale}
        all="Stale or not"
        choices={[{ value: 'yes', text: 'Stale only' }]}
      />
    </FilterForm>
  );
}

interface CellProps {
  readonly flag: FlagView;
}

function FlagName({ flag: { key, name, type, tags } }: CellProps) {
  return (
    <>
      <a class="route-link" href={useView().links.flag(key)}>
        <strong class="path">{key}</strong>
      </a>{' '}
      <span class="meta">
        <span>{type}</span>
        {name === key ? null : <span>{name}</span>}
        {tags.map((tag) => (
          <span class="tag" key={tag}>
            {tag}
          </span>
        ))}
      </span>
    </>
  );
}

function Serves({ flag: { enabled, fallthrough, offVariation, rules } }: CellProps) {
  return (
    <>
      {enabled ? servedText(fallthrough) : offVariation}
      {enabled && typeof fallthrough !== 'string' ? <SplitBar shares={fallthrough} label={servedText(fallthrough)} /> : null}{' '}
      {rules.length === 0 ? null : (
        <span class="meta">
          {rules.length} {rules.length === 1 ? 'rule' : 'rules'}
        </span>
      )}
    </>
  );
}

function SwitchLink({ flag: { key, enabled, status } }: CellProps) {
  const { links } = useView();
  if (status === 'archived') return null;
  const action = enabled ? 'off' : 'on';
  return (
    <DialogLink class="button small" href={`${links.flag(key)}/switch`} label={`Switch ${action} ${key}`}>
      Switch {action}
    </DialogLink>
  );
}
