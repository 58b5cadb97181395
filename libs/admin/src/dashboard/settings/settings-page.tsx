import type { Health, TokenView } from '@waygate/core';
import { Badge } from '../ui/badge.js';
import { columnsOf, DataTable } from '../ui/data-table.js';
import { healthFacts } from '../ui/health-facts.js';
import { Icon } from '../ui/icon.js';
import { DialogLink, Empty, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import { servicesText, UsersPanel, type SignIns } from './users-panel.js';

const { actions, column, times } = columnsOf<TokenView>();

interface System {
  readonly health: Health;
  readonly revision: number;
  readonly environment: string;
  readonly service: string | null;
  readonly droppedHits: number;
  /** Open pages of this dashboard. */
  readonly pages: number;
  /** Open streams of SDKs and of the API. */
  readonly streams: number;
  /** The store lost state, and the viewer may accept it as it is. */
  readonly mayAccept: boolean;
}

interface SettingsPageProps {
  /** `null` = not for this viewer. */
  readonly tokens: readonly TokenView[] | null;
  /** `null` = not for this viewer, or nobody signs in. */
  readonly signIns: SignIns | null;
  readonly system: System;
  /** Whether everybody may do everything. */
  readonly isOpen: boolean;
}

export function SettingsPage({ tokens, signIns, system, isOpen }: SettingsPageProps) {
  const { links, who } = useView();
  return (
    <>
      <PageHead title="Settings" note="Access and health of this installation." />
      {isOpen ? (
        <div class="banner banner-warn">
          <p>
            <strong>Sign-in is off.</strong> Everybody who reaches this page may change everything. Give users in
            WaygateAdminModule.forRoot.
          </p>
        </div>
      ) : null}
      <Live id="settings">
        <div class="grid-2">
          <Panel title="Who I am">
            <Facts
              rows={[
                ['Name', who.name],
                ['Role', who.role],
                ['Services', servicesText(who.services)],
                who.session === null ? null : ['Session ends', <Time at={who.session.expiresAt} />],
              ]}
            />
          </Panel>
          <Panel
            title="Health"
            actions={
              system.mayAccept ? (
                <DialogLink class="button small" href={links.to('settings/state/accept')}>
                  Accept store
                </DialogLink>
              ) : null
            }
          >
            <Facts
              rows={[
                ...healthFacts(system.health),
                ['Revision', `r${system.revision}`],
                ['Environment', system.environment],
                ['Service', system.service ?? 'stands alone'],
                ['Open pages', String(system.pages)],
                ['Open streams', String(system.streams)],
                ['Refusals not recorded', String(system.droppedHits)],
              ]}
            />
          </Panel>
        </div>
        {signIns === null ? null : <UsersPanel {...signIns} />}
        {tokens === null ? null : <Tokens tokens={tokens} />}
      </Live>
    </>
  );
}

function Tokens({ tokens }: { readonly tokens: readonly TokenView[] }) {
  const { links } = useView();
  return (
    <Panel
      title="Tokens"
      flush
      actions={
        <DialogLink class="button small" href={links.to('settings/tokens/new')}>
          <Icon name="plus" /> New token
        </DialogLink>
      }
    >
      <DataTable
        label="Tokens"
        rows={tokens}
        keyOf={({ id }) => id}
        empty={
          <Empty icon="lock" title="No tokens yet">
            <p>Make one for each program that uses the API, so that each can be revoked alone.</p>
          </Empty>
        }
        columns={[
          column('Name', ({ name }) => <strong>{name}</strong>),
          column('Role', ({ role }) => <Badge tone="accent">{role}</Badge>),
          column('Services', ({ services }) => servicesText(services)),
          column('Made', ({ createdBy, createdAt }) => (
            <>
              {createdBy}, <Time at={createdAt} />
            </>
          )),
          times('Last used', ({ lastUsedAt }) => lastUsedAt),
          times('Expires', ({ expiresAt }) => expiresAt),
          actions(({ id, name }) => (
            <DialogLink class="button small" href={links.to(`settings/tokens/${id}/revoke`)} label={`Revoke ${name}`}>
              Revoke
            </DialogLink>
          )),
        ]}
      />
    </Panel>
  );
}
