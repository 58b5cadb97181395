import { FLAG_TYPES, type FlagStatus, type FlagView, type StaleFlag } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { Links } from '../page/links.js';
import { Badge, statusName, type Tone } from '../ui/badge.js';
import { ACTIONS, DataTable } from '../ui/data-table.js';
import { FilterForm } from '../ui/filter-form.js';
import { Options } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { Pager } from '../ui/pager.js';
import { DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { servedText, SplitBar } from './shares.js';

export interface FlagQuery {
  readonly search: string;
  readonly type: string;
  readonly status: string;
  readonly tag: string;
  readonly stale: boolean;
}

interface FlagsPageProps {
  readonly flags: readonly FlagView[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly tags: readonly string[];
  readonly stale: ReadonlyMap<string, StaleFlag>;
  readonly query: FlagQuery;
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

export const FLAG_STATUSES: readonly FlagStatus[] = ['new', 'active', 'launched', 'inactive', 'deprecated', 'archived'];
const TONES: Readonly<Record<FlagStatus, Tone>> = {
  new: 'info',
  active: 'good',
  launched: 'accent',
  inactive: 'muted',
  deprecated: 'warn',
  archived: 'muted',
};
export const STALE_REASONS: Readonly<Record<StaleFlag['reason'], string>> = {
  not_evaluated: 'Nobody asked for it for a week: is it still in the code?',
  serves_one_value: 'Everybody gets the same for a week: it can leave the code',
  deprecated_in_use: 'Deprecated, but still asked for',
  archived_in_use: 'Archived, but still asked for',
};

export function FlagsPage({ flags, total, page, pages, tags, stale, query, who, links, now }: FlagsPageProps) {
  const asked = { q: query.search, type: query.type, status: query.status, tag: query.tag, stale: query.stale ? 'yes' : '' };
  return (
    <>
      <PageHead title="Flags" note="Features that some see and others do not, until everybody does.">
        {who.has('operator') ? (
          <DialogLink href={links.to('flags/new')} class="button primary">
            <Icon name="plus" /> New flag
          </DialogLink>
        ) : null}
      </PageHead>
      <Filters query={query} tags={tags} links={links} />
      <Live id="flags-list" class="list">
        {flags.length === 0 ? (
          <Empty icon="flag" title={Object.values(asked).some((value) => value !== '') ? 'No flag matches' : 'No flags yet'}>
            {Object.values(asked).some((value) => value !== '') ? (
              <a href={links.to('flags')}>Show all flags</a>
            ) : (
              <p>
                Make one, then ask for it in the code: engine.sync.flags.boolean('new-checkout', false, {'{'} targetingKey {'}'}).
              </p>
            )}
          </Empty>
        ) : (
          <DataTable
            label="Flags"
            columns={['Flag', 'Switch', 'Status', 'Serves', 'Changed', ...(who.has('operator') ? [ACTIONS] : [])]}
          >
            {flags.map((flag) => (
              <FlagRow
                key={flag.key}
                flag={flag}
                stale={stale.get(flag.key)}
                acts={who.has('operator')}
                links={links}
                now={now}
              />
            ))}
          </DataTable>
        )}
        <Pager
          noun="flags"
          page={page}
          pages={pages}
          total={total}
          to={(other) => links.to('flags', { ...asked, page: other })}
        />
      </Live>
    </>
  );
}

function Filters({ query, tags, links }: { readonly query: FlagQuery; readonly tags: readonly string[]; readonly links: Links }) {
  const action = links.to('flags');
  const all = (text: string, values: readonly string[]) => [
    { value: '', text },
    ...values.map((value) => ({ value, text: value })),
  ];
  return (
    <FilterForm
      action={action}
      label="Flags"
      list="flags-list"
      search={{ id: 'flags-search', name: 'q', value: query.search, placeholder: 'Search keys and names', label: 'Search flags' }}
    >
      <select name="type" aria-label="Type">
        <Options value={query.type} choices={all('All types', FLAG_TYPES)} />
      </select>
      <select name="status" aria-label="Status">
        <Options value={query.status} choices={all('All statuses', FLAG_STATUSES)} />
      </select>
      {tags.length === 0 ? null : (
        <select name="tag" aria-label="Tag">
          <Options value={query.tag} choices={all('All tags', tags)} />
        </select>
      )}
      <select name="stale" aria-label="Stale">
        <Options
          value={query.stale ? 'yes' : ''}
          choices={[
            { value: '', text: 'Stale or not' },
            { value: 'yes', text: 'Stale only' },
          ]}
        />
      </select>
    </FilterForm>
  );
}

interface FlagRowProps {
  readonly flag: FlagView;
  readonly stale: StaleFlag | undefined;
  readonly acts: boolean;
  readonly links: Links;
  readonly now: number;
}

function FlagRow({ flag, stale, acts, links, now }: FlagRowProps) {
  const { key, name, type, tags, enabled, fallthrough, rules, updatedAt } = flag;
  return (
    <tr data-key={key}>
      <td>
        <a class="route-link" href={links.flag(key)}>
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
      </td>
      <td>
        <FlagSwitch enabled={enabled} />
      </td>
      <td class="cell-status">
        <FlagStatusBadge status={flag.status} />
        {stale === undefined ? null : (
          <Badge tone="warn" title={STALE_REASONS[stale.reason]}>
            Stale
          </Badge>
        )}
      </td>
      <td class="cell-serves">
        {enabled ? servedText(fallthrough) : flag.offVariation}
        {enabled && typeof fallthrough !== 'string' ? (
          <SplitBar shares={fallthrough} label={servedText(fallthrough)} />
        ) : null}{' '}
        {rules.length === 0 ? null : (
          <span class="meta">
            {rules.length} {rules.length === 1 ? 'rule' : 'rules'}
          </span>
        )}
      </td>
      <td class="nowrap">
        <Time at={updatedAt} now={now} />
      </td>
      {acts ? (
        <td class="cell-actions">
          {flag.status === 'archived' ? null : (
            <DialogLink class="button small" href={`${links.flag(key)}/switch`} label={`Switch ${enabled ? 'off' : 'on'} ${key}`}>
              {enabled ? 'Switch off' : 'Switch on'}
            </DialogLink>
          )}
        </td>
      ) : null}
    </tr>
  );
}

export function FlagSwitch({ enabled }: { readonly enabled: boolean }) {
  return (
    <span class={`badge badge-dot ${enabled ? 'badge-good' : 'badge-muted'}`} data-enabled={enabled}>
      {enabled ? 'On' : 'Off'}
    </span>
  );
}

export function FlagStatusBadge({ status }: { readonly status: FlagStatus }) {
  return <Badge tone={TONES[status]}>{statusName(status)}</Badge>;
}
