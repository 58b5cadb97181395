import type { ServerResponse } from 'node:http';
import { Controller, Get, Res } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { Public, Requires } from '../http/requires.js';
import { EventStreams } from '../events/event-streams.js';
import { sendJson } from '../http/send-json.js';

/** For probes and operators. What is public says one word and no reason. */
@Controller('api/health')
export class HealthController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly streams: EventStreams,
  ) {}

  /** The process answers, and tells its time to processes that have it for their backend. */
  @Get('live')
  @Public()
  live(): object {
    return { status: 'live', now: new Date(this.engine.now()).toISOString() };
  }

  /** 503 while the application ends, and while the state is not known to be what the store holds; decisions go on from the last one. */
  @Get('ready')
  @Public()
  ready(@Res() response: ServerResponse): void {
    const status = this.#status();
    sendJson(response, status === 'ready' ? 200 : 503, { status });
  }

  @Get()
  @Requires('viewer', 'filtered')
  details(): object {
    const { reason, since, revision } = this.engine.health;
    return {
      status: this.#status(),
      reason,
      reasons: this.engine.troubles,
      since: new Date(since).toISOString(),
      revision,
      environment: this.engine.environment,
      service: this.engine.service,
      streams: this.streams.size,
    };
  }

  #status(): string {
    return this.engine.isEnding ? 'draining' : this.engine.health.status;
  }
}
