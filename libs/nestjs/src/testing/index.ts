export { overrideFlags } from '@waygate/core/testing';

import type { Bypass, WaygateEngine } from '@waygate/core';

/**
 * Runs `fn` while Waygate skips checks, and restores them afterwards, even when `fn` throws. For tests: it affects all requests of the
 * process.
 *
 * @param what `lifecycle` skips maintenance, disabled routes, and environment gates; `rateLimits` skips limits. Checks that are not named
 *   stay as they are.
 * @returns what `fn` returns
 *
 * @example
 * ```ts
 * await engine.routes.disable('GET:/payments', { actor: 'alice' });
 * const answer = await bypass(engine, { lifecycle: true }, () => fetch(`${url}/payments`));
 * console.assert(answer.status === 200);
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
