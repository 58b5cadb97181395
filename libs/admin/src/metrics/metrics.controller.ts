import type { ServerResponse } from 'node:http';
import { Controller, Get, Res } from '@nestjs/common';
import { Requires } from '../http/requires.js';
import { AnswerError } from '../http/answer-error.js';
import { WaygateMetrics } from './waygate-metrics.js';

/** Figures of this process for Prometheus. */
@Controller('api/metrics')
export class MetricsController {
  constructor(private readonly metrics: WaygateMetrics) {}

  @Get()
  @Requires('viewer', 'everything', { bearer: true })
  async read(@Res() response: ServerResponse): Promise<void> {
    const page = await this.metrics.page();
    if (page === null) throw new AnswerError(501, "Metrics need the package 'prom-client': npm install prom-client");
    response.setHeader('content-type', page.contentType);
    response.end(page.text);
  }
}
