import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import {
  ConflictError,
  GLOBAL_SCOPE,
  InvalidLimitError,
  ValidationError,
  WaygateEngine,
  type LimitScopeSwitch,
} from '@waygate/core';
import type { VNode } from 'preact';
import { Requires } from '../../http/requires.js';
import { AnswerError } from '../../http/answer-error.js';
import { conflictOn } from '../audit/conflict-on.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { expiry } from '../when/read-when.js';
import { ExpiryFields } from '../when/when-fields.js';
import { listOf, TextField } from '../ui/form.js';
import { LimitFields, limitOf, scopeLimitOf } from './limit-form.js';
import { PreviewPlace } from './limit-preview.js';
import { previewOf } from './preview-of.js';

/** `null` = everything. */
type Scope = string | null;

interface Problem {
  readonly error?: string;
  readonly conflict?: preact.ComponentChildren;
  readonly status?: number;
  /** What the limit would have done; nothing = it was not asked for. */
  readonly preview?: VNode;
}

const VERBS = {
  pause: { title: 'Pause limit', submit: 'Pause', done: 'is paused', note: 'Nobody is counted or refused until it is resumed.' },
  resume: { title: 'Resume limit', submit: 'Resume', done: 'holds again', note: 'Callers are counted and refused again.' },
  reset: { title: 'Reset counters', submit: 'Reset', done: 'begins anew', note: 'Callers begin to be counted anew.' },
  clear: { title: 'Remove limit', submit: 'Remove', done: 'is removed', note: 'The limit is forgotten; limits of routes stay.' },
} as const;
type Verb = keyof typeof VERBS;

/** The forms of the limits over everything and over services. */
@Controller('rate-limits')
@UseFilters(PageErrorsFilter)
export class ScopeLimitPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get('global')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.#form(visit, null);
  }

  @Post('global')
  @Requires('operator', 'everything')
  async save(@Visiting() visit: Visit): Promise<void> {
    await this.#save(visit, null);
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
    this.#confirm(visit, null, verbOf(verb));
  }

  @Post('global/:verb')
  @Requires('operator', 'everything')
  async act(@Visiting() visit: Visit, @Param('verb') verb: string): Promise<void> {
    await this.#act(visit, null, verbOf(verb));
  }

  @Get('services/:service')
  @Requires('operator', 'service')
  formOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.#form(visit, service);
  }

  @Post('services/:service')
  @Requires('operator', 'service')
  async saveOf(@Visiting() visit: Visit, @Param('service') service: string): Promise<void> {
    await this.#save(visit, service);
  }

  @Post('services/:service/preview')
  @Requires('operator', 'service')
  previewOf(@Visiting() visit: Visit, @Param('service') service: string): void {
    this.#preview(visit, service);
  }

  @Get('services/:service/:verb')
  @Requires('operator', 'service')
  confirmOf(@Visiting() visit: Visit, @Param('service') service: string, @Param('verb') verb: string): void {
    this.#confirm(visit, service, verbOf(verb));
  }

  @Post('services/:service/:verb')
  @Requires('operator', 'service')
  async actOn(@Visiting() visit: Visit, @Param('service') service: string, @Param('verb') verb: string): Promise<void> {
    await this.#act(visit, service, verbOf(verb));
  }

  #switch(scope: Scope): LimitScopeSwitch {
    return scope === null ? this.engine.rateLimits.global : this.engine.rateLimits.forService(scope);
  }

  #form(visit: Visit, scope: Scope, problem: Problem = {}): void {
    const view = this.#switch(scope).read();
    const typed = (field: string) => (visit.form.has(field) ? visit.field(field) : null);
    this.pages.dialog(
      visit,
      'rate-limits',
      {
        title: scope === null ? 'Limit over everything' : `Limit over ${scope}`,
        note: 'Counted before the limits of routes. Callers over it get 429 on every route it covers.',
        action: pathOf(scope),
        submit: 'Save limit',
        back: 'rate-limits',
        error: problem.error,
        conflict: problem.conflict,
        children: (
          <>
            <input type="hidden" name="revision" value={view?.revision ?? 0} />
            <LimitFields policy={view?.policy ?? null} typed={typed} named={false} exemptRoutes={view?.exemptRoutes ?? []} />
            <PreviewPlace path={`${pathOf(scope)}/preview`} links={this.pages.links}>
              {problem.preview}
            </PreviewPlace>
            <ExpiryFields value={(field) => typed(field) ?? ''} />
          </>
        ),
      },
      problem.status,
    );
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
    else this.#form(visit, scope, { preview });
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

  async #save(visit: Visit, scope: Scope): Promise<void> {
    const target = this.#switch(scope);
    try {
      const input = scopeLimitOf(visit, target.read()?.policy ?? null);
      const view = await target.set(input, { ...visit.author(), ...visit.expected(), ...expiry(visit) });
      const message = `The limit over ${scope ?? 'everything'} is ${view.policy.limit}.`;
      this.pages.done(visit, { message, undo: [view.revision], back: 'rate-limits' });
    } catch (error) {
      if (error instanceof ValidationError || error instanceof InvalidLimitError)
        return this.#form(visit, scope, { error: error.message, status: 422 });
      if (!(error instanceof ConflictError)) throw error;
      this.#form(visit, scope, { conflict: await conflictOn(this.engine, 'limit-scope', scope ?? GLOBAL_SCOPE), status: 409 });
    }
  }

  #confirm(visit: Visit, scope: Scope, verb: Verb): void {
    const { title, note, submit } = VERBS[verb];
    this.pages.dialog(visit, 'rate-limits', {
      title,
      note: `${scope ?? 'Everything'}: ${note}`,
      action: `${pathOf(scope)}/${verb}`,
      submit,
      tone: verb === 'clear' || verb === 'pause' ? 'bad' : 'accent',
      back: 'rate-limits',
      children:
        verb === 'reset' ? (
          <TextField name="caller" label="Only this caller" hint="As shown on the page Blocked. Empty = all of them." />
        ) : null,
    });
  }

  async #act(visit: Visit, scope: Scope, verb: Verb): Promise<void> {
    const target = this.#switch(scope);
    const caller = visit.field('caller');
    const existed =
      verb === 'reset'
        ? await target.reset({ ...visit.author(), ...(caller === '' ? {} : { caller }) })
        : await target[verb](visit.author());
    if (!existed) throw new AnswerError(404, `There is no limit over ${scope ?? 'everything'}`);
    const undo = verb === 'reset' ? [] : await this.pages.latest('limit-scope', scope ?? GLOBAL_SCOPE);
    this.pages.done(visit, {
      message: `The limit over ${scope ?? 'everything'} ${VERBS[verb].done}.`,
      undo,
      back: 'rate-limits',
    });
  }
}

const pathOf = (scope: Scope) => (scope === null ? 'rate-limits/global' : `rate-limits/services/${scope}`);

function verbOf(text: string): Verb {
  if (Object.hasOwn(VERBS, text)) return text as Verb;
  throw new AnswerError(404, `'${text}' cannot be done with a limit`);
}
