import type { BlockedBy, EffectiveState, RateLimitPolicy, RecordedAuditEntry, RouteView } from '@waygate/core';
import { AuditEntries } from '../changes/audit-entries.js';
import { Badge, EffectiveBadge, Method, StatusBadge } from '../ui/badge.js';
import { Faint } from '../ui/data-table.js';
import { Crumbs, DialogLink, Empty, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { algorithmName, countedApart } from '../ui/policy-words.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import type { CallerQuery } from './caller-query.js';
import { ExplainPanel } from './explain-panel.js';
import type { Step } from './explain-route.js';
import { ActionLink } from './route-menu.js';
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
}

export function RoutePage({ route, policies, history, refused, hour, ...explained }: RoutePageProps) {
  const { who } = useView();
  const acts = who.has('operator') && !route.forceActive;
  return (
    <>
      <Crumbs to="routes">Routes</Crumbs>
      <Live id="route">
        <PageHead
          title={
            <>
              <Method method={route.method} /> <span class="path">{route.path}</span>
            </>
          }
          note={
            <>
              <EffectiveBadge state={route.effective} />{' '}
              {route.effective.reason === '' ? null : <span class="reason">{route.effective.reason}</span>}
            </>
          }
        >
          {acts ? <Actions route={route} /> : null}
        </PageHead>
      </Live>
      <RouteTrafficPanel hour={hour} />
      <div class="grid-2">
        <Live id="route-state">
          <StatePanel route={route} refused={refused} />
          <LimitsPanel route={route} policies={policies} acts={acts} />
        </Live>
        <ExplainPanel route={route} {...explained} />
      </div>
      <Live id="route-history">
        <Panel title="History" flush>
          {history.length === 0 ? (
            <Empty icon="history" title="Nobody changed this route yet" />
          ) : (
            <AuditEntries entries={history} />
          )}
        </Panel>
      </Live>
    </>
  );
}

function Actions({ route }: { readonly route: RouteView }) {
  return (
    <>
      {route.state === 'active' ? null : <ActionLink action="enable" route={route} class="button primary" />}
      {ACTIONS.map((action) => (
        <ActionLink key={action} action={action} route={route} />
      ))}
      {route.override === null ? null : <ActionLink action="clear" route={route} />}
    </>
  );
}

const ACTIONS = ['maintenance', 'disable', 'environments', 'schedule'] as const;

type Decider = Exclude<BlockedBy, 'route'> | EffectiveState['source'];

function deciderOf({ blockedBy, source }: EffectiveState): Decider {
  return blockedBy === null || blockedBy === 'route' ? source : blockedBy;
}

const DECIDED_BY: Readonly<Record<Decider, string>> = {
  global: 'global maintenance',
  service: 'maintenance of the service',
  environment: 'the environments of the route',
  override: 'an operator (override)',
  declared: 'the code (declared)',
};

interface StateProps {
  readonly route: RouteView;
  readonly refused: number;
}

/** To the other routes with the same tag. */
function TagLinks({ tags }: { readonly tags: readonly string[] }) {
  const { links } = useView();
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

function StatePanel({ route, refused }: StateProps) {
  const { declared, override, deprecation, effective } = route;
  return (
    <Panel title="State">
      <Facts
        rows={[
          ['Current status', <EffectiveBadge state={effective} />],
          ['Decided by', DECIDED_BY[deciderOf(effective)]],
          effective.since === null ? null : ['Since', <Time at={effective.since} />],
          effective.until === null ? null : ['Until', <Time at={effective.until} />],
          effective.next === null
            ? null
            : [
                'Next change',
                <>
                  <StatusBadge status={effective.next.status} /> <Time at={effective.next.at} />
                </>,
              ],
          [
            'Code declares',
            `${declared.state}${declared.environments === null ? '' : `, only in ${declared.environments.join(', ')}`}`,
          ],
          override === null
            ? ['Override', <Faint>none</Faint>]
            : [
                'Override',
                <>
                  {override.state.replace('_', ' ')}, by {override.setBy}, <Time at={override.setAt} />
                </>,
              ],
          route.environments === null ? null : ['Environments', route.environments.join(', ')],
          deprecation === null ? null : ['Deprecated', <Time at={deprecation.since} />],
          deprecation?.sunset == null ? null : ['Sunset', <Time at={deprecation.sunset} />],
          deprecation?.successor == null ? null : ['Successor', <code>{deprecation.successor}</code>],
          route.tags.length === 0 ? null : ['Tags', <TagLinks tags={route.tags} />],
          ['Service', route.service ?? <Faint>none</Faint>],
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
}

function LimitsPanel({ route, policies, acts }: LimitsProps) {
  const { links } = useView();
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
