import { Injectable, Logger } from '@nestjs/common';
import { WaygateEngine, type Health } from '@waygate/core';
import { healthMessage } from './messages.js';

/** Says when the app loses touch with its server, and when it is back. */
@Injectable()
export class HealthLog {
  readonly #logger = new Logger('Waygate');

  constructor(engine: WaygateEngine) {
    engine.events.on('health', (health) => this.#say(health));
  }

  #say(health: Health): void {
    if (health.status === 'ready') this.#logger.log(healthMessage(health));
    else if (health.status === 'stale') this.#logger.warn(healthMessage(health));
    else if (health.status === 'error') this.#logger.error(healthMessage(health));
  }
}
