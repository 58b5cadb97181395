import { Injectable } from '@nestjs/common';
import { WaygateEngine, type RouteView } from '@waygate/nestjs';

@Injectable()
export class NightShift {
  constructor(private readonly engine: WaygateEngine) {
    engine.events.on('edge', ({ action, key }) => console.log(`${action} ${key}`));
  }

  /** @param opensIn seconds @param lasts seconds */
  plan(opensIn: number, lasts: number): Promise<RouteView> {
    const start = Date.now() + opensIn * 1_000;
    return this.engine.routes.schedule('GET:/reports', {
      start,
      end: start + lasts * 1_000,
      reason: 'Nightly rebuild',
      actor: 'night-shift',
    });
  }
}
