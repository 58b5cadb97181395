import { Injectable, Logger } from '@nestjs/common';
import { WaygateEngine, type Health } from '@waygate/core';
import { COUNTED_TOGETHER, countersMessage, healthMessage } from './messages.js';

/** Says when the app loses touch with its backend or its counters, and when they are back. */
@Injectable()
export class HealthLog {
  readonly #logger = new Logger('Waygate');
  #isOut = false;

  constructor(engine: WaygateEngine) {
    engine.events.on('health', (health) => this.#say(health));
    engine.events.on('counters', ({ error }) => {
      if (error === null) this.#logger.log(COUNTED_TOGETHER);
      else this.#logger.warn(countersMessage(error));
    });
  }

  #say(health: Health): void {
    const wasOut = this.#isOut;
    this.#isOut = health.status === 'stale' || health.status === 'state-lost' || health.status === 'error';
    if (health.status === 'error' || health.status === 'state-lost') this.#logger.error(healthMessage(health));
    else if (health.status === 'stale') this.#logger.warn(healthMessage(health));
    // That all is well is worth a line only where it was not.
    else if (health.status === 'ready' && wasOut) this.#logger.log(healthMessage(health));
  }
}
