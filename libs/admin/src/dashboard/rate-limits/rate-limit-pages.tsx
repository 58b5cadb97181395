import { Controller, Get, Post, UseFilters } from '@nestjs/common';
import {
  ConflictError,
  InvalidLimitError,
  ValidationError,
  WaygateEngine,
  type RateLimitPolicy,
  type RateLimitView,
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
import { TextField } from '../ui/form.js';
import { LimitFields, limitOf } from './limit-form.js';
import { PreviewPlace } from './limit-preview.js';
import { previewOf } from './preview-of.js';
import { RateLimitsPage } from './rate-limits-page.js';

const MODES = {
  off: { title: 'Pause', done: 'is paused', note: 'nobody is counted or refused until it is resumed.' },
  shadow: { title: 'Shadow', done: 'only watches', note: 'who is over it is recorded on the page Blocked, and let through.' },
  enforce: { title: 'Enforce', done: 'is enforced', note: 'who is over it gets 429.' },
} as const;

interface Problem {
  readonly error?: string;
  readonly conflict?: preact.ComponentChildren;
  readonly status?: number;
  /** What the limit would have done; nothing = it was not asked for. */
  readonly preview?: VNode;
}

@Controller('rate-limits')
@UseFilters(PageErrorsFilter)
export class RateLimitPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  list(@Visiting() visit: Visit): void {
    const { who } = visit;
    const search = visit.query('q').slice(0, 200);
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = ({ key, service }: { readonly key: string; readonly service: string | null }) =>
      who.sees(service) && words.every((word) => key.toLowerCase().includes(word));
    const limits = this.engine.sync.rateLimits.list().filter(wanted);
    const routes = this.engine.sync.routes.list();
    const limited = new Set(limits.filter(({ policies }) => policies.length > 0).map(({ key }) => key));
    const services = [...new Set(routes.map(({ service }) => service))].filter(
      (service) => service !== null && who.sees(service),
    );
    const requests = new Map(this.engine.stats.byRoute().map((figures) => [figures.route ?? '', figures.requests]));
    this.pages.page(visit, {
      title: 'Rate limits',
      section: 'rate-limits',
      children: (
        <RateLimitsPage
          limits={limits}
          unprotected={routes
            .filter((route) => wanted(route) && !limited.has(route.key) && !route.forceActive)
            .map((route) => ({ route, requests: requests.get(route.key) ?? 0 }))
            .toSorted((a, b) => b.requests - a.requests)}
          scopes={[
            { service: null, view: this.engine.rateLimits.global.read() },
            ...services.map((service) => ({ service, view: this.engine.rateLimits.forService(service ?? '').read() })),
          ]}
          search={search}
          who={who}
          links={this.pages.links}
          now={this.engine.now()}
        />
      ),
    });
  }

  @Get('edit')
  @Requires('operator', 'filtered')
  form(@Visiting() visit: Visit): void {
    this.#form(visit, this.#viewOf(visit, visit.query('key')), visit.query('name'));
  }

  @Post('edit')
  @Requires('operator', 'routes')
  async save(@Visiting() visit: Visit): Promise<void> {
    const view = this.#viewOf(visit, visit.field('key'));
    const name = visit.field('name');
    const before = view.policies.find((policy) => policy.name === visit.field('was')) ?? null;
    try {
      const input = { ...limitOf(visit, before), name };
      const saved = await this.engine.rateLimits.set(view.key, input, {
        ...visit.author(),
        ...visit.expected(),
        ...expiry(visit),
      });
      this.pages.done(visit, {
        message: `Limit '${name}' of ${view.key} is ${input.limit}.`,
        undo: [saved.revision],
        back: 'rate-limits',
      });
    } catch (error) {
      if (error instanceof ValidationError || error instanceof InvalidLimitError)
        return this.#form(visit, view, visit.field('was'), { error: error.message, status: 422 });
      if (!(error instanceof ConflictError)) throw error;
      const conflict = await conflictOn(this.engine, 'rate-limit', view.key);
      this.#form(visit, this.#viewOf(visit, view.key), visit.field('was'), { conflict, status: 409 });
    }
  }

  /** What the limit would have done to the last hour. Changes nothing. */
  @Post('preview')
  @Requires('operator', 'routes')
  preview(@Visiting() visit: Visit): void {
    const view = this.#viewOf(visit, visit.field('key'));
    const before = view.policies.find((policy) => policy.name === visit.field('was')) ?? null;
    const preview = previewOf(
      this.engine,
      () => limitOf(visit, before),
      before,
      (route) => route === view.key,
    );
    if (visit.isPartial) this.pages.piece(visit, preview);
    else this.#form(visit, view, visit.field('was'), { preview });
  }

  @Get('mode')
  @Requires('operator', 'filtered')
  confirmMode(@Visiting() visit: Visit): void {
    const view = this.#viewOf(visit, visit.query('key'));
    const policy = policyOf(view, visit.query('name'));
    const mode = modeOf(visit.query('mode'));
    this.pages.dialog(visit, 'rate-limits', {
      title: `${MODES[mode].title} '${policy.name}'`,
      note: (
        <>
          <code>{policy.limit}</code> of <code class="path">{view.key}</code>: {MODES[mode].note}
        </>
      ),
      action: 'rate-limits/mode',
      submit: MODES[mode].title,
      tone: mode === 'off' ? 'bad' : 'accent',
      back: 'rate-limits',
      children: (
        <>
          <input type="hidden" name="key" value={view.key} />
          <input type="hidden" name="name" value={policy.name} />
          <input type="hidden" name="mode" value={mode} />
          <ExpiryFields value={() => ''} />
        </>
      ),
    });
  }

  /** Enforces a limit, lets it only watch, or pauses it. */
  @Post('mode')
  @Requires('operator', 'routes')
  async mode(@Visiting() visit: Visit): Promise<void> {
    const view = this.#viewOf(visit, visit.field('key'));
    const policy = policyOf(view, visit.field('name'));
    const mode = modeOf(visit.field('mode'));
    const { revision } = await this.engine.rateLimits.set(view.key, { ...policy, mode }, { ...visit.author(), ...expiry(visit) });
    const message = `Limit '${policy.name}' of ${view.key} ${MODES[mode].done}.`;
    this.pages.done(visit, { message, undo: [revision], back: 'rate-limits' });
  }

  @Get('reset')
  @Requires('operator', 'filtered')
  confirmReset(@Visiting() visit: Visit): void {
    this.#confirm(visit, 'reset');
  }

  @Get('clear')
  @Requires('operator', 'filtered')
  confirmClear(@Visiting() visit: Visit): void {
    this.#confirm(visit, 'clear');
  }

  @Post('reset')
  @Requires('operator', 'routes')
  async reset(@Visiting() visit: Visit): Promise<void> {
    const { key } = this.#viewOf(visit, visit.field('key'));
    const caller = visit.field('caller');
    await this.engine.rateLimits.reset(key, { ...visit.author(), ...(caller === '' ? {} : { caller }) });
    this.pages.done(visit, { message: `Counters of ${key} are reset.`, back: 'rate-limits' });
  }

  @Post('clear')
  @Requires('operator', 'routes')
  async clear(@Visiting() visit: Visit): Promise<void> {
    const { key } = this.#viewOf(visit, visit.field('key'));
    const { revision } = await this.engine.rateLimits.clear(key, visit.author());
    this.pages.done(visit, { message: `Limits of ${key} are what the code declares.`, undo: [revision], back: 'rate-limits' });
  }

  #confirm(visit: Visit, action: 'reset' | 'clear'): void {
    const { key } = this.#viewOf(visit, visit.query('key'));
    const isReset = action === 'reset';
    this.pages.dialog(visit, 'rate-limits', {
      title: isReset ? 'Reset counters' : 'Clear override',
      note: isReset ? `Callers of ${key} begin to be counted anew.` : `What the code declares for ${key} holds again.`,
      action: `rate-limits/${action}`,
      submit: isReset ? 'Reset' : 'Clear override',
      back: 'rate-limits',
      children: (
        <>
          <input type="hidden" name="key" value={key} />
          {isReset ? (
            <TextField
              name="caller"
              label="Only this caller"
              value={visit.query('caller')}
              placeholder="203.0.113.7"
              hint="As shown on the page Blocked. Empty = all of them."
            />
          ) : null}
        </>
      ),
    });
  }

  #form(visit: Visit, view: RateLimitView, name: string, problem: Problem = {}): void {
    const policy = view.policies.find((known) => known.name === name) ?? null;
    const typed = (field: string) => (visit.form.has(field) ? visit.field(field) : null);
    this.pages.dialog(
      visit,
      'rate-limits',
      {
        title: policy === null ? 'Add limit' : `Limit '${policy.name}'`,
        note: (
          <>
            Holds for <code class="path">{view.key}</code> at once, in place of what the code declares under this name.
          </>
        ),
        action: 'rate-limits/edit',
        submit: 'Save limit',
        back: 'rate-limits',
        error: problem.error,
        conflict: problem.conflict,
        children: (
          <>
            <input type="hidden" name="key" value={view.key} />
            <input type="hidden" name="was" value={name} />
            <input type="hidden" name="revision" value={view.revision} />
            <LimitFields policy={policy} typed={typed} named />
            <PreviewPlace path="rate-limits/preview" links={this.pages.links}>
              {problem.preview}
            </PreviewPlace>
            <ExpiryFields value={(field) => typed(field) ?? ''} />
          </>
        ),
      },
      problem.status,
    );
  }

  #viewOf(visit: Visit, key: string): RateLimitView {
    const route = this.engine.sync.routes.get(key);
    if (!visit.who.covers(route.service)) throw new AnswerError(403, 'This concerns a service you are not responsible for');
    const none = { key: route.key, service: route.service, policies: [], declared: [], override: null } as const;
    return this.engine.sync.rateLimits.find(route.key) ?? { ...none, source: 'declared', until: null, revision: 0 };
  }
}

function policyOf(view: RateLimitView, name: string): RateLimitPolicy {
  const policy = view.policies.find((known) => known.name === name);
  if (policy === undefined) throw new AnswerError(404, `${view.key} has no limit '${name}'`);
  return policy;
}

function modeOf(text: string): RateLimitPolicy['mode'] {
  if (Object.hasOwn(MODES, text)) return text as RateLimitPolicy['mode'];
  throw new AnswerError(404, `'${text}' is no mode of a limit`);
}
