import { Get, Param, Post } from '@nestjs/common';
import { GLOBAL_SCOPE, WaygateEngine, type LimitScopeSwitch } from '@waygate/core';
import type { VNode } from 'preact';
import { AnswerError, KnownNames, Requires } from '../admin/surface.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf, RevisionField } from '../ui/form.js';
import { expiry } from '../when/read-when.js';
import { ExpiryFields } from '../when/when-fields.js';
import { CallerField } from './caller-field.js';
import { LimitFields, limitOf, scopeLimitOf } from './limit-form.js';
import { PreviewPlace } from './limit-preview.js';
import { previewOf } from './preview-of.js';

/** `null` = everything. */
type Scope = string | null;

const VERBS = {
  pause: {
    title: 'Pause limit',
    submit: 'Pause',
    done: 'is paused',
    note: 'Nobody is counted or refused until it is resumed.',
    tone: 'bad',
  },
  resume: {
    title: 'Resume limit',
    submit: 'Resume',
    done: 'holds again',
    note: 'Callers are counted and refused again.',
    tone: 'accent',
  },
  reset: {
    title: 'Reset counters',
    submit: 'Reset',
    done: 'begins anew',
    note: 'Callers begin to be counted anew.',
    tone: 'accent',
  },
  clear: {
    title: 'Remove limit',
    submit: 'Remove',
    done: 'is removed',
    note: 'The limit is forgotten; limits of routes stay.',
    tone: 'bad',
  },
} as const;
type Verb = keyof typeof VERBS;

/** The forms of the limits over everything and over services. */
@PageController('rate-limits')
export class ScopeLimitPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly forms: Forms,
    private readonly names: KnownNames,
  ) {}

  @Get('global')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.forms.show(visit, this.#form(null));
  }

  @Post('global')
  @Requires('operator', 'everything')
  save(@Visiting() visit: Visit): Promise<void> {
    return this.#save(visit, null);
  }

  /** What the limit would have done to the last hour. Changes nothing. */
  @Post('global/preview')
  @Requires('operator', 'everything')
  preview(@Visiting() visit: Visit): void {
    this.#preview(visit, null);
  }

  @Get('global/:verb')
  @Requires('operator', 'everything')
  confirm(@Visiting() visit: Visit, @Param('verb') verb: string): void {
    this.forms.show(visit, verbForm(null, verbOf(verb)));
  }

  @Post('global/:verb')
  @Requires('operator', 'everything')
  act(@Visiting() visit: Visit, @Param('verb') verb: string): Promise<void> {
    return this.#act(visit, null, verbOf(verb));
  }

  @Get('services/:service')
  @Requires('operator', 'service')
  formOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.forms.show(visit, this.#form(service));
  }

  @Post('services/:service')
  @Requires('operator', 'service')
  saveOf(@Visiting() visit: Visit, @Param('service') service: string): Promise<void> {
    return this.#save(visit, service);
  }

  @Post('services/:service/preview')
  @Requires('operator', 'service')
  previewOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.#preview(visit, service);
  }

  @Get('services/:service/:verb')
  @Requires('operator', 'service')
  confirmOf(@Visiting() visit: Visit, @Param('service') service: string, @Param('verb') verb: string): void {
    this.forms.show(visit, verbForm(service, verbOf(verb)));
  }

  @Post('services/:service/:verb')
  @Requires('operator', 'service')
  actOn(@Visiting() visit: Visit, @Param('service') service: string, @Param('verb') verb: string): Promise<void> {
    return this.#act(visit, service, verbOf(verb));
  }

  #switch(scope: Scope): LimitScopeSwitch {
    return scope === null ? this.engine.rateLimits.global : this.engine.rateLimits.forService(scope);
  }

  /** @param preview what the limit would have done; `undefined` = it was not asked for */
  #form(scope: Scope, preview?: VNode): Form {
    const view = this.#switch(scope).read();
    return {
      section: 'rate-limits',
      title: scope === null ? 'Limit over everything' : `Limit over ${scope}`,
      note: 'Counted before the limits of routes. Callers over it get 429 on every route it covers.',
      action: pathOf(scope),
      submit: 'Save limit',
      back: 'rate-limits',
      fields: (
        <>
          <RevisionField revision={view?.revision ?? 0} />
          <LimitFields policy={view?.policy ?? null} named={false} exemptRoutes={view?.exemptRoutes ?? []} />
          <PreviewPlace path={`${pathOf(scope)}/preview`}>{preview}</PreviewPlace>
          <ExpiryFields />
        </>
      ),
    };
  }

  #preview(visit: Visit, scope: Scope): void {
    const view = this.#switch(scope).read();
    const exempt = new Set(listOf(visit.field('exempt_routes')));
    const preview = previewOf(
      this.engine,
      () => limitOf(visit, view?.policy ?? null),
      view?.enabled === true ? view.policy : null,
      (key) => this.#covers(scope, exempt, key),
    );
    if (visit.isPartial) this.pages.piece(visit, preview);
    else this.forms.show(visit, this.#form(scope, preview));
  }

  #covers(scope: Scope, exempt: ReadonlySet<string>, key: string): boolean {
    try {
      const { forceActive, service, method, path } = this.engine.sync.routes.get(key);
      if (forceActive || (scope !== null && service !== scope)) return false;
      return !exempt.has(path) && !exempt.has(`${method ?? ''}:${path}`);
    } catch {
      return false;
    }
  }

  #save(visit: Visit, scope: Scope): Promise<void> {
    const target = this.#switch(scope);
    return this.forms.send(
      visit,
      () => this.#form(scope),
      async () => {
        const input = scopeLimitOf(visit, target.read()?.policy ?? null);
        const exempt = input.exemptRoutes ?? [];
        const named = exempt.map((route) => ({ list: 'limit' as const, service: scope, route }));
        this.names.require('exempt_routes', scope, named, visit.who);
        const { policy, revision } = await target.set(input, { ...visit.change(), ...expiry(visit) });
        return { message: `The limit over ${scope ?? 'everything'} is ${policy.limit}.`, undo: [revision], back: 'rate-limits' };
      },
    );
  }

  #act(visit: Visit, scope: Scope, verb: Verb): Promise<void> {
    const target = this.#switch(scope);
    const caller = visit.field('caller');
    return this.forms.send(
      visit,
      () => verbForm(scope, verb),
      async () => {
        const existed =
          verb === 'reset'
            ? await target.reset({ ...visit.author(), ...(caller === '' ? {} : { caller }) })
            : await target[verb](visit.author());
        if (!existed) throw new AnswerError(404, `There is no limit over ${scope ?? 'everything'}`);
        return {
          message: `The limit over ${scope ?? 'everything'} ${VERBS[verb].done}.`,
          undo: verb === 'reset' ? [] : await this.forms.latest('limit-scope', scope ?? GLOBAL_SCOPE),
          back: 'rate-limits',
        };
      },
    );
  }
}

function verbForm(scope: Scope, verb: Verb): Form {
  return {
    ...VERBS[verb],
    section: 'rate-limits',
    note: `${scope ?? 'Everything'}: ${VERBS[verb].note}`,
    action: `${pathOf(scope)}/${verb}`,
    back: 'rate-limits',
    fields: verb === 'reset' ? <CallerField /> : null,
  };
}

const pathOf = (scope: Scope) => (scope === null ? 'rate-limits/global' : `rate-limits/services/${scope}`);

function verbOf(text: string): Verb {
  if (Object.hasOwn(VERBS, text)) return text as Verb;
  throw new AnswerError(404, `'${text}' cannot be done with a limit`);
}
