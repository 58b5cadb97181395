import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { WaygateEngine } from '@waygate/core';

export interface WaygateHealthOptions {
  /**
   * What it is called while the store cannot be reached. Decisions go on from the last known state then, so that taking the process out of
   * service rarely helps, and all processes over the same store would go at once. Default `up`.
   */
  readonly whenStale?: 'up' | 'down';
}

/**
 * Waygate's part of a health check by `@nestjs/terminus`: down while the process is ending, and on request while its state is stale.
 *
 * @example
 * ```ts
 * @Module({ imports: [TerminusModule], controllers: [HealthController], providers: [WaygateHealthIndicator] })
 * export class HealthModule {}
 *
 * health.check([() => this.waygate.isHealthy('waygate')]);
 * ```
 */
@Injectable()
export class WaygateHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly engine: WaygateEngine,
  ) {}

  /** @param key name of the part in the answer */
  isHealthy<const Key extends string>(key: Key, { whenStale = 'up' }: WaygateHealthOptions = {}): HealthIndicatorResult<Key> {
    const session = this.indicators.check(key);
    const { troubles, isEnding, health } = this.engine;
    const details = { state: health.status, revision: health.revision, reasons: troubles };
    const isUp = !isEnding && (health.status === 'ready' || whenStale === 'up');
    return isUp ? session.up(details) : session.down(details);
  }
}
