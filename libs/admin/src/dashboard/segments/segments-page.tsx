import type { ComponentChildren } from 'preact';
import type { SegmentView } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { Links } from '../page/links.js';
import { DataTable, numeric } from '../ui/data-table.js';
import { FilterForm } from '../ui/filter-form.js';
import { Icon } from '../ui/icon.js';
import { DialogLink, Empty, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import type { SegmentUse } from './segment-uses.js';

interface SegmentsPageProps {
  readonly segments: readonly SegmentView[];
  readonly uses: ReadonlyMap<string, number>;
  readonly search: string;
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

export function SegmentsPage({ segments, uses, search, who, links, now }: SegmentsPageProps) {
  const action = links.to('segments');
  return (
    <>
      <PageHead title="Segments" note="Named sets of callers that flags refer to.">
        {who.has('operator') ? (
          <DialogLink href={links.to('segments/new')} class="button primary">
            <Icon name="plus" /> New segment
          </DialogLink>
        ) : null}
      </PageHead>
      <FilterForm
        action={action}
        label="Segments"
        list="segments-list"
        search={{ id: 'segments-search', name: 'q', value: search, placeholder: 'Search segments', label: 'Search segments' }}
      />
      <Live id="segments-list" class="list">
        {segments.length === 0 ? (
          <Empty icon="people" title={search === '' ? 'No segments yet' : 'No segment matches'}>
            <p>Make one for beta testers or staff, then refer to it in a rule: in segment beta-testers.</p>
          </Empty>
        ) : (
          <DataTable
            label="Segments"
            columns={['Segment', numeric('Members'), numeric('Excluded'), numeric('Rules'), numeric('Used by'), 'Changed']}
          >
            {segments.map((segment) => (
              <tr key={segment.key}>
                <td>
                  <a class="route-link" href={links.segment(segment.key)}>
                    <strong class="path">{segment.key}</strong>
                  </a>{' '}
                  <span class="meta">{segment.description || (segment.name === segment.key ? '' : segment.name)}</span>
                </td>
                <td class="num" data-label="members">
                  {segment.included.length}
                </td>
                <td class="num" data-label="excluded">
                  {segment.excluded.length}
                </td>
                <td class="num" data-label="rules">
                  {segment.rules.length}
                </td>
                <td class="num" data-label="used by">
                  {uses.get(segment.key) ?? 0}
                </td>
                <td class="nowrap">
                  <Time at={segment.updatedAt} now={now} />
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      </Live>
    </>
  );
}

interface SegmentPageProps {
  readonly segment: SegmentView;
  readonly uses: readonly SegmentUse[];
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
  readonly children: ComponentChildren;
}

export function SegmentPage({ segment, uses, who, links, now, children }: SegmentPageProps) {
  return (
    <>
      <p class="crumbs">
        <a href={links.to('segments')}>Segments</a>
      </p>
      <PageHead
        title={<span class="path">{segment.key}</span>}
        note={
          <>
            {segment.description}{' '}
            <span class="meta">
              <span>r{segment.revision}</span>
              <span>
                changed <Time at={segment.updatedAt} now={now} />
              </span>
            </span>
          </>
        }
      >
        {who.has('operator') ? <DialogLink href={`${links.segment(segment.key)}/delete`}>Delete</DialogLink> : null}
      </PageHead>
      <Panel title="Where it is used">
        {uses.length === 0 ? (
          <p class="hint">Nowhere yet. Name it in a rule of a flag: in segment {segment.key}.</p>
        ) : (
          <ul class="plain-list">
            {uses.map(({ kind, key }) => (
              <li key={`${kind} ${key}`}>
                <a class="path" href={kind === 'flag' ? links.flag(key) : links.segment(key)}>
                  {key}
                </a>
                <span class="hint">{kind}</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {children}
    </>
  );
}
