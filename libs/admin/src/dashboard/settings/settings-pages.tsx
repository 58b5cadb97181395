import { Controller, Get, Inject, Param, Post, UseFilters } from '@nestjs/common';
import { ValidationError, WaygateEngine, type TokenRole } from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig } from '../../config/admin-config.js';
import { Requires } from '../../http/requires.js';
import { AnswerError } from '../../http/answer-error.js';
import { LiveStreams } from '../live/live-streams.js';
import { EventStreams } from '../../events/event-streams.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf, MomentField, SelectField, TextField } from '../ui/form.js';
import { Secret } from '../ui/secret.js';
import { SettingsPage } from './settings-page.js';

@Controller('settings')
@UseFilters(PageErrorsFilter)
export class SettingsPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
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
          system={{ health, revision, environment, service, droppedHits, pages: this.live.size, streams: this.streams.size }}
          isOpen={authenticator === null}
          who={visit.who}
          links={this.pages.links}
          now={this.engine.now()}
        />
      ),
    });
  }

  @Get('tokens/new')
  @Requires('admin', 'everything')
  form(@Visiting() visit: Visit): void {
    this.#form(visit);
  }

  @Post('tokens/new')
  @Requires('admin', 'everything')
  async create(@Visiting() visit: Visit): Promise<void> {
    const services = listOf(visit.field('services'));
    const expiresAt = visit.field('expires_at');
    try {
      const { token } = await this.engine.access.createToken(
        {
          name: visit.field('name'),
          role: visit.field('role') as TokenRole,
          ...(services.length === 0 ? {} : { services }),
          ...(expiresAt === '' ? {} : { expiresAt }),
        },
        visit.author(),
      );
      this.#show(visit, token);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      this.#form(visit, error.message);
    }
  }

  @Get('tokens/:id/revoke')
  @Requires('admin', 'everything')
  confirm(@Visiting() visit: Visit, @Param('id') id: string): void {
    const token = this.engine.access.listTokens().find((known) => known.id === id);
    if (token === undefined) throw new AnswerError(404, 'There is no such token');
    this.pages.dialog(visit, 'settings', {
      title: `Revoke ${token.name}`,
      note: 'Whoever uses it is refused at once, on every node. It cannot be brought back.',
      action: `settings/tokens/${id}/revoke`,
      submit: 'Revoke token',
      tone: 'bad',
      back: 'settings',
    });
  }

  @Post('tokens/:id/revoke')
  @Requires('admin', 'everything')
  async revoke(@Visiting() visit: Visit, @Param('id') id: string): Promise<void> {
    if (!(await this.engine.access.revokeToken(id, visit.author()))) throw new AnswerError(404, 'There is no such token');
    this.pages.done(visit, { message: 'The token is revoked.', back: 'settings' });
  }

  #form(visit: Visit, error?: string): void {
    const roles = ['viewer', 'operator', 'admin', 'sdk'].map((value) => ({ value, text: value }));
    this.pages.dialog(
      visit,
      'settings',
      {
        title: 'New token',
        note: 'For programs: a CI job, the CLI, an SDK. Sent in the header X-Waygate-Token.',
        action: 'settings/tokens/new',
        submit: 'Create token',
        back: 'settings',
        error,
        children: (
          <>
            <TextField name="name" label="Name" value={visit.field('name')} required placeholder="deploy pipeline" />
            <SelectField name="role" label="Role" value={visit.field('role') || 'viewer'} choices={roles} />
            <TextField
              name="services"
              label="Only these services"
              value={visit.field('services')}
              hint="Separated by commas; empty = everything. An SDK token needs exactly one."
            />
            <MomentField name="expires_at" label="Expires" />
          </>
        ),
      },
      error === undefined ? 200 : 422,
    );
  }

  #show(visit: Visit, token: string): void {
    const shown = (
      <Secret
        title="New token"
        text="Copy it now: it is stored nowhere and cannot be shown again."
        secret={token}
        back={this.pages.links.to('settings')}
      />
    );
    if (!visit.isPartial)
      return this.pages.page(visit, {
        title: 'New token',
        section: 'settings',
        children: <div class="dialog-page">{shown}</div>,
      });
    visit.response.setHeader('hx-retarget', '#dialog-body');
    visit.response.setHeader('hx-reswap', 'innerHTML');
    this.pages.piece(visit, shown);
  }
}
