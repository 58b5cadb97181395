import type { ComponentChildren } from 'preact';
import type { FlagView, RecordedAuditEntry, StaleFlag } from '@waygate/core';
import { AuditEntries } from '../changes/audit-entries.js';
import { Badge } from '../ui/badge.js';
import { Crumbs, DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import { FlagStatusBadge, FlagSwitch, STALE_REASONS } from './flag-status.js';

export const FLAG_TABS = ['targeting', 'definition', 'prerequisites', 'schedule', 'evaluations', 'history'] as const;
export type FlagTab = (typeof FLAG_TABS)[number];

interface FlagPageProps {
  readonly flag: FlagView;
  readonly stale: StaleFlag | undefined;
  readonly tab: FlagTab;
  readonly children: ComponentChildren;
}

/** The head of a flag and one of its sides. */
export function FlagPage({ flag, stale, tab, children }: FlagPageProps) {
  const { links, who } = useView();
  const here = links.flag(flag.key);
  return (
    <>
      <Crumbs to="flags">Flags</Crumbs>
      <Live id="flag-head">
        <PageHead
          title={
            <>
              <span class="path">{flag.key}</span> <FlagSwitch enabled={flag.enabled} /> <FlagStatusBadge status={flag.status} />
              {stale === undefined ? null : <Badge tone="warn">Stale</Badge>}
            </>
          }
          note={
            <>
              {flag.name === flag.key ? null : <strong>{flag.name}. </strong>}
              {flag.description}{' '}
              <span class="meta">
                <span>{flag.type}</span>
                <span>r{flag.revision}</span>
                {flag.maintainer === null ? null : <span>{flag.maintainer}</span>}
                {flag.switchBackAt === null ? null : (
                  <span>
                    switches back <Time at={flag.switchBackAt} />
                  </span>
                )}
              </span>
              {stale === undefined ? null : <span class="hint"> {STALE_REASONS[stale.reason]}.</span>}
            </>
          }
        >
          {who.has('operator') ? <FlagActions flag={flag} here={here} /> : null}
        </PageHead>
      </Live>
      <nav class="tabs standalone" aria-label="Sides of the flag">
        {FLAG_TABS.map((name) => (
          <a
            key={name}
            class="tab"
            href={name === 'targeting' ? here : `${here}?tab=${name}`}
            aria-current={name === tab ? 'true' : undefined}
          >
            {name.charAt(0).toUpperCase() + name.slice(1)}
          </a>
        ))}
      </nav>
      {children}
    </>
  );
}

function FlagActions({ flag, here }: { readonly flag: FlagView; readonly here: string }) {
  const archived = flag.status === 'archived';
  return (
    <>
      {archived ? null : (
        <DialogLink href={`${here}/switch`} class={flag.enabled ? 'button' : 'button primary'}>
          {flag.enabled ? 'Switch off' : 'Switch on'}
        </DialogLink>
      )}
      <DialogLink href={`${here}/${archived ? 'restore' : 'archive'}`}>{archived ? 'Restore' : 'Archive'}</DialogLink>
      <DialogLink href={`${here}/delete`}>Delete</DialogLink>
    </>
  );
}

export function FlagHistory({ entries }: { readonly entries: readonly RecordedAuditEntry[] }) {
  return (
    <Live id="flag-history" class="list">
      {entries.length === 0 ? <Empty icon="history" title="Nothing was changed yet" /> : <AuditEntries entries={entries} />}
    </Live>
  );
}
