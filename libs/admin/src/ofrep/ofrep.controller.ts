import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { WaygateEngine, type EvaluationContext, type FlagDetails } from '@waygate/core';
import { Authentication } from '../auth/authentication.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { headerOf, queryOf, type AdminRequest } from '../http/admin-request.js';
import { isNestedTooDeep, isObject, MAX_DEPTH, parsed } from '../http/body.js';
import { etagOf, matchesEtag } from '../http/etag.js';
import { Who } from '../http/who.decorator.js';
import { sendJson } from '../http/send-json.js';
import { hostRequestOf } from '../http/host-request.js';
import { OfrepStreams } from './ofrep-streams.js';

/** How long clients may leave a stream alone before they close it, in seconds. */
const INACTIVITY_SECONDS = 120;
const EVALUATE = '/ofrep/v1/evaluate/';

/**
 * Evaluates flags for clients elsewhere: OpenFeature's Remote Evaluation Protocol (OFREP 0.2), below the admin's path. Client tokens see
 * only flags that are marked visible to clients; to them the others do not exist.
 */
@Controller('ofrep/v1')
export class OfrepController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly streams: OfrepStreams,
    private readonly authentication: Authentication,
  ) {}

  @Post('evaluate/flags/:flag')
  @Requires('viewer', 'filtered', { sdk: true, client: true })
  evaluate(
    @Param('flag') key: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
    @Who() who: Principal,
  ): void {
    const context = readContext(request);
    if (!context.ok) return sendJson(response, 400, { key, ...context.problem });
    const known = this.#visible(who).has(key);
    if (!known) return sendJson(response, 404, { key, ...notFound(key) });
    const answer = flagAnswer(key, this.engine.sync.flags.evaluate(key, context.context));
    sendJson(response, 'errorCode' in answer ? 400 : 200, answer);
  }

  /** All flags at once; `304` while what a context gets is the same. */
  @Post('evaluate/flags')
  @Requires('viewer', 'filtered', { sdk: true, client: true })
  evaluateAll(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): void {
    const context = readContext(request);
    if (!context.ok) return sendJson(response, 400, context.problem);
    const flags = [...this.#visible(who)].map((key) => flagAnswer(key, this.engine.sync.flags.evaluate(key, context.context)));
    const stream = this.#streamFor(request);
    const body = {
      flags,
      ...(stream === null ? {} : { eventStreams: [stream] }),
    };
    // Of the answer, which time changes as well as commits do (rollouts by steps), and of who may see it.
    const etag = etagOf([who.role, context.context, body]);
    response.setHeader('etag', etag);
    response.setHeader('cache-control', 'private, no-cache');
    response.appendHeader('vary', 'Authorization, X-API-Key, X-Waygate-Token');
    if (matchesEtag(headerOf(request, 'if-none-match'), etag)) return void response.writeHead(304).end();
    sendJson(response, 200, body);
  }

  /** Tells when it is time to evaluate again, as server-sent events. */
  @Get('events')
  @Requires('viewer', 'filtered', { sdk: true, client: true, slowRefusal: true })
  events(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): void {
    if (request.method === 'HEAD') return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
    const lastEventId = headerOf(request, 'last-event-id') ?? queryOf(request, 'lastEventId');
    const isWelcome = this.authentication.watch(request);
    this.streams.open(request, response, { onlyVisible: who.role === 'client', lastEventId, isWelcome });
  }

  /** Keys of the flags somebody may evaluate. */
  #visible(who: Principal): ReadonlySet<string> {
    const flags = this.engine.sync.flags.list();
    return new Set(
      flags
        .filter(({ status, clientVisible }) => status !== 'archived' && (clientVisible || who.role !== 'client'))
        .map(({ key }) => key),
    );
  }

  /** Where the caller may listen. A browser's `EventSource` sends no headers: what is in the URL is a client token, which is no secret. */
  #streamFor(request: AdminRequest): object | null {
    const token = this.authentication.clientTokenOf(request);
    if (token === null) return null;
    // Where the caller found this, it finds the stream too.
    const { url } = hostRequestOf(request);
    const root = url.slice(0, url.indexOf(EVALUATE));
    const requestUri = `${root}/ofrep/v1/events?token=${encodeURIComponent(token)}`;
    return { type: 'sse', endpoint: { requestUri }, inactivityDelaySec: INACTIVITY_SECONDS };
  }
}

type ReadContext =
  | { readonly ok: true; readonly context: EvaluationContext }
  | { readonly ok: false; readonly problem: { readonly errorCode: string; readonly errorDetails: string } };

function readContext(request: IncomingMessage): ReadContext {
  const body = parsed(request);
  if (!isObject(body)) return refused('PARSE_ERROR', 'The body must be a JSON object.');
  const { context = {} } = body;
  if (!isObject(context)) return refused('INVALID_CONTEXT', "'context' must be an object.");
  if (isNestedTooDeep(context)) return refused('INVALID_CONTEXT', `'context' is nested deeper than ${MAX_DEPTH} levels.`);
  const { targetingKey } = context;
  if (targetingKey !== undefined && typeof targetingKey !== 'string')
    return refused('INVALID_CONTEXT', "'context.targetingKey' must be text.");
  return { ok: true, context: context as EvaluationContext };
}

function refused(errorCode: string, errorDetails: string): ReadContext {
  return { ok: false, problem: { errorCode, errorDetails } };
}

function notFound(key: string): object {
  return { errorCode: 'FLAG_NOT_FOUND', errorDetails: `There is no flag '${key}'.` };
}

function flagAnswer(key: string, details: FlagDetails): object {
  const { value, variation, openFeatureReason: reason, errorCode, errorMessage, metadata } = details;
  if (value === null) return { key, errorCode: errorCode ?? 'GENERAL', errorDetails: errorMessage ?? 'The flag gives no value.' };
  return { key, value, reason, ...(variation === null ? {} : { variant: variation }), metadata };
}
