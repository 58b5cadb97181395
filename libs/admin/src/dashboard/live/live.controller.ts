import { Controller, Get, UseFilters } from '@nestjs/common';
import { Authentication } from '../../auth/authentication.js';
import { Requires } from '../../http/requires.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Visiting, type Visit } from '../page/visit.js';
import { LiveStreams } from './live-streams.js';

@Controller('live')
@UseFilters(PageErrorsFilter)
export class LiveController {
  constructor(
    private readonly streams: LiveStreams,
    private readonly authentication: Authentication,
  ) {}

  /** Tells open pages that something changed, so that they fetch what they show. */
  @Get()
  @Requires('viewer', 'filtered')
  follow(@Visiting() { request, response }: Visit): void {
    if (request.method === 'HEAD') return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
    this.streams.open(request, response, this.authentication.watch(request));
  }
}
