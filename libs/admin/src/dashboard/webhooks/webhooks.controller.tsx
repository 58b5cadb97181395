import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import { ConflictError, ValidationError, WaygateEngine, type DeliveryState, type WebhookView } from '@waygate/core';
import { isError } from '@waygate/core/native-errors';
import { Requires } from '../../http/requires.js';
import { AnswerError } from '../../http/answer-error.js';
import { decodePathKey, encodePathKey } from '../../http/path-key.js';
import { conflictOn } from '../audit/conflict-note.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf } from '../ui/form.js';
import { Secret } from '../ui/secret.js';
import { WebhookFields } from './webhook-form.js';
import { WebhookPage, WebhooksPage } from './webhooks-page.js';

const VERBS = {
  enable: {
    title: 'Enable webhook',
    submit: 'Enable',
    done: 'enabled',
    note: 'It is told of changes again, and first of those that waited.',
  },
  disable: {
    title: 'Disable webhook',
    submit: 'Disable',
    done: 'disabled',
    note: 'It is told of nothing more. What waits is kept.',
  },
  delete: { title: 'Delete webhook', submit: 'Delete', done: 'deleted', note: 'The webhook and its deliveries are forgotten.' },
  rotate: {
    title: 'Rotate secret',
    submit: 'Rotate',
    done: 'has a new secret',
    note: 'The new secret signs from now on, the old one beside it for a day.',
  },
  test: {
    title: 'Send a test',
    submit: 'Send',
    done: 'was tested',
    note: 'One signed event test, sent now. It is not part of the delivery log.',
  },
} as const;
type Verb = keyof typeof VERBS;
const STATES: readonly DeliveryState[] = ['pending', 'claimed', 'delivered', 'dead'];

interface Problem {
  readonly error?: string;
  readonly conflict?: preact.ComponentChildren;
  readonly status?: number;
}

