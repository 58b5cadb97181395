import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EvaluationContext } from '@waygate/core';
import { errorTrace } from '@waygate/core/native-errors';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from '../config/waygate.options.js';

const EMPTY: EvaluationContext = Object.freeze({});
const HOLDER = Symbol('waygate:flag-context');

/** The context of one request, or of one `run`. */
interface Holder {
  readonly request: unknown;
  /** `undefined` = not made yet. */
  context: EvaluationContext | undefined;
}

type Marked = { [HOLDER]?: Holder };

/** Knows the evaluation context of what is being done now: of the request, or of the work that was started with {@link run}. */
@Injectable()
export class FlagContext {
  readonly #storage = new AsyncLocalStorage<Holder>();
  readonly #logger = new Logger('Waygate');

  constructor(@Inject(WAYGATE_OPTIONS) private readonly options: WaygateModuleOptions) {}

  /** Whether requests have a context. */
  get isUsed(): boolean {
    return this.options.context !== undefined;
  }

  /** The context that holds here; `undefined` = there is none, outside of requests or without the option `context`. */
  get(): EvaluationContext | undefined {
    const holder = this.#storage.getStore();
    return holder === undefined ? undefined : this.#contextOf(holder);
  }

  /**
   * Runs a function, and everything it awaits, with a context: for work that no request started.
   * @returns what the function returns
   */
  run<R>(context: EvaluationContext, work: () => R): R {
    return this.#storage.run({ request: undefined, context }, work);
  }

  /** Runs a function with the context of a request, whatever became of the asynchronous context on the way to it. */
  runWith<R>(request: unknown, work: () => R): R {
    if (!this.isUsed) return work();
    const holder = this.#holderOf(request);
    return this.#storage.getStore() === holder ? work() : this.#storage.run(holder, work);
  }

  /** The context of a request; empty without the option `context`. */
  of(request: unknown): EvaluationContext {
    return this.isUsed ? this.#contextOf(this.#holderOf(request)) : EMPTY;
  }

  /** All of the app's guards have run: what is known of a request is more than it was. */
  settled(request: unknown): void {
    const holder = (request as Marked)[HOLDER];
    if (holder !== undefined) holder.context = undefined;
  }

  #holderOf(request: unknown): Holder {
    const marked = request as Marked;
    return (marked[HOLDER] ??= { request, context: undefined });
  }

  #contextOf(holder: Holder): EvaluationContext {
    return (holder.context ??= this.#make(holder.request));
  }

  #make(request: unknown): EvaluationContext {
    try {
      const context = (this.options.context as ((request: unknown) => unknown) | undefined)?.(request);
      if (typeof context === 'object' && context !== null && !(context instanceof Promise)) return context as EvaluationContext;
      // Nobody waits for it; what it comes to must not end the process.
      if (context instanceof Promise) context.catch(() => undefined);
      this.#logger.error(
        `Option 'context' must return an object, got ${describe(context)}; flags are evaluated without a context`,
      );
    } catch (error) {
      const about = "Option 'context' failed; flags are evaluated without a context";
      this.#logger.error(about, errorTrace(error));
    }
    return EMPTY;
  }
}

function describe(value: unknown): string {
  if (value instanceof Promise) return 'a promise (look up what takes time in a guard or middleware, and keep it on the request)';
  return value === null ? 'null' : typeof value;
}
