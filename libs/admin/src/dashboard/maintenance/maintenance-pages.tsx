import { Get, Param, Post } from '@nestjs/common';
import { WaygateEngine, type MaintenanceSwitch, type MaintenanceView } from '@waygate/core';
import { KnownNames, Requires } from '../admin/surface.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Visiting, type Visit } from '../page/visit.js';
import { Check, listOf, ReasonField, RevisionField, TextArea } from '../ui/form.js';
import { useField } from '../ui/form-state.js';
import { expiry, schedule } from '../when/read-when.js';
import { ExpiryFields, ScheduleFields } from '../when/when-fields.js';

/** `null` = everything. */
type Scope = string | null;

/** The forms that take everything down, or one service. */
@PageController('maintenance')
export class MaintenancePages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly forms: Forms,
    private readonly names: KnownNames,
  ) {}

  @Get()
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.forms.show(visit, this.#form(null));
  }

  @Post()
  @Requires('operator', 'everything')
  enable(@Visiting() visit: Visit): Promise<void> {
    return this.#enable(visit, null);
  }

  @Get('off')
  @Requires('operator', 'everything')
  ending(@Visiting() visit: Visit): void {
    this.forms.show(visit, endForm(null));
  }

  @Post('off')
  @Requires('operator', 'everything')
  disable(@Visiting() visit: Visit): Promise<void> {
    return this.#disable(visit, null);
  }

  @Get(':service')
  @Requires('operator', 'service')
  formOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.forms.show(visit, this.#form(service));
  }

  @Post(':service')
  @Requires('operator', 'service')
  enableService(@Visiting() visit: Visit, @Param('service') service: string): Promise<void> {
    return this.#enable(visit, service);
  }

  @Get(':service/off')
  @Requires('operator', 'service')
  endingOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.forms.show(visit, endForm(service));
  }

  @Post(':service/off')
  @Requires('operator', 'service')
  disableService(@Visiting() visit: Visit, @Param('service') service: string): Promise<void> {
    return this.#disable(visit, service);
  }

  #switch(scope: Scope): MaintenanceSwitch {
    return scope === null ? this.engine.maintenance : this.engine.maintenance.forService(scope);
  }

  #form(scope: Scope): Form {
    const view = this.#switch(scope).read();
    const what = scope === null ? 'everything' : `the service '${scope}'`;
    return {
      section: 'routes',
      title: nameOf(scope),
      note: `Takes ${what} down: callers get 503 MAINTENANCE_MODE. Routes that are exempt stay up, and so do those declared @ForceActive().`,
      action: pathOf(scope),
      submit: view.enabled ? 'Save' : 'Start maintenance',
      tone: 'bad',
      back: 'routes',
      fields: <Fields view={view} />,
    };
  }

  #enable(visit: Visit, scope: Scope): Promise<void> {
    const target = this.#switch(scope);
    const exempt = listOf(visit.field('exempt'));
    const change = {
      ...visit.change(),
      exempt,
      includeForceActive: visit.field('include_force_active') === 'yes',
    };
    const plan = schedule(visit);
    const isPlanned = Object.keys(plan).length > 0;
    return this.forms.send(
      visit,
      () => this.#form(scope),
      async () => {
        const named = exempt.map((route) => ({ list: 'maintenance' as const, service: scope, route }));
        this.names.require('exempt', scope, named, visit.who);
        const { revision } = isPlanned
          ? await target.schedule({ ...change, ...plan })
          : await target.enable({ ...change, ...expiry(visit) });
        return { message: `${nameOf(scope)} is ${isPlanned ? 'planned' : 'on'}.`, undo: [revision], back: 'routes' };
      },
    );
  }

  #disable(visit: Visit, scope: Scope): Promise<void> {
    return this.forms.send(
      visit,
      () => endForm(scope),
      async () => {
        const { revision } = await this.#switch(scope).disable(visit.author());
        return { message: `${nameOf(scope)} ended.`, undo: [revision], back: 'routes' };
      },
    );
  }
}

const nameOf = (scope: Scope) => (scope === null ? 'Global maintenance' : `Maintenance of ${scope}`);
const pathOf = (scope: Scope) => (scope === null ? 'maintenance' : `maintenance/${scope}`);

function endForm(scope: Scope): Form {
  return {
    section: 'routes',
    title: scope === null ? 'End global maintenance' : `End maintenance of ${scope}`,
    note: 'Requests are answered again at once. What was planned and the list of exempt routes are forgotten.',
    action: `${pathOf(scope)}/off`,
    submit: 'End maintenance',
    back: 'routes',
  };
}

function Fields({ view }: { readonly view: MaintenanceView }) {
  const { value: start } = useField('start', '');
  return (
    <>
      <RevisionField revision={view.revision} />
      <ReasonField value={view.reason} />
      <TextArea
        name="exempt"
        label="Exempt routes"
        value={view.exempt.join('\n')}
        rows={3}
        code
        placeholder={'/health\nGET:/status'}
        hint="One a line: /path for all methods, or METHOD:/path."
      />
      <Check name="include_force_active" label="Take routes declared @ForceActive() down too" checked={view.includeForceActive} />
      <ExpiryFields />
      <details class="more" open={start !== ''}>
        <summary>Plan it for later</summary>
        <ScheduleFields />
      </details>
    </>
  );
}
