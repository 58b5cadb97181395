import { Controller, Get, Req } from '@nestjs/common';
import { auditPath, instantOnWire, WaygateEngine, type RouteFigures, type TrafficFigures } from '@waygate/core';
import { AuditReader } from '../audit/audit-reader.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { queryOf, type AdminRequest } from '../http/admin-request.js';
import { badRequest } from '../http/answer-error.js';
import { Who } from '../http/who.decorator.js';

const MOST_MINUTES = 60;
const MOST_REVISIONS = 200;

/** How much this process has to do: requests, what was stopped, and how long answers took. */
@Controller('api/stats')
export class StatsController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly reader: AuditReader,
  ) {}

  /** Of each route, and minute by minute of all of them or of the one that is asked for; with what was changed meanwhile. */
  @Get()
  @Requires('viewer', 'filtered')
  async read(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const minutes = readMinutes(queryOf(request, 'minutes'));
    const only = queryOf(request, 'route');
    const routes = this.engine.stats
      .byRoute(minutes)
      .filter(({ route }) => (only === null || route === only) && who.covers(this.#serviceOf(route)));
    const series = this.engine.stats.byMinute(
      routes.map(({ route }) => route),
      minutes,
    );
    return {
      minutes,
      routes: routes.map((figures) => this.#routeWire(figures)),
      series: series.map(({ minute, ...figures }) => ({ minute: at(minute), ...figuresWire(figures) })),
      revisions: await this.#revisions(who, series[0]?.minute ?? this.engine.now()),
    };
  }

  /** Changes that are marked in the series, oldest first. */
  async #revisions(who: Principal, since: number): Promise<readonly object[]> {
    const selection = { filter: { since: new Date(since).toISOString() }, records: null };
    const { items } = await this.reader.page(who, selection, MOST_REVISIONS, null);
    return items.toReversed().map((entry) => ({
      revision: entry.revision,
      at: instantOnWire(entry.at),
      path: auditPath(entry.kind, entry.key),
      action: entry.action,
      actor: entry.actor,
    }));
  }

  #routeWire({ route, ...figures }: RouteFigures): object {
    return { path: route, service: this.#serviceOf(route), ...figuresWire(figures) };
  }

  #serviceOf(route: string | null): string | null {
    try {
      return route === null ? null : this.engine.sync.routes.get(route).service;
    } catch {
      return null;
    }
  }
}

function figuresWire({ requests, clientErrors, serverErrors, appErrors, blocked, shadowed, p50, p95 }: TrafficFigures): object {
  return {
    requests,
    client_errors: clientErrors,
    server_errors: serverErrors,
    app_errors: appErrors,
    blocked,
    shadowed,
    p50_ms: p50,
    p95_ms: p95,
  };
}

function at(ms: number): string {
  return instantOnWire(new Date(ms).toISOString());
}

/** @throws {AnswerError} 400 */
function readMinutes(text: string | null): number {
  if (text === null) return MOST_MINUTES;
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_MINUTES) return Number(text);
  throw badRequest(`minutes must be a whole number from 1 to ${MOST_MINUTES}`);
}
