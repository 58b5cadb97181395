import { Get, Param, Post } from '@nestjs/common';
import { DeliveryNotFoundError, ValidationError, WaygateEngine, type DeliveryState, type WebhookView } from '@waygate/core';
import { AnswerError, decodePathKey, encodePathKey, Requires } from '../admin/surface.js';
import type { Form, Secret, Wording } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf } from '../ui/form.js';
import { WebhookFields } from './webhook-fields.js';
import { WebhookPage } from './webhook-page.js';
import { WebhooksPage } from './webhooks-page.js';

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
    tone: 'bad',
  },
  delete: {
    title: 'Delete webhook',
    submit: 'Delete',
    done: 'deleted',
    note: 'The webhook and its deliveries are forgotten.',
    tone: 'bad',
  },
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
} as const satisfies Record<string, Wording & { readonly done: string }>;
type Verb = keyof typeof VERBS;
const VERB_NAMES = ['enable', 'disable', 'delete', 'rotate', 'test'] as const;
const STATES: readonly DeliveryState[] = ['pending', 'claimed', 'delivered', 'dead'];

@PageController('webhooks')
export class WebhookPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly forms: Forms,
  ) {}

  @Get()
  @Requires('admin', 'everything')
  async list(@Visiting() visit: Visit): Promise<void> {
    const webhooks = await this.engine.webhooks.list();
    this.pages.page(visit, { title: 'Webhooks', section: 'webhooks', children: <WebhooksPage webhooks={webhooks} /> });
  }

  @Get('new')
  @Requires('admin', 'everything')
  form(@Visiting() visit: Visit): void {
    this.forms.show(visit, newForm());
  }

  @Post('new')
  @Requires('admin', 'everything')
  async add(@Visiting() visit: Visit): Promise<void> {
    const name = visit.field('name');
    await this.forms.send(visit, newForm, async () => {
      const { url, ...input } = inputOf(visit);
      const { webhook, secret } = await this.engine.webhooks.add(
        url,
        { ...input, ...(name === '' ? {} : { name }) },
        visit.author(),
      );
      if (secret === null) return { message: `Webhook '${webhook.key}' is changed.`, back: 'webhooks' };
      return secretOf(webhook.key, secret);
    });
  }

  @Get(':key')
  @Requires('admin', 'everything')
  async show(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const webhook = await this.#webhook(pathKey);
    const state = STATES.find((known) => known === visit.query('state'));
    const cursor = visit.query('cursor');
    const query = { webhook: webhook.key, ...(state === undefined ? {} : { state }), ...(cursor === '' ? {} : { cursor }) };
    const { items, next } = await this.engine.webhooks.deliveries({ ...query, limit: 50 });
    this.pages.page(visit, {
      title: webhook.key,
      section: 'webhooks',
      children: <WebhookPage webhook={webhook} deliveries={items} next={next} state={state ?? ''} />,
    });
  }

  @Post('deliveries/:id/resend')
  @Requires('admin', 'everything')
  async resend(@Visiting() visit: Visit, @Param('id') id: string): Promise<void> {
    const { webhook } = await this.engine.webhooks.resend(id).catch((error: unknown) => {
      if (error instanceof ValidationError || error instanceof DeliveryNotFoundError) throw new AnswerError(404, error.message);
      throw error;
    });
    this.forms.done(visit, { message: 'It is sent again.', back: pathOf(webhook) });
  }

  @Get(':key/edit')
  @Requires('admin', 'everything')
  async edit(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    this.forms.show(visit, editForm(await this.#webhook(pathKey)));
  }

  @Post(':key/edit')
  @Requires('admin', 'everything')
  async save(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const { key } = await this.#webhook(pathKey);
    await this.forms.send(
      visit,
      async () => editForm(await this.#webhook(pathKey)),
      async () => {
        await this.engine.webhooks.update(key, inputOf(visit), visit.change());
        return { message: `Webhook '${key}' is saved.`, undo: await this.forms.latest('webhook', key), back: pathOf(key) };
      },
    );
  }

  @Get(':key/:verb')
  @Requires('admin', 'everything')
  async confirm(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('verb') verb: string): Promise<void> {
    this.forms.show(visit, verbForm((await this.#webhook(pathKey)).key, verbOf(verb)));
  }

  @Post(':key/:verb')
  @Requires('admin', 'everything')
  async act(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('verb') name: string): Promise<void> {
    const verb = verbOf(name);
    const { key } = await this.#webhook(pathKey);
    const { webhooks } = this.engine;
    await this.forms.send(
      visit,
      () => verbForm(key, verb),
      async () => {
        const message = `${key} is ${VERBS[verb].done}.`;
        switch (verb) {
          case 'rotate':
            return secretOf(key, (await webhooks.rotateSecret(key, {}, visit.author())).secret);
          case 'test': {
            const { ok, status, error } = await webhooks.test(key, visit.author());
            const refusal = `${key} did not take it: ${error === '' ? `status ${status}` : error}`;
            return { message: ok ? `${key} answered ${status}.` : refusal, back: pathOf(key) };
          }
          case 'delete':
            await webhooks.remove(key, visit.author());
            return { message, back: 'webhooks', leave: true };
          case 'enable':
          case 'disable':
            await webhooks[verb](key, visit.author());
            return { message, undo: await this.forms.latest('webhook', key), back: pathOf(key) };
        }
      },
    );
  }

  #webhook(pathKey: string): Promise<WebhookView> {
    return this.engine.webhooks.get(decodePathKey(pathKey));
  }
}

const pathOf = (key: string) => `webhooks/${encodePathKey(key)}`;

const WEBHOOK_FORM = {
  section: 'webhooks',
  note: 'Tells another system of changes: a signed POST for each, tried again until it is taken.',
  back: 'webhooks',
} as const;

function newForm(): Form {
  return {
    ...WEBHOOK_FORM,
    title: 'Add webhook',
    action: 'webhooks/new',
    submit: 'Add webhook',
    fields: <WebhookFields webhook={null} />,
  };
}

function editForm(webhook: WebhookView): Form {
  return {
    ...WEBHOOK_FORM,
    title: `Webhook ${webhook.key}`,
    action: `${pathOf(webhook.key)}/edit`,
    submit: 'Save',
    fields: <WebhookFields webhook={webhook} />,
  };
}

function verbForm(key: string, verb: Verb): Form {
  return {
    ...VERBS[verb],
    section: 'webhooks',
    note: `${key}: ${VERBS[verb].note}`,
    action: `${pathOf(key)}/${verb}`,
    back: pathOf(key),
  };
}

function secretOf(key: string, secret: string): Secret {
  return {
    section: 'webhooks',
    title: `Secret of ${key}`,
    note: 'Give it to the receiver now: it verifies the signatures with it, and it cannot be shown again.',
    secret,
    back: pathOf(key),
  };
}

function verbOf(text: string): Verb {
  for (const verb of VERB_NAMES) if (verb === text) return verb;
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
