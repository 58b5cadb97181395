import { AsyncLocalStorage } from 'node:async_hooks';
import type { WaygateEngine } from '../engine.js';
import type { FlagValue } from '../schema/flag.js';

const overrides = new AsyncLocalStorage<ReadonlyMap<WaygateEngine, ReadonlyMap<string, FlagValue>>>();

/**
 * Gives flags fixed values within a function and everything it awaits; other tests at the same time see nothing of it. The flags need
 * not exist. Calls within each other add up. Values of another type than the code asks for are a type mismatch, as always.
 * @returns what the function returns
 * @example
 * await overrideFlags(engine, { 'new-checkout': true }, () => request(app).get('/checkout').expect(200));
 */
export function overrideFlags<R>(engine: WaygateEngine, flags: Readonly<Record<string, FlagValue>>, run: () => R): R {
  engine.flags.setOverrides(() => overrides.getStore()?.get(engine));
  const outer = overrides.getStore();
  const own = new Map([...(outer?.get(engine) ?? []), ...Object.entries(flags)]);
  return overrides.run(new Map([...(outer ?? []), [engine, own]]), run);
}
