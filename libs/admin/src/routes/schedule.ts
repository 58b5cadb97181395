import {
  instantMs,
  type Author,
  type RouteOverride,
  type RouteView,
  type TimeWindowInput,
  type WaygateEngine,
} from '@waygate/core';
import type { Expected } from '../http/if-match.js';

/** Puts a route into maintenance in a window to come. */
export function scheduleMaintenance(
  engine: WaygateEngine,
  key: string,
  { window, ...change }: Author & Expected & { readonly window: TimeWindowInput },
): Promise<RouteView> {
  return engine.routes.setMaintenance(key, { ...change, window });
}

/** Takes back a window that has not opened yet; what was set before holds as if it had never been. */
export async function cancelSchedule(engine: WaygateEngine, key: string, change: Author & Expected): Promise<RouteView> {
  const view = await engine.routes.get(key);
  const { override } = view;
  const start = override?.window?.start ?? null;
  if (override === null || start === null || instantMs(start) <= engine.now()) return view;
  return setAgain(engine, key, override.beneath, change);
}

function setAgain(
  engine: WaygateEngine,
  key: string,
  override: RouteOverride | null,
  author: Author & Expected,
): Promise<RouteView> {
  if (override === null) return engine.routes.clear(key, author);
  const change = { ...author, reason: override.reason };
  const expiry = override.window?.end == null ? {} : { expiresAt: override.window.end };
  switch (override.state) {
    case 'active':
      return engine.routes.enable(key, { ...change, ...expiry });
    case 'disabled':
      return engine.routes.disable(key, { ...change, ...expiry });
    case 'env_gated':
      return engine.routes.setEnvironments(key, override.environments ?? [], { ...change, ...expiry });
    case 'maintenance':
      return engine.routes.setMaintenance(key, { ...change, window: override.window });
  }
}
