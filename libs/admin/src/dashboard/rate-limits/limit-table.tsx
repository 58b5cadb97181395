import type { RateLimitPolicy, RateLimitView } from '@waygate/core';
import { columnsOf, DataTable } from '../ui/data-table.js';
import { Icon } from '../ui/icon.js';
import { DialogLink, Empty } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import { Mode, PolicyText, SetBy } from './limit-cells.js';

const { actions, column } = columnsOf<Row>();

interface Row {
  readonly view: RateLimitView;
  readonly policy: RateLimitPolicy;
  /** Whether it is the first of its route: what concerns all of them stands there. */
  readonly first: boolean;
}

interface LimitTableProps {
  readonly limits: readonly RateLimitView[];
  readonly isFiltered: boolean;
}

/** Limits of routes. */
export function LimitTable({ limits, isFiltered }: LimitTableProps) {
  const { links, who } = useView();
  const rows = limits.flatMap((view) => view.policies.map((policy, index): Row => ({ view, policy, first: index === 0 })));
  return (
    <DataTable
      label="Routes with limits"
      rows={rows}
      keyOf={({ view, policy }) => `${view.key} ${policy.name}`}
      empty={
        <Empty icon="gauge" title={isFiltered ? 'No limit matches' : 'No route has a limit'}>
          <p>Declare one with @RateLimit('100/minute'), or add one below.</p>
        </Empty>
      }
      columns={[
        column('Route', ({ view: { key } }) => (
          <a class="route-link" href={links.route(key)}>
            <code class="path">{key}</code>
          </a>
        )),
        column('Limit', ({ policy: { limit, name } }) => (
          <>
            <code>{limit}</code> {name === 'default' ? null : <span class="tag">{name}</span>}
          </>
        )),
        column('Mode', ({ policy }) => <Mode mode={policy.mode} />),
        column('How it counts', ({ policy }) => <PolicyText policy={policy} />),
        column(
          'Set by',
          ({ policy, view: { override, until } }) =>
            policy.origin === 'override' && override !== null ? (
              <SetBy who={override.setBy} at={override.setAt} ends={until} />
            ) : (
              <span class="meta">the code</span>
            ),
          { cellClass: 'cell-set-by' },
        ),
        actions((row) => (who.has('operator') ? <LimitActions {...row} /> : null)),
      ]}
    />
  );
}

const MODE_ITEMS: readonly (readonly [RateLimitPolicy['mode'], string])[] = [
  ['off', 'Pause'],
  ['shadow', 'Shadow mode'],
  ['enforce', 'Enforce'],
];

function LimitActions({ view: { key, override }, policy: { name, mode }, first }: Row) {
  const { links } = useView();
  const to = (path: string, more: Record<string, string> = { name }) => links.to(`rate-limits/${path}`, { key, ...more });
  const items: readonly (readonly [href: string, text: string])[] = [
    ...MODE_ITEMS.filter(([other]) => other !== mode).map(
      ([other, text]) => [to('mode', { name, mode: other }), other === 'enforce' && mode === 'off' ? 'Resume' : text] as const,
    ),
    ...(first
      ? ([
          [to('edit', {}), 'Add another limit'],
          [to('reset'), 'Reset counters'],
        ] as const)
      : []),
    ...(first && override !== null ? ([[to('clear'), 'Clear override']] as const) : []),
  ];
  return (
    <div class="row-actions">
      <DialogLink class="button small" href={to('edit')} label={`Edit limit ${name} of ${key}`}>
        Edit
      </DialogLink>
      <details class="menu">
        <summary class="icon-button" aria-label={`More actions for ${name} of ${key}`}>
          <Icon name="more" />
        </summary>
        <div class="menu-items">
          {items.map(([href, text]) => (
            <DialogLink key={text} class="menu-item" href={href}>
              {text}
            </DialogLink>
          ))}
        </div>
      </details>
    </div>
  );
}
