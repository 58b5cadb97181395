import { Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsString, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import { WaygateEngine, type MaintenanceSwitch, type MaintenanceView, type TimeWindow } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { ExactBody, LenientBody, Optional, OptionalOrNull } from '../http/body.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { Who } from '../http/who.decorator.js';
import { expiryOf, planOf, RecurrenceBody, type ExpiringFields, type PlanFields } from '../schedule/schedule.dto.js';
import { wireTimeOrNull } from '../http/wire-time.js';
import { maintenanceConfig, type MaintenanceConfig } from './maintenance-config.js';

const EXEMPT = { message: 'exempt_paths must be a list of routes' };

class SwitchFields {
  @Optional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;

  @Optional()
  @IsArray(EXEMPT)
  @IsString({ each: true, ...EXEMPT })
  @ArrayMaxSize(10_000)
  exempt_paths?: string[];

  @Optional()
  @IsBoolean()
  include_force_active?: boolean;
}

export class MaintenanceSwitchBody extends SwitchFields implements ExpiringFields {
  /** Until when, as a length of time such as `2h`. */
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  expires_in?: string | null;

  /** Until when, as a moment. */
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  expires_at?: string | null;
}

export class MaintenancePlanBody extends SwitchFields implements PlanFields {
  /** Required unless it recurs; then: not before. */
  @Optional()
  start?: unknown;

  /** Required unless it recurs; then: never after. */
  @Optional()
  end?: unknown;

  @ValidateIf((_body, value) => value !== undefined && value !== null)
  @ValidateNested({ message: 'recurrence must be an object with cron and duration' })
  @Type(() => RecurrenceBody)
  recurrence?: RecurrenceBody | null;
}

export class ExemptBody {
  @IsArray(EXEMPT)
  @IsString({ each: true, ...EXEMPT })
  @ArrayMaxSize(10_000)
  exempt_paths: string[];
}

export class SwitchOffBody {
  @Optional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;
}

interface WindowWire {
  readonly start: string | null;
  readonly end: string | null;
  readonly recurrence: { readonly cron: string; readonly duration_ms: number; readonly time_zone: string } | null;
}

/** A switch as it is answered; the fields added here are ours. */
type Answer = MaintenanceConfig & {
  readonly service: string | null;
  /** When what stops requests began; `null` = nothing does, or unknown. */
  readonly since: string | null;
  /** When what stops requests ends on its own. */
  readonly until: string | null;
  readonly set_by: string | null;
  /** Of what was set last. */
  readonly window: WindowWire | null;
  readonly next_change: string | null;
  readonly revision: number;
};

/** The switches that take everything down, or one service (wire contract, §5). */
@Controller('api')
export class MaintenanceController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get('global')
  @Requires('viewer', 'filtered', { sdk: true })
  get(): Answer {
    return this.#answer(this.engine.maintenance.read());
  }

  /** Everything that is switched on or scheduled. */
  @Get('maintenance')
  @Requires('viewer', 'filtered', { sdk: true })
  list(@Who() who: Principal): readonly Answer[] {
    return this.engine.maintenance
      .list()
      .filter(({ service }) => service === null || who.sees(service))
      .map((view) => this.#answer(view));
  }

  @Post('global/enable')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async enable(
    @LenientBody(MaintenanceSwitchBody) body: MaintenanceSwitchBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Answer> {
    return this.#enable(this.engine.maintenance, body, who, expected);
  }

  @Post('global/disable')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async disable(
    @LenientBody(SwitchOffBody) body: SwitchOffBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Answer> {
    return this.#answer(await this.engine.maintenance.disable({ ...who.author(body.reason), ...expected }));
  }

  /** Plans it: nothing changes until the window opens, and what was set before holds again when it closes. */
  @Post('global/schedule')
  @HttpCode(200)
  @Requires('operator', 'everything')
  schedule(
    @ExactBody(MaintenancePlanBody) body: MaintenancePlanBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Answer> {
    return this.#schedule(this.engine.maintenance, body, who, expected);
  }

  /** Takes back everything planned, begun or not. */
  @Delete('global/schedule')
  @Requires('operator', 'everything')
  async cancel(@Who() who: Principal, @IfMatch() expected: Expected): Promise<Answer> {
    return this.#answer(await this.engine.maintenance.cancelSchedule({ ...who.author(), ...expected }));
  }

  /** Changes what stays up without switching anything on or off. */
  @Put('global/exempt')
  @Requires('operator', 'everything')
  async exempt(@ExactBody(ExemptBody) body: ExemptBody, @Who() who: Principal, @IfMatch() expected: Expected): Promise<Answer> {
    return this.#answer(await this.engine.maintenance.setExempt(body.exempt_paths, { ...who.author(), ...expected }));
  }

  @Get('services/:service/maintenance')
  @Requires('viewer', 'service', { sdk: true })
  getService(@Param('service') service: string): Answer {
    return this.#answer(this.engine.maintenance.forService(service).read());
  }

  @Post('services/:service/maintenance/enable')
  @HttpCode(200)
  @Requires('operator', 'service')
  async enableService(
    @Param('service') service: string,
    @LenientBody(MaintenanceSwitchBody) body: MaintenanceSwitchBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Answer> {
    return this.#enable(this.engine.maintenance.forService(service), body, who, expected);
  }

  @Post('services/:service/maintenance/disable')
  @HttpCode(200)
  @Requires('operator', 'service')
  async disableService(
    @Param('service') service: string,
    @LenientBody(SwitchOffBody) body: SwitchOffBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Answer> {
    return this.#answer(await this.engine.maintenance.forService(service).disable({ ...who.author(body.reason), ...expected }));
  }

  @Post('services/:service/maintenance/schedule')
  @HttpCode(200)
  @Requires('operator', 'service')
  scheduleService(
    @Param('service') service: string,
    @ExactBody(MaintenancePlanBody) body: MaintenancePlanBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Answer> {
    return this.#schedule(this.engine.maintenance.forService(service), body, who, expected);
  }

  @Delete('services/:service/maintenance/schedule')
  @Requires('operator', 'service')
  async cancelService(@Param('service') service: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<Answer> {
    return this.#answer(await this.engine.maintenance.forService(service).cancelSchedule({ ...who.author(), ...expected }));
  }

  @Put('services/:service/maintenance/exempt')
  @Requires('operator', 'service')
  async exemptService(
    @Param('service') service: string,
    @ExactBody(ExemptBody) body: ExemptBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Answer> {
    const change = { ...who.author(), ...expected };
    return this.#answer(await this.engine.maintenance.forService(service).setExempt(body.exempt_paths, change));
  }

  async #enable(target: MaintenanceSwitch, body: MaintenanceSwitchBody, who: Principal, expected: Expected): Promise<Answer> {
    const { reason, exempt_paths: exempt = [], include_force_active: includeForceActive = false } = body;
    const change = { ...who.author(reason), ...expected, ...expiryOf(body), exempt, includeForceActive };
    return this.#answer(await target.enable(change));
  }

  async #schedule(target: MaintenanceSwitch, body: MaintenancePlanBody, who: Principal, expected: Expected): Promise<Answer> {
    const { reason, exempt_paths: exempt, include_force_active: includeForceActive = false } = body;
    const prepared = exempt === undefined ? {} : { exempt };
    const change = { ...who.author(reason), ...expected, ...planOf(body), ...prepared, includeForceActive };
    return this.#answer(await target.schedule(change));
  }

  #answer(view: MaintenanceView): Answer {
    const { service, current, window, nextChange, revision } = view;
    return {
      ...maintenanceConfig(view, this.engine.now()),
      service,
      since: wireTimeOrNull(current?.since ?? null),
      until: wireTimeOrNull(current?.until ?? null),
      set_by: current?.setBy ?? null,
      window: window === null ? null : windowWire(window),
      next_change: wireTimeOrNull(nextChange),
      revision,
    };
  }
}

function windowWire({ start, end, recurrence }: TimeWindow): WindowWire {
  return {
    start: wireTimeOrNull(start),
    end: wireTimeOrNull(end),
    recurrence:
      recurrence === undefined
        ? null
        : { cron: recurrence.cron, duration_ms: recurrence.durationMs, time_zone: recurrence.timeZone },
  };
}
