import { Controller, Get, Post } from '@nestjs/common';
import { RateLimit, WaygateEngine } from '@waygate/nestjs';

@Controller()
export class FeaturesController {
  constructor(private readonly engine: WaygateEngine) {}

  /** Two more than the limit says. */
  @Get('burst')
  @RateLimit('2/minute', { burst: 2 })
  burst() {
    return 'passed';
  }

  /** By the caller's plan. */
  @Get('tiers')
  @RateLimit({ free: '1/minute', pro: '3/minute', enterprise: 'unlimited' }, { key: 'user' })
  tiers() {
    return 'passed';
  }

  /** By another attribute of the caller. */
  @Get('regions')
  @RateLimit({ eu: '2/minute', us: '1/minute' }, { key: 'user', tierResolver: 'region' })
  regions() {
    return 'passed';
  }

  @Get('exempt-addresses')
  @RateLimit('1/minute', { exemptIps: ['127.0.0.0/8', '::1'] })
  exemptAddresses() {
    return 'passed';
  }

  @Get('exempt-roles')
  @RateLimit('1/minute', { exemptRoles: ['admin'] })
  exemptRoles() {
    return 'passed';
  }

  /** One of these weighs as much as five others. */
  @Get('cost')
  @RateLimit('10/minute', { cost: 5 })
  cost() {
    return 'passed';
  }

  /** Counts and records who would have been refused. */
  @Get('shadow')
  @RateLimit('1/minute', { mode: 'shadow' })
  shadow() {
    return 'passed';
  }

  /** All of them hold. */
  @Get('several')
  @RateLimit('2/second', { name: 'burst' })
  @RateLimit('3/minute', { name: 'steady' })
  several() {
    return 'passed';
  }

  @Get('answer')
  @RateLimit('1/minute', { response: 'Slow down, please.\n' })
  answer() {
    return 'passed';
  }

  /** Starts without a limit; the next one sets it while the app runs. */
  @Get('at-runtime')
  atRuntime() {
    return 'passed';
  }

  @Post('at-runtime')
  async limit() {
    await this.engine.rateLimits.set('GET:/at-runtime', { limit: '1/minute' }, { actor: 'alice', expiresIn: '1h' });
    return 'limited';
  }

  /** Who was refused, the last first. */
  @Get('refused')
  async refused() {
    const { items } = await this.engine.rateLimits.hits({ limit: 100 });
    return items.map(({ at, route, caller, limit }) => ({ at, route, caller, limit }));
  }
}
