import type { TransactionContext, TransactionContextPropagator } from '@openfeature/server-sdk';
import type { OpenFeatureContext } from '@waygate/core';
import type { FlagContext } from '../flags/flag-context.js';

/**
 * Gives clients of the official SDK the context of the request, as `WaygateModule.forRoot({ context })` returns it. Set by
 * `WaygateOpenFeatureModule.forRoot({ propagateContext: true })`.
 *
 * @example
 * ```ts
 * OpenFeature.setTransactionContextPropagator(new WaygateTransactionContext(app.get(FlagContext)));
 * ```
 */
export class WaygateTransactionContext implements TransactionContextPropagator {
  constructor(private readonly contexts: FlagContext) {}

  getTransactionContext(): TransactionContext {
    return (this.contexts.get() ?? {}) as OpenFeatureContext;
  }

  setTransactionContext<TArgs extends unknown[]>(
    context: TransactionContext,
    callback: (...args: TArgs) => unknown,
    ...args: TArgs
  ): void {
    this.contexts.run(context, () => callback(...args));
  }
}
