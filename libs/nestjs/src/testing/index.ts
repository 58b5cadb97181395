export { overrideFlags } from '@waygate/core/testing';

import type { Bypass, WaygateEngine } from '@waygate/core';

/**
 * Runs `fn` while Waygate lets through what it would stop, and puts things back afterwards, also when `fn` throws.
 *
 * @param what `lifecycle`: maintenance, disabled, environment gates; `rateLimits`: limits. What is not named stays as it is.
 * @returns what `fn` returns
 *
 * @example
 * ```ts
 * await bypass(app.get(WaygateEngine), { lifecycle: true }, () => request(server).get('/payments').expect(200));
 * ```
 */
export async function bypass<T>(engine: WaygateEngine, what: Bypass, fn: () => T | Promise<T>): Promise<T> {
  const before = engine.bypass;
  engine.setBypass(what);
  try {
    return await fn();
  } finally {
    engine.setBypass(before);
  }
}
