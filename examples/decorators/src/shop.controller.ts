import { Controller, Get } from '@nestjs/common';
import { Deprecated, Disabled, EnvOnly, ForceActive, Maintenance, RateLimit } from '@waygate/nestjs';

@Controller()
export class ShopController {
  /** 503 with a reason and `Retry-After`, until the time given. */
  @Get('payments')
  @Maintenance({ reason: 'The ledger is being moved', end: '2099-01-01T04:00:00Z' })
  payments() {
    return ['p-1'];
  }

  /** 503, for good. */
  @Get('old-orders')
  @Disabled({ reason: 'Use /orders' })
  oldOrders() {
    return ['o-1'];
  }

  /** In other environments there is no such path. */
  @Get('debug')
  @EnvOnly('dev', 'staging')
  debug() {
    return { heapUsed: process.memoryUsage().heapUsed };
  }

  /** Works, and says until when. */
  @Get('v1/users')
  @Deprecated({ since: '2026-06-01', sunset: '2099-06-01', successor: '/v2/users' })
  users() {
    return ['alice'];
  }

  /** Three a minute and address; the fourth gets 429. */
  @Get('search')
  @RateLimit('3/minute')
  search() {
    return ['s-1'];
  }

  /** Nothing stops this one. */
  @Get('health')
  @ForceActive()
  health() {
    return { ok: true };
  }
}