@Controller('webhooks')
@UseFilters(PageErrorsFilter)
export class WebhookPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('admin', 'everything')
  async list(@Visiting() visit: Visit): Promise<void> {
    const webhooks = await this.engine.webhooks.list();
    this.pages.page(visit, {
      title: 'Webhooks',
      section: 'webhooks',
      children: <WebhooksPage webhooks={webhooks} links={this.pages.links} now={this.engine.now()} />,
    });
  }

  @Get('new')
  @Requires('admin', 'everything')
  form(@Visiting() visit: Visit): void {
    this.#form(visit, null);
  }

  @Post('new')
  @Requires('admin', 'everything')
  async add(@Visiting() visit: Visit): Promise<void> {
    const name = visit.field('name');
    try {
      const { url, ...input } = inputOf(visit);
      const { webhook, secret } = await this.engine.webhooks.add(
        url,
        { ...input, ...(name === '' ? {} : { name }) },
        visit.author(),
      );
      if (secret === null) return this.pages.done(visit, { message: `Webhook '${webhook.key}' is changed.`, back: 'webhooks' });
      this.#showSecret(visit, webhook.key, secret);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      this.#form(visit, null, { error: error.message, status: 422 });
    }
  }

  @Get(':key')
  @Requires('admin', 'everything')
  async show(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const webhook = await this.engine.webhooks.get(decodePathKey(pathKey));
    const state = STATES.find((known) => known === visit.query('state'));
    const cursor = visit.query('cursor');
    const query = { webhook: webhook.key, ...(state === undefined ? {} : { state }), ...(cursor === '' ? {} : { cursor }) };
    const deliveries = await this.engine.webhooks.deliveries({ ...query, limit: 50 });
    this.pages.page(visit, {
      title: webhook.key,
      section: 'webhooks',
      children: (
        <WebhookPage
          webhook={webhook}
          deliveries={deliveries.items}
          next={deliveries.next}
          state={state ?? ''}
          csrf={this.pages.csrf(visit)}
          links={this.pages.links}
          now={this.engine.now()}
        />
      ),
    });
  }

  @Post('deliveries/:id/resend')
  @Requires('admin', 'everything')
  async resend(@Visiting() visit: Visit, @Param('id') id: string): Promise<void> {
    const { webhook } = await this.engine.webhooks.resend(id).catch((error: unknown) => {
      throw error instanceof ValidationError || (isError(error) && error.name === 'DeliveryNotFoundError')
        ? new AnswerError(404, error.message)
        : error;
    });
    this.pages.done(visit, { message: 'It is sent again.', back: `webhooks/${encodePathKey(webhook)}` });
  }

  @Get(':key/edit')
  @Requires('admin', 'everything')
  async edit(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    this.#form(visit, await this.engine.webhooks.get(decodePathKey(pathKey)));
  }

  @Post(':key/edit')
  @Requires('admin', 'everything')
  async save(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const webhook = await this.engine.webhooks.get(decodePathKey(pathKey));
    try {
      const saved = await this.engine.webhooks.update(webhook.key, inputOf(visit), { ...visit.author(), ...visit.expected() });
      this.pages.done(visit, {
        message: `Webhook '${saved.key}' is saved.`,
        undo: await this.pages.latest('webhook', saved.key),
        back: `webhooks/${pathKey}`,
      });
    } catch (error) {
      if (error instanceof ValidationError) return this.#form(visit, webhook, { error: error.message, status: 422 });
      if (!(error instanceof ConflictError)) throw error;
      const conflict = await conflictOn(this.engine, 'webhook', webhook.key);
      this.#form(visit, await this.engine.webhooks.get(webhook.key), { conflict, status: 409 });
    }
  }

  @Get(':key/:verb')
  @Requires('admin', 'everything')
  async confirm(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('verb') verb: string): Promise<void> {
    const { key } = await this.engine.webhooks.get(decodePathKey(pathKey));
    const { title, note, submit } = VERBS[verbOf(verb)];
    const isBad = verb === 'delete' || verb === 'disable';
    this.pages.dialog(visit, 'webhooks', {
      title,
      note: `${key}: ${note}`,
      submit,
      tone: isBad ? 'bad' : 'accent',
      action: `webhooks/${pathKey}/${verb}`,
      back: `webhooks/${pathKey}`,
    });
  }

  @Post(':key/:verb')
  @Requires('admin', 'everything')
  async act(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('verb') name: string): Promise<void> {
    const verb = verbOf(name);
    const { key } = await this.engine.webhooks.get(decodePathKey(pathKey));
    const back = `webhooks/${pathKey}`;
    const { webhooks } = this.engine;
    if (verb === 'rotate') return this.#showSecret(visit, key, (await webhooks.rotateSecret(key, {}, visit.author())).secret);
    if (verb === 'test') {
      const { ok, status, error } = await webhooks.test(key, visit.author());
      const message = ok ? `${key} answered ${status}.` : `${key} did not take it: ${error === '' ? `status ${status}` : error}`;
      return this.pages.done(visit, { message, back });
    }
    if (verb === 'delete') await webhooks.remove(key, visit.author());
    else await webhooks[verb](key, visit.author());
    const undo = verb === 'delete' ? [] : await this.pages.latest('webhook', key);
    this.pages.done(visit, {
      message: `${key} is ${VERBS[verb].done}.`,
      undo,
      back: verb === 'delete' ? 'webhooks' : back,
      leave: verb === 'delete',
    });
  }

  #form(visit: Visit, webhook: WebhookView | null, problem: Problem = {}): void {
    const path = webhook === null ? 'webhooks/new' : `webhooks/${encodePathKey(webhook.key)}/edit`;
    const typed = (name: string) => (visit.form.has('url') ? visit.field(name) : null);
    this.pages.dialog(
      visit,
      'webhooks',
      {
        title: webhook === null ? 'Add webhook' : `Webhook ${webhook.key}`,
        note: 'Tells another system of changes: a signed POST for each, tried again until it is taken.',
        action: path,
        submit: webhook === null ? 'Add webhook' : 'Save',
        back: 'webhooks',
        error: problem.error,
        conflict: problem.conflict,
        children: <WebhookFields webhook={webhook} typed={typed} />,
      },
      problem.status,
    );
  }

  #showSecret(visit: Visit, key: string, secret: string): void {
    const text = 'Give it to the receiver now: it verifies the signatures with it, and it cannot be shown again.';
    const done = <Secret title={`Secret of ${key}`} text={text} secret={secret} back={this.pages.links.webhook(key)} />;
    if (!visit.isPartial)
      return this.pages.page(visit, { title: 'Secret', section: 'webhooks', children: <div class="dialog-page">{done}</div> });
    visit.response.setHeader('hx-retarget', '#dialog-body');
    visit.response.setHeader('hx-reswap', 'innerHTML');
    this.pages.piece(visit, done);
  }
}

function verbOf(text: string): Verb {
  if (Object.hasOwn(VERBS, text)) return text as Verb;
  throw new AnswerError(404, `'${text}' cannot be done with webhooks`);
}

function inputOf(visit: Visit) {
  return {
    url: visit.field('url'),
    events: listOf(visit.field('events')),
    formatter: visit.field('formatter') || 'waygate',
    description: visit.field('description'),
  };
}
