import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { WaygateEngine, type LimitScopeSwitch } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { LenientBody, StrictBody } from '../http/body.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { Who } from '../http/who.decorator.js';
import { ExpiringBody } from '../routes/routes.dto.js';
import { expiryOf } from '../schedule/schedule.dto.js';
import { scopePolicy, type GlobalRateLimitPolicyWire } from './rate-limit-policy.js';
import { ScopeBody, scopeInput } from './rate-limits.dto.js';

const OK = { ok: true } as const;

/** The limit over everything (wire contract, §6). */
@Controller('api/global-rate-limit')
export class GlobalRateLimitController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get()
  @Requires('viewer', 'filtered', { sdk: true })
  get(): object {
    return answer(this.engine.rateLimits.global);
  }

  @Post()
  @Requires('operator', 'everything')
  set(@StrictBody(ScopeBody) body: ScopeBody, @Who() who: Principal, @IfMatch() expected: Expected) {
    return put(this.engine.rateLimits.global, body, who, expected);
  }

  @Delete()
  @Requires('operator', 'everything')
  async clear(@Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    await this.engine.rateLimits.global.clear({ ...who.author(), ...expected });
    return OK;
  }

  @Delete('reset')
  @Requires('operator', 'everything')
  async reset(@Who() who: Principal): Promise<object> {
    await this.engine.rateLimits.global.reset(who.author());
    return OK;
  }

  @Post('enable')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async resume(@Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    await this.engine.rateLimits.global.resume({ ...who.author(), ...expected });
    return OK;
  }

  @Post('disable')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async pause(
    @LenientBody(ExpiringBody) body: ExpiringBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<object> {
    await this.engine.rateLimits.global.pause({ ...who.author(body.reason), ...expected, ...expiryOf(body) });
    return OK;
  }
}

/** The limit over one service; the service need not be known yet. */
@Controller('api/services/:service/rate-limit')
export class ServiceRateLimitController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get()
  @Requires('viewer', 'service', { sdk: true })
  get(@Param('service') service: string): object {
    return answer(this.engine.rateLimits.forService(service));
  }

  @Post()
  @Requires('operator', 'service')
  set(
    @Param('service') service: string,
    @StrictBody(ScopeBody) body: ScopeBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ) {
    return put(this.engine.rateLimits.forService(service), body, who, expected);
  }

  @Delete()
  @Requires('operator', 'service')
  async clear(@Param('service') service: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    await this.engine.rateLimits.forService(service).clear({ ...who.author(), ...expected });
    return OK;
  }

  @Delete('reset')
  @Requires('operator', 'service')
  async reset(@Param('service') service: string, @Who() who: Principal): Promise<object> {
    await this.engine.rateLimits.forService(service).reset(who.author());
    return OK;
  }

  @Post('enable')
  @HttpCode(200)
  @Requires('operator', 'service')
  async resume(@Param('service') service: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    await this.engine.rateLimits.forService(service).resume({ ...who.author(), ...expected });
    return OK;
  }

  @Post('disable')
  @HttpCode(200)
  @Requires('operator', 'service')
  async pause(
    @Param('service') service: string,
    @LenientBody(ExpiringBody) body: ExpiringBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<object> {
    await this.engine.rateLimits.forService(service).pause({ ...who.author(body.reason), ...expected, ...expiryOf(body) });
    return OK;
  }
}

function answer(target: LimitScopeSwitch): object {
  const view = target.read();
  return { enabled: view?.enabled ?? false, policy: view === null ? null : scopePolicy(view), revision: view?.revision ?? 0 };
}

async function put(
  target: LimitScopeSwitch,
  body: ScopeBody,
  who: Principal,
  expected: Expected,
): Promise<GlobalRateLimitPolicyWire & { readonly revision: number }> {
  const view = await target.set(scopeInput(body), { ...who.author(), ...expected, ...expiryOf(body) });
  return { ...scopePolicy(view), revision: view.revision };
}
