import type { SegmentView } from '@waygate/core';
import { columnsOf, DataTable } from '../ui/data-table.js';
import { FilterForm } from '../ui/filter-form.js';
import { Icon } from '../ui/icon.js';
import { DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import { useView } from '../ui/view.js';

interface SegmentsPageProps {
  readonly segments: readonly SegmentView[];
  /** How many flags and segments name each segment. */
  readonly uses: ReadonlyMap<string, number>;
  readonly search: string;
}

const { column, numbers, times } = columnsOf<SegmentView>();

export function SegmentsPage({ segments, uses, search }: SegmentsPageProps) {
  const { links, who } = useView();
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
        path="segments"
        label="Segments"
        list="segments-list"
        search={{ id: 'segments-search', name: 'q', value: search, placeholder: 'Search segments', label: 'Search segments' }}
      />
      <Live id="segments-list" class="list">
        <DataTable
          label="Segments"
          rows={segments}
          keyOf={({ key }) => key}
          empty={
            <Empty icon="people" title={search === '' ? 'No segments yet' : 'No segment matches'}>
              <p>Make one for beta testers or staff, then refer to it in a rule: in segment beta-testers.</p>
            </Empty>
          }
          columns={[
            column('Segment', ({ key, name, description }) => (
              <>
                <a class="route-link" href={links.segment(key)}>
                  <strong class="path">{key}</strong>
                </a>{' '}
                <span class="meta">{description || (name === key ? '' : name)}</span>
              </>
            )),
            numbers('Members', ({ included }) => included.length),
            numbers('Excluded', ({ excluded }) => excluded.length),
            numbers('Rules', ({ rules }) => rules.length),
            numbers('Used by', ({ key }) => uses.get(key) ?? 0),
            times('Changed', ({ updatedAt }) => updatedAt),
          ]}
        />
      </Live>
    </>
  );
}
