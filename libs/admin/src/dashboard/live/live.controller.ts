import { Get } from '@nestjs/common';
import { Authentication, Requires } from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Visiting, type Visit } from '../page/visit.js';
import { LiveStreams } from './live-streams.js';

@PageController('live')
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
