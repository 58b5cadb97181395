import type { ComponentChildren } from 'preact';
import type { FlagView, RecordedAuditEntry, StaleFlag } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import { AuditEntries } from '../audit/audit-entries.js';
import type { Links } from '../page/links.js';
import { Badge } from '../ui/badge.js';
import { DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { FlagStatusBadge, FlagSwitch, STALE_REASONS } from './flags-page.js';

export const FLAG_TABS = ['targeting', 'definition', 'prerequisites', 'schedule', 'evaluations', 'history'] as const;
export type FlagTab = (typeof FLAG_TABS)[number];

interface FlagPageProps {
  readonly flag: FlagView;
  readonly stale: StaleFlag | undefined;
  readonly tab: FlagTab;
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
  readonly children: ComponentChildren;
}

/** The head of a flag and one of its sides. */
export function FlagPage({ flag, stale, tab, who, links, now, children }: FlagPageProps) {
  const here = links.flag(flag.key);
  return (
    <>
      <p class="crumbs">
        <a href={links.to('flags')}>Flags</a>
      </p>
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
                    switches back <Time at={flag.switchBackAt} now={now} />
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

interface HistoryProps {
  readonly entries: readonly RecordedAuditEntry[];
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

export function FlagHistory(props: HistoryProps) {
  return (
    <Live id="flag-history" class="list">
      {props.entries.length === 0 ? <Empty icon="history" title="Nothing was changed yet" /> : <AuditEntries {...props} />}
    </Live>
  );
}
