import { Controller, Get, Req } from '@nestjs/common';
import { auditPath, instantOnWire, WaygateEngine } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { queryOf, type AdminRequest } from '../http/admin-request.js';
import { Who } from '../http/who.decorator.js';

const MOST = 1_000;

/** What will change by itself. */
@Controller('api/schedule')
export class ScheduleController {
  constructor(private readonly engine: WaygateEngine) {}

  /** Windows, expiries and what flags have planned; soonest first. */
  @Get()
  @Requires('viewer', 'filtered')
  list(@Req() request: AdminRequest, @Who() who: Principal): readonly object[] {
    const text = queryOf(request, 'limit') ?? '';
    const limit = /^\d{1,4}$/.test(text) && Number(text) >= 1 ? Math.min(MOST, Number(text)) : 100;
    return this.engine
      .upcoming()
      .filter(({ service }) => who.covers(service))
      .slice(0, limit)
      .map(({ at, kind, key, service, change, reason }) => ({
        at: instantOnWire(at),
        path: auditPath(kind, key),
        service,
        kind,
        change,
        reason,
      }));
  }
}
