import type { Health, TokenView } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { Links } from '../page/links.js';
import { Badge } from '../ui/badge.js';
import { ACTIONS, DataTable } from '../ui/data-table.js';
import { healthFacts } from '../ui/health-facts.js';
import { Icon } from '../ui/icon.js';
import { DialogLink, Empty, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { UsersPanel, type SignIns } from './users-panel.js';

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
}

interface SettingsPageProps {
  /** `null` = not for this viewer. */
  readonly tokens: readonly TokenView[] | null;
  /** `null` = not for this viewer, or nobody signs in. */
  readonly signIns: SignIns | null;
  readonly system: System;
  /** Whether everybody may do everything. */
  readonly isOpen: boolean;
  readonly who: Principal;
  readonly links: Links;
  readonly now: number;
}

export function SettingsPage({ tokens, signIns, system, isOpen, who, links, now }: SettingsPageProps) {
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
                ['Services', who.services === null ? 'all' : who.services.join(', ')],
                who.session === null ? null : ['Session ends', <Time at={who.session.expiresAt} now={now} />],
              ]}
            />
          </Panel>
          <Panel title="Health">
            <Facts
              rows={[
                ...healthFacts(system.health, now),
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
        {signIns === null ? null : <UsersPanel {...signIns} me={who.name} />}
        {tokens === null ? null : <Tokens tokens={tokens} links={links} now={now} />}
      </Live>
    </>
  );
}

function Tokens({ tokens, links, now }: { readonly tokens: readonly TokenView[]; readonly links: Links; readonly now: number }) {
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
      {tokens.length === 0 ? (
        <Empty icon="lock" title="No tokens yet">
          <p>Make one for each program that uses the API, so that each can be revoked alone.</p>
        </Empty>
      ) : (
        <DataTable label="Tokens" columns={['Name', 'Role', 'Services', 'Made', 'Last used', 'Expires', ACTIONS]}>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td>
                <strong>{token.name}</strong>
              </td>
              <td>
                <Badge tone="accent">{token.role}</Badge>
              </td>
              <td>{token.services === null ? 'all' : token.services.join(', ')}</td>
              <td>
                {token.createdBy}, <Time at={token.createdAt} now={now} />
              </td>
              <td>{token.lastUsedAt === null ? <span class="faint">never</span> : <Time at={token.lastUsedAt} now={now} />}</td>
              <td>{token.expiresAt === null ? <span class="faint">never</span> : <Time at={token.expiresAt} now={now} />}</td>
              <td class="cell-actions">
                <DialogLink
                  class="button small"
                  href={links.to(`settings/tokens/${token.id}/revoke`)}
                  label={`Revoke ${token.name}`}
                >
                  Revoke
                </DialogLink>
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </Panel>
  );
}
