import { Injectable } from '@nestjs/common';
import type { EvaluationContext } from '@waygate/core';
import { RequestContexts } from './request-contexts.js';

/**
 * The evaluation context of the current request, or of work started with {@link run}. Inject it.
 *
 * @example
 * ```ts
 * @Injectable()
 * class PlanService {
 *   constructor(private readonly context: FlagContext) {}
 *
 *   plan(): unknown {
 *     return this.context.get()?.['plan'];
 *   }
 * }
 * ```
 */
@Injectable()
export class FlagContext {
  constructor(private readonly contexts: RequestContexts) {}

  /**
   * Reads the current context.
   * @returns `undefined` outside of requests and of {@link run}, and without the option `context` of `WaygateModule`
   *
   * @example
   * ```ts
   * const user = app.get(FlagContext).get()?.targetingKey ?? 'anonymous';
   * ```
   */
  get(): EvaluationContext | undefined {
    return this.contexts.get();
  }

  /**
   * Runs a function, and everything it awaits, with a context. Use it for work that no request started, such as jobs.
   * @returns what the function returns
   *
   * @example
   * ```ts
   * const key = app.get(FlagContext).run({ targetingKey: 'nightly-report' }, () => app.get(FlagContext).get()?.targetingKey);
   * ```
   */
  run<R>(context: EvaluationContext, work: () => R): R {
    return this.contexts.run(context, work);
  }
}
