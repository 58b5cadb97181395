import { Get, Post } from '@nestjs/common';
import { WaygateEngine, type RateLimitPolicy, type RateLimitView } from '@waygate/core';
import type { VNode } from 'preact';
import { AnswerError, Requires } from '../admin/surface.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { RevisionField } from '../ui/form.js';
import { expiry } from '../when/read-when.js';
import { ExpiryFields } from '../when/when-fields.js';
import { CallerField } from './caller-field.js';
import { LimitFields, limitOf } from './limit-form.js';
import { PreviewPlace } from './limit-preview.js';
import { previewOf } from './preview-of.js';

const MODES = {
  off: { title: 'Pause', done: 'is paused', note: 'nobody is counted or refused until it is resumed.' },
  shadow: { title: 'Shadow', done: 'only watches', note: 'who is over it is recorded on the page Blocked, and let through.' },
  enforce: { title: 'Enforce', done: 'is enforced', note: 'who is over it gets 429.' },
} as const;

/** The forms of limits of single routes. */
@PageController('rate-limits')
export class RouteLimitPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly forms: Forms,
  ) {}

  @Get('edit')
  @Requires('operator', 'filtered')
  form(@Visiting() visit: Visit): void {
    this.forms.show(visit, editForm(this.#viewOf(visit, visit.query('key')), visit.query('name')));
  }

  @Post('edit')
  @Requires('operator', 'routes')
  save(@Visiting() visit: Visit): Promise<void> {
    const { key, policies } = this.#viewOf(visit, visit.field('key'));
    const name = visit.field('name');
    const was = visit.field('was');
    return this.forms.send(
      visit,
      () => editForm(this.#viewOf(visit, key), was),
      async () => {
        const input = { ...limitOf(visit, policyIn(policies, was)), name };
        const { revision } = await this.engine.rateLimits.set(key, input, { ...visit.change(), ...expiry(visit) });
        return { message: `Limit '${name}' of ${key} is ${input.limit}.`, undo: [revision], back: 'rate-limits' };
      },
    );
  }

  /** What the limit would have done to the last hour. Changes nothing. */
  @Post('preview')
  @Requires('operator', 'routes')
  preview(@Visiting() visit: Visit): void {
    const view = this.#viewOf(visit, visit.field('key'));
    const was = visit.field('was');
    const before = policyIn(view.policies, was);
    const preview = previewOf(
      this.engine,
      () => limitOf(visit, before),
      before,
      (route) => route === view.key,
    );
    if (visit.isPartial) this.pages.piece(visit, preview);
    else this.forms.show(visit, editForm(view, was, preview));
  }

  @Get('mode')
  @Requires('operator', 'filtered')
  confirmMode(@Visiting() visit: Visit): void {
    const view = this.#viewOf(visit, visit.query('key'));
    this.forms.show(visit, modeForm(view, visit.query('name'), modeOf(visit.query('mode'))));
  }

  /** Enforces a limit, lets it only watch, or pauses it. */
  @Post('mode')
  @Requires('operator', 'routes')
  mode(@Visiting() visit: Visit): Promise<void> {
    const view = this.#viewOf(visit, visit.field('key'));
    const name = visit.field('name');
    const mode = modeOf(visit.field('mode'));
    return this.forms.send(
      visit,
      () => modeForm(view, name, mode),
      async () => {
        const change = { ...visit.author(), ...expiry(visit) };
        const { revision } = await this.engine.rateLimits.set(view.key, { ...knownPolicy(view, name), mode }, change);
        return { message: `Limit '${name}' of ${view.key} ${MODES[mode].done}.`, undo: [revision], back: 'rate-limits' };
      },
    );
  }

  @Get('reset')
  @Requires('operator', 'filtered')
  confirmReset(@Visiting() visit: Visit): void {
    this.forms.show(visit, resetForm(this.#viewOf(visit, visit.query('key')), visit.query('caller')));
  }

  @Post('reset')
  @Requires('operator', 'routes')
  reset(@Visiting() visit: Visit): Promise<void> {
    const view = this.#viewOf(visit, visit.field('key'));
    const caller = visit.field('caller');
    return this.forms.send(
      visit,
      () => resetForm(view),
      async () => {
        await this.engine.rateLimits.reset(view.key, { ...visit.author(), ...(caller === '' ? {} : { caller }) });
        return { message: `Counters of ${view.key} are reset.`, back: 'rate-limits' };
      },
    );
  }

  @Get('clear')
  @Requires('operator', 'filtered')
  confirmClear(@Visiting() visit: Visit): void {
    this.forms.show(visit, clearForm(this.#viewOf(visit, visit.query('key'))));
  }

  @Post('clear')
  @Requires('operator', 'routes')
  clear(@Visiting() visit: Visit): Promise<void> {
    const view = this.#viewOf(visit, visit.field('key'));
    return this.forms.send(
      visit,
      () => clearForm(view),
      async () => {
        const { revision } = await this.engine.rateLimits.clear(view.key, visit.author());
        return { message: `Limits of ${view.key} are what the code declares.`, undo: [revision], back: 'rate-limits' };
      },
    );
  }

  #viewOf(visit: Visit, key: string): RateLimitView {
    const route = this.engine.sync.routes.get(key);
    if (!visit.who.covers(route.service)) throw new AnswerError(403, 'This concerns a service you are not responsible for');
    const none = { key: route.key, service: route.service, policies: [], declared: [], override: null } as const;
    return this.engine.sync.rateLimits.find(route.key) ?? { ...none, source: 'declared', until: null, revision: 0 };
  }
}

/** @param preview what the limit would have done; `undefined` = it was not asked for */
function editForm(view: RateLimitView, name: string, preview?: VNode): Form {
  const policy = policyIn(view.policies, name);
  return {
    section: 'rate-limits',
    title: policy === null ? 'Add limit' : `Limit '${policy.name}'`,
    note: (
      <>
        Holds for <code class="path">{view.key}</code> at once, in place of what the code declares under this name.
      </>
    ),
    action: 'rate-limits/edit',
    submit: 'Save limit',
    back: 'rate-limits',
    fields: (
      <>
        <input type="hidden" name="key" value={view.key} />
        <input type="hidden" name="was" value={name} />
        <RevisionField revision={view.revision} />
        <LimitFields policy={policy} named />
        <PreviewPlace path="rate-limits/preview">{preview}</PreviewPlace>
        <ExpiryFields />
      </>
    ),
  };
}

function modeForm(view: RateLimitView, name: string, mode: RateLimitPolicy['mode']): Form {
  const { limit } = knownPolicy(view, name);
  return {
    section: 'rate-limits',
    title: `${MODES[mode].title} '${name}'`,
    note: (
      <>
        <code>{limit}</code> of <code class="path">{view.key}</code>: {MODES[mode].note}
      </>
    ),
    action: 'rate-limits/mode',
    submit: MODES[mode].title,
    tone: mode === 'off' ? 'bad' : 'accent',
    back: 'rate-limits',
    fields: (
      <>
        <input type="hidden" name="key" value={view.key} />
        <input type="hidden" name="name" value={name} />
        <input type="hidden" name="mode" value={mode} />
        <ExpiryFields />
      </>
    ),
  };
}

function resetForm({ key }: RateLimitView, caller = ''): Form {
  return {
    section: 'rate-limits',
    title: 'Reset counters',
    note: `Callers of ${key} begin to be counted anew.`,
    action: 'rate-limits/reset',
    submit: 'Reset',
    back: 'rate-limits',
    fields: (
      <>
        <input type="hidden" name="key" value={key} />
        <CallerField caller={caller} />
      </>
    ),
  };
}

function clearForm({ key }: RateLimitView): Form {
  return {
    section: 'rate-limits',
    title: 'Clear override',
    note: `What the code declares for ${key} holds again.`,
    action: 'rate-limits/clear',
    submit: 'Clear override',
    back: 'rate-limits',
    fields: <input type="hidden" name="key" value={key} />,
  };
}

function policyIn(policies: readonly RateLimitPolicy[], name: string): RateLimitPolicy | null {
  return policies.find((policy) => policy.name === name) ?? null;
}

function knownPolicy({ key, policies }: RateLimitView, name: string): RateLimitPolicy {
  const policy = policyIn(policies, name);
  if (policy === null) throw new AnswerError(404, `${key} has no limit '${name}'`);
  return policy;
}

function modeOf(text: string): RateLimitPolicy['mode'] {
  if (text === 'off' || text === 'shadow' || text === 'enforce') return text;
  throw new AnswerError(404, `'${text}' is no mode of a limit`);
}
