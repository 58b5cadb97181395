import type { SegmentView } from '@waygate/core';
import type { ComponentChildren } from 'preact';
import { Crumbs, DialogLink, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import type { SegmentUse } from './segment-uses.js';

interface SegmentPageProps {
  readonly segment: SegmentView;
  readonly uses: readonly SegmentUse[];
  readonly children: ComponentChildren;
}

export function SegmentPage({ segment, uses, children }: SegmentPageProps) {
  const { links, who } = useView();
  const { key, description, revision, updatedAt } = segment;
  return (
    <>
      <Crumbs to="segments">Segments</Crumbs>
      <PageHead
        title={<span class="path">{key}</span>}
        note={
          <>
            {description}{' '}
            <span class="meta">
              <span>r{revision}</span>
              <span>
                changed <Time at={updatedAt} />
              </span>
            </span>
          </>
        }
      >
        {who.has('operator') ? <DialogLink href={`${links.segment(key)}/delete`}>Delete</DialogLink> : null}
      </PageHead>
      <Panel title="Where it is used">
        {uses.length === 0 ? (
          <p class="hint">Nowhere yet. Name it in a rule of a flag: in segment {key}.</p>
        ) : (
          <ul class="plain-list">
            {uses.map(({ kind, key: user }) => (
              <li key={`${kind} ${user}`}>
                <a class="path" href={kind === 'flag' ? links.flag(user) : links.segment(user)}>
                  {user}
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
