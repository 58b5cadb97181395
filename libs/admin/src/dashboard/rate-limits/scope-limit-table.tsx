import type { LimitScopeView } from '@waygate/core';
import { Badge } from '../ui/badge.js';
import { columnsOf, DataTable, Faint } from '../ui/data-table.js';
import { DialogLink } from '../ui/parts.js';
import { useView } from '../ui/view.js';
import { Mode, PolicyText, SetBy } from './limit-cells.js';

const { actions, column } = columnsOf<ScopeRow>();

export interface ScopeRow {
  /** `null` = over everything. */
  readonly service: string | null;
  /** `null` = no limit. */
  readonly view: LimitScopeView | null;
}

/** Limits over everything and over services. */
export function ScopeLimitTable({ scopes }: { readonly scopes: readonly ScopeRow[] }) {
  const { who } = useView();
  const acts = ({ service }: ScopeRow) => who.has('operator') && (service !== null || who.services === null);
  return (
    <DataTable
      label="Limits over many routes"
      headless
      rows={scopes}
      keyOf={({ service }) => service ?? '*'}
      columns={[
        column('', ({ service }) => <strong>{service ?? 'Everything'}</strong>),
        column('', ({ view }) => (view === null ? <Faint>no limit</Faint> : <code>{view.policy.limit}</code>)),
        column('', ({ view }) =>
          view === null ? null : view.enabled ? <Mode mode={view.policy.mode} /> : <Badge tone="warn">Paused</Badge>,
        ),
        column('', ({ view }) => (view === null ? null : <PolicyText policy={view.policy} />)),
        column('', ({ view }) => (view === null ? null : <SetBy who={view.setBy} at={view.setAt} ends={view.expiresAt} />), {
          cellClass: 'cell-set-by',
        }),
        actions((row) => (acts(row) ? <ScopeActions {...row} /> : null)),
      ]}
    />
  );
}

function ScopeActions({ service, view }: ScopeRow) {
  const { links } = useView();
  const path = service === null ? 'rate-limits/global' : `rate-limits/services/${service}`;
  const edit = view === null ? 'Set limit' : 'Edit';
  return (
    <div class="row-actions">
      <DialogLink class="button small" href={links.to(path)} label={`${edit}: ${service ?? 'everything'}`}>
        {edit}
      </DialogLink>
      {view === null
        ? null
        : [view.enabled ? 'Pause' : 'Resume', 'Reset', 'Clear'].map((verb) => (
            <DialogLink key={verb} class="button small" href={links.to(`${path}/${verb.toLowerCase()}`)}>
              {verb === 'Clear' ? 'Remove' : verb}
            </DialogLink>
          ))}
    </div>
  );
}
