import type { ServerResponse } from 'node:http';
import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { WaygateEngine, type DeliveryQuery, type WebhookView } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { queryOf, type AdminRequest } from '../http/admin-request.js';
import { badRequest } from '../http/answer-error.js';
import { ExactBody } from '../http/body.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { Who } from '../http/who.decorator.js';
import { sendJson } from '../http/send-json.js';
import { ReasonBody } from '../routes/routes.dto.js';
import { deliveryWire, webhookWire } from './webhook-wire.js';
import { RotateSecretBody, secretRotation, WebhookBody, webhookInput, webhookPatch, WebhookPatchBody } from './webhooks.dto.js';

/** A path of ours lies where this one's would. */
const TAKEN_NAME = 'deliveries';

/** Whom changes are told to. Operators see what is delivered; where to, and who may change that, is the admins' business. */
@Controller('api/webhooks')
export class WebhooksController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get()
  @Requires('operator', 'everything')
  async list(@Who() who: Principal): Promise<readonly object[]> {
    return (await this.engine.webhooks.list()).map((view) => wireFor(who, view));
  }

  /** The secret is in this answer and nowhere else. One of that name or to that URL is changed: 200, and its secret stays. */
  @Post()
  @Requires('admin', 'everything')
  async add(
    @ExactBody(WebhookBody) body: WebhookBody,
    @Res() response: ServerResponse,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<void> {
    if (body.name === TAKEN_NAME) throw badRequest(`name: '${TAKEN_NAME}' cannot name a webhook`);
    const change = { ...who.author(), ...expected };
    const { webhook, secret, created } = await this.engine.webhooks.add(body.url, webhookInput(body), change);
    response.setHeader('etag', `"${webhook.revision}"`);
    sendJson(response, created ? 201 : 200, { ...wireFor(who, webhook), secret });
  }

  /** Of all webhooks, newest first. */
  @Get('deliveries')
  @Requires('operator', 'everything')
  deliveries(@Req() request: AdminRequest): Promise<object> {
    return this.#deliveries(request);
  }

  /** Sends it once more, with all its attempts and under the same `webhook-id`. */
  @Post('deliveries/:id/resend')
  @HttpCode(200)
  @Requires('admin', 'everything')
  async resend(@Param('id') id: string): Promise<object> {
    return deliveryWire(await this.engine.webhooks.resend(id));
  }

  @Get(':webhook')
  @Requires('operator', 'everything')
  async get(@Param('webhook') key: string, @Who() who: Principal): Promise<object> {
    return wireFor(who, await this.engine.webhooks.get(key));
  }

  /** What is not named stays. */
  @Patch(':webhook')
  @Requires('admin', 'everything')
  async update(
    @Param('webhook') key: string,
    @ExactBody(WebhookPatchBody) body: WebhookPatchBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<object> {
    return wireFor(who, await this.engine.webhooks.update(key, webhookPatch(body), { ...who.author(), ...expected }));
  }

  /** Its deliveries go too. One that the code declares comes back with the next start: disable it instead. */
  @Delete(':webhook')
  @Requires('admin', 'everything')
  async remove(@Param('webhook') key: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    await this.engine.webhooks.remove(key, { ...who.author(), ...expected });
    return { ok: true };
  }

  @Post(':webhook/enable')
  @HttpCode(200)
  @Requires('admin', 'everything')
  async enable(
    @Param('webhook') key: string,
    @ExactBody(ReasonBody) { reason }: ReasonBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<object> {
    return wireFor(who, await this.engine.webhooks.enable(key, { ...who.author(reason), ...expected }));
  }

  @Post(':webhook/disable')
  @HttpCode(200)
  @Requires('admin', 'everything')
  async disable(
    @Param('webhook') key: string,
    @ExactBody(ReasonBody) { reason }: ReasonBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<object> {
    return wireFor(who, await this.engine.webhooks.disable(key, { ...who.author(reason), ...expected }));
  }

  /** The new secret is in this answer and nowhere else. */
  @Post(':webhook/rotate-secret')
  @HttpCode(200)
  @Requires('admin', 'everything')
  async rotateSecret(
    @Param('webhook') key: string,
    @ExactBody(RotateSecretBody) body: RotateSecretBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<object> {
    const change = { ...who.author(), ...expected };
    const { webhook, secret } = await this.engine.webhooks.rotateSecret(key, secretRotation(body), change);
    return { ...wireFor(who, webhook), secret };
  }

  /** Sends an event `test` now, once, and says how it went. */
  @Post(':webhook/test')
  @HttpCode(200)
  @Requires('admin', 'everything')
  async test(@Param('webhook') key: string, @Who() who: Principal): Promise<object> {
    const { ok, status, error } = await this.engine.webhooks.test(key, who.author());
    return { ok, status, error };
  }

  @Get(':webhook/deliveries')
  @Requires('operator', 'everything')
  async deliveriesOf(@Param('webhook') key: string, @Req() request: AdminRequest): Promise<object> {
    await this.engine.webhooks.get(key);
    return this.#deliveries(request, key);
  }

  async #deliveries(request: AdminRequest, webhook = queryOf(request, 'webhook')): Promise<object> {
    const [state, limit, cursor] = [queryOf(request, 'state'), queryOf(request, 'limit'), queryOf(request, 'cursor')];
    const { items, next } = await this.engine.webhooks.deliveries({
      ...(webhook === null ? {} : { webhook }),
      ...(state === null ? {} : { state: state as NonNullable<DeliveryQuery['state']> }),
      ...(limit === null ? {} : { limit: Number(limit) }),
      ...(cursor === null ? {} : { cursor }),
    });
    return { deliveries: items.map(deliveryWire), next };
  }
}

function wireFor(who: Principal, view: WebhookView): object {
  return webhookWire(view, who.has('admin'));
}
