import type { WaygateEngine } from '@waygate/core';
import type { Principal } from '../admin/surface.js';

/** Services with routes that somebody may see. */
export function visibleServices(engine: WaygateEngine, who: Principal): readonly string[] {
  const services = new Set(engine.sync.routes.list().map(({ service }) => service));
  return [...services].filter((service) => service !== null).filter((service) => who.sees(service));
}
