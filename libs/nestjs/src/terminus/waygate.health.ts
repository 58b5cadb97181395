import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { WaygateEngine } from '@waygate/core';

/** Options of {@link WaygateHealthIndicator.isHealthy}. */
export interface WaygateHealthOptions {
  /**
   * The status while the store cannot be reached. Waygate then decides by the last known state, so taking the process out of service rarely
   * helps, and all processes with the same store would go down at once. Default: `up`.
   */
  readonly whenStale?: 'up' | 'down';
}

/**
 * Health indicator for `@nestjs/terminus`: down while the process is shutting down, and optionally while Waygate's state is stale.
 *
 * @example
 * ```ts
 * @Controller('health')
 * class HealthController {
 *   constructor(
 *     private readonly health: HealthCheckService,
 *     private readonly waygate: WaygateHealthIndicator,
 *   ) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   check() {
 *     return this.health.check([() => this.waygate.isHealthy('waygate')]);
 *   }
 * }
 *
 * @Module({ imports: [TerminusModule], controllers: [HealthController], providers: [WaygateHealthIndicator] })
 * export class HealthModule {}
 * ```
 */
@Injectable()
export class WaygateHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly engine: WaygateEngine,
  ) {}

  /**
   * Reports Waygate's status, with the state, the revision, and the reasons for problems.
   * @param key name of this part in the result
   *
   * @example
   * ```ts
   * const indicator = new WaygateHealthIndicator(new HealthIndicatorService(), engine);
   * const { waygate } = indicator.isHealthy('waygate', { whenStale: 'down' });
   * ```
   */
  isHealthy<const Key extends string>(key: Key, { whenStale = 'up' }: WaygateHealthOptions = {}): HealthIndicatorResult<Key> {
    const session = this.indicators.check(key);
    const { troubles, isEnding, health } = this.engine;
    const details = { state: health.status, revision: health.revision, reasons: troubles };
    const isUp = !isEnding && (health.status === 'ready' || whenStale === 'up');
    return isUp ? session.up(details) : session.down(details);
  }
}
