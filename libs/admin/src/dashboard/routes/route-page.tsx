import type { RateLimitPolicy, RecordedAuditEntry, RouteView } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import { AuditEntries } from '../audit/audit-entries.js';
import type { Links } from '../page/links.js';
import { Badge, Method, StatusBadge } from '../ui/badge.js';
import { DialogLink, Empty, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { algorithmName, countedApart } from '../ui/policy-words.js';
import { Time } from '../ui/time.js';
import type { CallerQuery } from './caller-query.js';
import { ExplainPanel } from './explain-panel.js';
import type { Step } from './explain-route.js';
import { RouteTrafficPanel, type RouteHour } from './route-traffic-panel.js';

interface RoutePageProps {
  readonly route: RouteView;
  readonly policies: readonly RateLimitPolicy[];
  readonly steps: readonly Step[];
  readonly caller: CallerQuery;
  readonly problem: string | null;
  /** `null` = requests are not counted. */
  readonly hour: RouteHour | null;
  readonly history: readonly RecordedAuditEntry[];
  readonly refused: number;
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

export function RoutePage({ route, policies, history, refused, hour, who, links, now, ...explained }: RoutePageProps) {
  const acts = who.has('operator') && !route.forceActive;
  return (
    <>
      <p class="crumbs">
        <a href={links.to('routes')}>Routes</a>
      </p>
      <Live id="route">
        <PageHead
          title={
            <>
              <Method method={route.method} /> <span class="path">{route.path}</span>
            </>
          }
          note={
            <>
              <StatusBadge status={route.status} /> {route.reason === '' ? null : <span class="reason">{route.reason}</span>}
            </>
          }
        >
          {acts ? <Actions route={route} links={links} /> : null}
        </PageHead>
      </Live>
      <RouteTrafficPanel hour={hour} />
      <div class="grid-2">
        <Live id="route-state">
          <StatePanel route={route} refused={refused} links={links} now={now} />
          <LimitsPanel route={route} policies={policies} acts={who.has('operator') && !route.forceActive} links={links} />
        </Live>
        <ExplainPanel route={route} links={links} {...explained} />
      </div>
      <Live id="route-history">
        <Panel title="History" flush>
          {history.length === 0 ? (
            <Empty icon="history" title="Nobody changed this route yet" />
          ) : (
            <AuditEntries entries={history} who={who} links={links} now={now} />
          )}
        </Panel>
      </Live>
    </>
  );
}

function Actions({ route, links }: { readonly route: RouteView; readonly links: Links }) {
  const to = (action: string) => links.to(`routes/act/${action}`, { key: route.key });
  return (
    <>
      {route.state === 'active' ? null : (
        <DialogLink href={to('enable')} class="button primary">
          Enable
        </DialogLink>
      )}
      <DialogLink href={to('maintenance')}>Maintenance</DialogLink>
      <DialogLink href={to('disable')}>Disable</DialogLink>
      <DialogLink href={to('environments')}>Environments</DialogLink>
      <DialogLink href={to('schedule')}>Schedule</DialogLink>
      {route.override === null ? null : <DialogLink href={to('clear')}>Clear override</DialogLink>}
    </>
  );
}

interface StateProps {
  readonly route: RouteView;
  readonly refused: number;
  readonly links: Links;
  readonly now: number;
}

/** To the other routes with the same tag. */
function TagLinks({ tags, links }: { readonly tags: readonly string[]; readonly links: Links }) {
  return (
    <span class="meta">
      {tags.map((tag) => (
        <a class="tag soft" key={tag} href={links.to('routes', { tag })}>
          {tag}
        </a>
      ))}
    </span>
  );
}

function StatePanel({ route, refused, links, now }: StateProps) {
  const { declared, override, deprecation } = route;
  return (
    <Panel title="State">
      <Facts
        rows={[
          ['In force', <StatusBadge status={route.status} />],
          ['Comes from', route.source === 'override' ? 'an operator (override)' : 'the code (declared)'],
          [
            'Code declares',
            `${declared.state}${declared.environments === null ? '' : `, only in ${declared.environments.join(', ')}`}`,
          ],
          override === null
            ? ['Override', <span class="faint">none</span>]
            : [
                'Override',
                <>
                  {override.state.replace('_', ' ')}, by {override.setBy}, <Time at={override.setAt} now={now} />
                </>,
              ],
          route.environments === null ? null : ['Environments', route.environments.join(', ')],
          route.nextChange === null ? null : ['Changes', <Time at={route.nextChange} now={now} />],
          deprecation === null ? null : ['Deprecated', <Time at={deprecation.since} now={now} />],
          deprecation?.sunset == null ? null : ['Sunset', <Time at={deprecation.sunset} now={now} />],
          deprecation?.successor == null ? null : ['Successor', <code>{deprecation.successor}</code>],
          route.tags.length === 0 ? null : ['Tags', <TagLinks tags={route.tags} links={links} />],
          ['Service', route.service ?? <span class="faint">none</span>],
          ['Refused within the hour', String(refused)],
          ['Revision', `r${route.revision}`],
        ]}
      />
    </Panel>
  );
}

interface LimitsProps {
  readonly route: RouteView;
  readonly policies: readonly RateLimitPolicy[];
  readonly acts: boolean;
  readonly links: Links;
}

function LimitsPanel({ route, policies, acts, links }: LimitsProps) {
  const edit = (name?: string) => links.to('rate-limits/edit', { key: route.key, name });
  return (
    <Panel
      title="Limits"
      actions={
        acts ? (
          <DialogLink class="button small" href={edit()}>
            Add limit
          </DialogLink>
        ) : undefined
      }
    >
      {policies.length === 0 ? (
        <p class="hint">This route has no limit of its own.</p>
      ) : (
        <ul class="plain-list">
          {policies.map((policy) => (
            <li key={policy.name}>
              <strong>{policy.name}</strong> <code>{policy.limit}</code> {algorithmName(policy)} for {countedApart(policy)}{' '}
              {policy.mode === 'enforce' ? null : <Badge tone="info">{policy.mode}</Badge>}{' '}
              {policy.origin === 'override' ? <span class="override">override</span> : null}
              {acts ? (
                <DialogLink class="button small" href={edit(policy.name)} label={`Edit limit ${policy.name}`}>
                  Edit
                </DialogLink>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
