import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import {
  ConflictError,
  GLOBAL_SCOPE,
  ValidationError,
  WaygateEngine,
  type MaintenanceSwitch,
  type MaintenanceView,
} from '@waygate/core';
import { Requires } from '../../http/requires.js';
import { conflictOn } from '../audit/conflict-on.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { ExpiryFields, ScheduleFields } from '../when/when-fields.js';
import { expiry, schedule } from '../when/read-when.js';
import { Check, listOf, ReasonField, TextArea } from '../ui/form.js';

/** `null` = everything. */
type Scope = string | null;

/** The forms that take everything down, or one service. */
@Controller('maintenance')
@UseFilters(PageErrorsFilter)
export class MaintenancePages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.#form(visit, null);
  }

  @Post()
  @Requires('operator', 'everything')
  async enable(@Visiting() visit: Visit): Promise<void> {
    await this.#enable(visit, null);
  }

  @Get('off')
  @Requires('operator', 'everything')
  ending(@Visiting() visit: Visit): void {
    this.#ending(visit, null);
  }

  @Post('off')
  @Requires('operator', 'everything')
  async disable(@Visiting() visit: Visit): Promise<void> {
    await this.#disable(visit, null);
  }

  @Get(':service')
  @Requires('operator', 'service')
  formOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.#form(visit, service);
  }

  @Post(':service')
  @Requires('operator', 'service')
  async enableService(@Visiting() visit: Visit, @Param('service') service: string): Promise<void> {
    await this.#enable(visit, service);
  }

  @Get(':service/off')
  @Requires('operator', 'service')
  endingOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.#ending(visit, service);
  }

  @Post(':service/off')
  @Requires('operator', 'service')
  async disableService(@Visiting() visit: Visit, @Param('service') service: string): Promise<void> {
    await this.#disable(visit, service);
  }

  #switch(scope: Scope): MaintenanceSwitch {
    return scope === null ? this.engine.maintenance : this.engine.maintenance.forService(scope);
  }

  #form(
    visit: Visit,
    scope: Scope,
    problem: { error?: string; conflict?: preact.ComponentChildren; status?: number } = {},
  ): void {
    const view = this.#switch(scope).read();
    const typed = (name: string) => (visit.form.has(name) ? visit.field(name) : null);
    const exempt = typed('exempt') ?? view.exempt.join('\n');
    const what = scope === null ? 'everything' : `the service '${scope}'`;
    this.pages.dialog(
      visit,
      'routes',
      {
        title: scope === null ? 'Global maintenance' : `Maintenance of ${scope}`,
        note: `Takes ${what} down: callers get 503 MAINTENANCE_MODE. Routes that are exempt stay up, and so do those declared @ForceActive().`,
        action: scope === null ? 'maintenance' : `maintenance/${scope}`,
        submit: view.enabled ? 'Save' : 'Start maintenance',
        tone: 'bad',
        back: 'routes',
        error: problem.error,
        conflict: problem.conflict,
        children: <Fields view={view} exempt={exempt} typed={typed} />,
      },
      problem.status,
    );
  }

  async #enable(visit: Visit, scope: Scope): Promise<void> {
    const target = this.#switch(scope);
    const exempt = listOf(visit.field('exempt'));
    const change = {
      ...visit.author(),
      ...visit.expected(),
      exempt,
      includeForceActive: visit.field('include_force_active') === 'yes',
    };
    const plan = schedule(visit);
    const isPlanned = Object.keys(plan).length > 0;
    try {
      const view = isPlanned
        ? await target.schedule({ ...change, ...plan })
        : await target.enable({ ...change, ...expiry(visit) });
      const name = scope === null ? 'Global maintenance' : `Maintenance of ${scope}`;
      this.pages.done(visit, { message: `${name} is ${isPlanned ? 'planned' : 'on'}.`, undo: [view.revision], back: 'routes' });
    } catch (error) {
      if (error instanceof ValidationError) return this.#form(visit, scope, { error: error.message, status: 422 });
      if (!(error instanceof ConflictError)) throw error;
      this.#form(visit, scope, { conflict: await conflictOn(this.engine, 'maintenance', scope ?? GLOBAL_SCOPE), status: 409 });
    }
  }

  #ending(visit: Visit, scope: Scope): void {
    const path = scope === null ? 'maintenance/off' : `maintenance/${scope}/off`;
    this.pages.dialog(visit, 'routes', {
      title: scope === null ? 'End global maintenance' : `End maintenance of ${scope}`,
      note: 'Requests are answered again at once. What was planned and the list of exempt routes are forgotten.',
      action: path,
      submit: 'End maintenance',
      back: 'routes',
    });
  }

  async #disable(visit: Visit, scope: Scope): Promise<void> {
    const view = await this.#switch(scope).disable(visit.author());
    const name = scope === null ? 'Global maintenance' : `Maintenance of ${scope}`;
    this.pages.done(visit, { message: `${name} ended.`, undo: [view.revision], back: 'routes' });
  }
}

interface FieldsProps {
  readonly view: MaintenanceView;
  readonly exempt: string;
  readonly typed: (name: string) => string | null;
}

function Fields({ view, exempt, typed }: FieldsProps) {
  const value = (name: string) => typed(name) ?? '';
  return (
    <>
      <input type="hidden" name="revision" value={view.revision} />
      <ReasonField value={typed('reason') ?? view.reason} />
      <TextArea
        name="exempt"
        label="Exempt routes"
        value={exempt}
        rows={3}
        code
        placeholder={'/health\nGET:/status'}
        hint="One a line: /path for all methods, or METHOD:/path."
      />
      <Check name="include_force_active" label="Take routes declared @ForceActive() down too" checked={view.includeForceActive} />
      <ExpiryFields value={value} />
      <details class="more" open={value('start') !== ''}>
        <summary>Plan it for later</summary>
        <ScheduleFields value={value} />
      </details>
    </>
  );
}
