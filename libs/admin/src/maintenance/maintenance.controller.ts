import { Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ArrayMaxSize, IsArray, IsBoolean, IsString, MaxLength } from 'class-validator';
import { WaygateEngine, type MaintenanceSwitch, type MaintenanceView } from '@waygate/core';
import type { Principal } from '../auth/principal.js';
import { Requires } from '../auth/requires.js';
import { LenientBody, Optional, StrictBody } from '../http/body.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { Who } from '../http/principal.decorator.js';
import { wireTimeOrNull } from '../http/wire-time.js';
import { maintenanceConfig, type MaintenanceConfig } from './maintenance-config.js';

const EXEMPT = { message: 'exempt_paths must be a list of routes' };

export class MaintenanceSwitchBody {
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

/** A switch as it is answered; the last two fields are ours. */
type Answer = MaintenanceConfig & {
  readonly window: { readonly start: string | null; readonly end: string | null } | null;
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

  /** Changes what stays up without switching anything on or off. */
  @Put('global/exempt')
  @Requires('operator', 'everything')
  async exempt(@StrictBody(ExemptBody) body: ExemptBody, @Who() who: Principal): Promise<Answer> {
    return this.#answer(await this.engine.maintenance.setExempt(body.exempt_paths, who.author()));
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

  @Put('services/:service/maintenance/exempt')
  @Requires('operator', 'service')
  async exemptService(
    @Param('service') service: string,
    @StrictBody(ExemptBody) body: ExemptBody,
    @Who() who: Principal,
  ): Promise<Answer> {
    return this.#answer(await this.engine.maintenance.forService(service).setExempt(body.exempt_paths, who.author()));
  }

  async #enable(target: MaintenanceSwitch, body: MaintenanceSwitchBody, who: Principal, expected: Expected): Promise<Answer> {
    const { reason, exempt_paths: exempt = [], include_force_active: includeForceActive = false } = body;
    const change = { ...who.author(reason), ...expected, exempt, includeForceActive };
    return this.#answer(await target.enable(change));
  }

  #answer(view: MaintenanceView): Answer {
    const { window, revision } = view;
    const edges = window === null ? null : { start: wireTimeOrNull(window.start), end: wireTimeOrNull(window.end) };
    return { ...maintenanceConfig(view, this.engine.now()), window: edges, revision };
  }
}
