import type { ServerResponse } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { Authentication } from '../auth/authentication.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { headerOf, type AdminRequest } from '../http/admin-request.js';
import { Who } from '../http/who.decorator.js';
import { Audience } from './audience.js';
import { EventStreams } from './event-streams.js';

/** Streams of server-sent events (wire contract, §7). */
@Controller('api')
export class EventsController {
  constructor(
    private readonly streams: EventStreams,
    private readonly authentication: Authentication,
  ) {}

  /** For SDKs: state, limits, flags and segments of one service, and what concerns all. */
  @Get('sdk/events')
  @Requires('viewer', 'filtered', { sdk: true, slowRefusal: true })
  sdk(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): void {
    this.#open(request, response, new Audience(who, headerOf(request, 'x-waygate-app-id'), false));
  }

  /** For dashboards: every change that whoever watches may see, and its audit entry. */
  @Get('events')
  @Requires('viewer', 'filtered', { slowRefusal: true })
  dashboard(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): void {
    this.#open(request, response, new Audience(who, null, true));
  }

  #open(request: AdminRequest, response: ServerResponse, audience: Audience): void {
    if (request.method === 'HEAD') return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
    const isWelcome = this.authentication.watch(request);
    this.streams.open(request, response, audience, headerOf(request, 'last-event-id'), isWelcome);
  }
}
