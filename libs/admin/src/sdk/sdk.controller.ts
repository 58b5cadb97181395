import type { ServerResponse } from 'node:http';
import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ValidationError, WaygateEngine } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { isServiceName } from '../config/scope.js';
import { Audience } from '../events/audience.js';
import { WireEvents } from '../events/wire-events.js';
import { headerOf, type AdminRequest } from '../http/admin-request.js';
import { AnswerError, badRequest } from '../http/answer-error.js';
import { bodyText, parsed } from '../http/body.js';
import { readBulk } from '../http/bulk-body.js';
import { etagOf, matchesEtag } from '../http/etag.js';
import { Who } from '../http/who.decorator.js';
import { sendJson } from '../http/send-json.js';
import { flagWire, segmentWire } from '../wire/flag-wire.js';
import { policiesOf } from '../rate-limits/rate-limit-policy.js';
import { routeState } from '../routes/route-state.js';
import { readSdkAudit } from './read-sdk-audit.js';
import { readReportedState } from './reported-state.js';
import { SdkRoutes } from './sdk-routes.js';

/** Routes of one registration. */
const MAX_STATES = 10_000;

/** What SDKs of other processes send (wire contract, §5), and a snapshot for those that do not follow a stream. */
@Controller('api/sdk')
export class SdkController {
  readonly #events: WireEvents;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly routes: SdkRoutes,
  ) {
    this.#events = new WireEvents(engine);
  }

  @Post('register')
  @HttpCode(200)
  @Requires('operator', 'filtered', { sdk: true })
  async register(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const { app_id: id, states } = await readBulk(bodyText(request), { states: { max: MAX_STATES, read: readReportedState } });
    const app = id === undefined || id === '' ? 'unknown' : id;
    if (typeof app !== 'string' || !isServiceName(app)) throw badRequest('app_id must be a service name');
    requireService(who, app);
    return { states: await this.routes.register(app, states, who) };
  }

  @Post('audit')
  @HttpCode(200)
  @Requires('operator', 'filtered', { sdk: true })
  async audit(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const body = parsed(request);
    if (body === undefined) throw badRequest('Invalid JSON body');
    try {
      const entry = readSdkAudit(body, '', { actor: who.name, now: this.engine.now() });
      const service = this.#serviceOf(entry.key);
      if (service === null) throw new ValidationError('path', 'must be a registered route of a service');
      requireService(who, service);
      await this.engine.reportedRoutes.record({ ...entry, service });
      return { ok: true };
    } catch (error) {
      if (error instanceof ValidationError) throw badRequest(`Invalid audit entry: ${error.message}`);
      throw error;
    }
  }

  /** What a stream begins with, in one answer; `304` while it is the same. */
  @Get('snapshot')
  @Requires('viewer', 'filtered', { sdk: true })
  snapshot(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): void {
    const audience = new Audience(who, headerOf(request, 'x-waygate-app-id'), false);
    const now = this.engine.now();
    const all = this.engine.sync.routes.list();
    const views = all.filter(({ service }) => audience.hears(service));
    const sentinels = this.#events
      .sentinels(all, audience.app)
      .filter(({ service }) => service === null || audience.hears(service));
    const limits = this.engine.sync.rateLimits.list().filter(({ service }) => audience.hears(service));
    const body = {
      revision: this.engine.revision,
      states: [...sentinels, ...views.map((view) => routeState(view, now))],
      rate_limits: limits.flatMap((view) => policiesOf(view, audience.local)),
      flags: this.engine.sync.flags.list().map(flagWire),
      segments: this.engine.sync.segments.list().map(segmentWire),
    };
    // Of the content, not the revision: a window that opens changes what holds without a commit.
    const etag = etagOf(body);
    response.setHeader('etag', etag);
    response.setHeader('cache-control', 'no-cache');
    response.setHeader('vary', 'X-Waygate-Token, X-Waygate-App-Id, Cookie');
    if (matchesEtag(headerOf(request, 'if-none-match'), etag)) return void response.writeHead(304).end();
    sendJson(response, 200, body);
  }

  #serviceOf(key: string): string | null {
    try {
      const view = this.engine.sync.routes.get(key);
      return view.key === key ? view.service : null;
    } catch {
      return null;
    }
  }
}

/** @throws {AnswerError} 403 for a service somebody else speaks for */
function requireService(who: Principal, service: string): void {
  if (!who.covers(service)) throw new AnswerError(403, 'This concerns a service you are not responsible for');
}
