import { Get, Inject, Param, Post } from '@nestjs/common';
import { WaygateEngine, type TokenRole } from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig, AnswerError, EventStreams, Requires } from '../admin/surface.js';
import { LiveStreams } from '../live/live-streams.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { choicesOf, listOf, MomentField, SelectField, TextField } from '../ui/form.js';
import { SettingsPage } from './settings-page.js';

@PageController('settings')
export class SettingsPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly forms: Forms,
    private readonly live: LiveStreams,
    private readonly streams: EventStreams,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  show(@Visiting() visit: Visit): void {
    const { health, revision, environment, service, droppedHits } = this.engine;
    const seesAccess = visit.who.has('admin') && visit.who.services === null;
    const { authenticator, oidc } = this.config;
    this.pages.page(visit, {
      title: 'Settings',
      section: 'settings',
      children: (
        <SettingsPage
          tokens={seesAccess ? this.engine.access.listTokens() : null}
          signIns={
            seesAccess && authenticator !== null
              ? {
                  users: authenticator.users(),
                  provider: oidc === null ? null : { issuer: oidc.issuer.href, groups: oidc.grants },
                }
              : null
          }
          system={{
            health,
            revision,
            environment,
            service,
            droppedHits,
            pages: this.live.size,
            streams: this.streams.size,
            mayAccept: health.status === 'state-lost' && seesAccess,
          }}
          isOpen={authenticator === null}
        />
      ),
    });
  }

  @Get('tokens/new')
  @Requires('admin', 'everything')
  form(@Visiting() visit: Visit): void {
    this.forms.show(visit, newTokenForm());
  }

  @Post('tokens/new')
  @Requires('admin', 'everything')
  create(@Visiting() visit: Visit): Promise<void> {
    const services = listOf(visit.field('services'));
    const expiresAt = visit.field('expires_at');
    return this.forms.send(visit, newTokenForm, async () => {
      const { token } = await this.engine.access.createToken(
        {
          name: visit.field('name'),
          role: visit.field('role') as TokenRole,
          ...(services.length === 0 ? {} : { services }),
          ...(expiresAt === '' ? {} : { expiresAt }),
        },
        visit.author(),
      );
      return {
        section: 'settings',
        title: 'New token',
        note: 'Copy it now: it is stored nowhere and cannot be shown again.',
        secret: token,
        back: 'settings',
      };
    });
  }

  @Get('tokens/:id/revoke')
  @Requires('admin', 'everything')
  confirm(@Visiting() visit: Visit, @Param('id') id: string): void {
    this.forms.show(visit, this.#revokeForm(id));
  }

  @Post('tokens/:id/revoke')
  @Requires('admin', 'everything')
  revoke(@Visiting() visit: Visit, @Param('id') id: string): Promise<void> {
    return this.forms.send(
      visit,
      () => this.#revokeForm(id),
      async () => {
        if (!(await this.engine.access.revokeToken(id, visit.author()))) throw missingToken();
        return { message: 'The token is revoked.', back: 'settings' };
      },
    );
  }

  @Get('state/accept')
  @Requires('admin', 'everything')
  confirmState(@Visiting() visit: Visit): void {
    this.forms.show(visit, acceptStateForm());
  }

  @Post('state/accept')
  @Requires('admin', 'everything')
  acceptState(@Visiting() visit: Visit): Promise<void> {
    return this.forms.send(visit, acceptStateForm, async () => {
      await this.engine.acceptState(visit.author());
      return { message: `Store accepted at revision ${this.engine.revision}.`, back: 'settings' };
    });
  }

  #revokeForm(id: string): Form {
    const token = this.engine.access.listTokens().find((known) => known.id === id);
    if (token === undefined) throw missingToken();
    return {
      section: 'settings',
      title: `Revoke ${token.name}`,
      note: 'Whoever uses it is refused at once, on every node. It cannot be brought back.',
      action: `settings/tokens/${id}/revoke`,
      submit: 'Revoke token',
      tone: 'bad',
      back: 'settings',
    };
  }
}

function missingToken(): AnswerError {
  return new AnswerError(404, 'There is no such token');
}

function acceptStateForm(): Form {
  return {
    section: 'settings',
    title: 'Accept the store',
    note: 'Every process adopts the store as it is now. What they remember and the store lacks is lost. Do this only if you restored a backup on purpose.',
    action: 'settings/state/accept',
    submit: 'Accept store',
    tone: 'bad',
    back: 'settings',
  };
}

function newTokenForm(): Form {
  return {
    section: 'settings',
    title: 'New token',
    note: 'For programs: a CI job, the CLI, an SDK. Sent in the header X-Waygate-Token.',
    action: 'settings/tokens/new',
    submit: 'Create token',
    back: 'settings',
    fields: (
      <>
        <TextField name="name" label="Name" required placeholder="deploy pipeline" />
        <SelectField name="role" label="Role" value="viewer" choices={choicesOf(['viewer', 'operator', 'admin', 'sdk'])} />
        <TextField
          name="services"
          label="Only these services"
          hint="Separated by commas; empty = everything. An SDK token needs exactly one."
        />
        <MomentField name="expires_at" label="Expires" />
      </>
    ),
  };
}
