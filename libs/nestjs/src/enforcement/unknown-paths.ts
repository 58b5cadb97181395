import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WaygateEngine, type LimitOutcome } from '@waygate/core';
import type { Block } from '../responses/custom-response.js';
import { AnsweredByWaygate } from '../responses/waygate.exception.js';
import { Enforcement } from './enforcement.js';
import type { HandledRequest } from './handled-request.js';
import { HiddenRoutes } from './hidden-routes.js';

type NotFoundHandler = (request: unknown, response: unknown, next: unknown) => unknown;
type ErrorHandler = (error: unknown, request: unknown, response: unknown, next: unknown) => unknown;
interface NotFoundAdapter {
  setErrorHandler?(handler: ErrorHandler, ...more: unknown[]): unknown;
  setNotFoundHandler?(handler: NotFoundHandler, ...more: unknown[]): unknown;
}

/**
 * Answers for paths no route answers to: under maintenance they get 503 like everything else, so that a 404 does not tell which routes
 * exist. Guards never see such requests, so Nest's own handler for them is wrapped.
 */
@Injectable()
export class UnknownPaths {
  #unknown: NotFoundHandler | undefined;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly enforcement: Enforcement,
    private readonly adapterHost: HttpAdapterHost,
    private readonly hidden: HiddenRoutes,
  ) {}

  /** Must be called before Nest registers its handler, that is before the app is initialised. */
  watch(): void {
    const adapter = this.adapterHost.httpAdapter as unknown as NotFoundAdapter | undefined;
    const register = adapter?.setNotFoundHandler?.bind(adapter);
    if (adapter === undefined || register === undefined) return;
    adapter.setNotFoundHandler = (handler, ...more) => register((this.#unknown = this.#wrap(handler)), ...more);
    const registerErrors = adapter.setErrorHandler?.bind(adapter);
    if (registerErrors !== undefined)
      adapter.setErrorHandler = (handler, ...more) => registerErrors(this.#wrapErrors(handler), ...more);
    this.enforcement.platform.beforeBody({
      hides: (request, response) => this.hidden.hidesNow(request, response),
      answerUnknown: (request, response) => void this.#unknown?.(request, response, undefined),
    });
  }

  /** What goes wrong before a hidden route is reached must not show that there is one. */
  #wrapErrors(handler: ErrorHandler): ErrorHandler {
    return (error, request, response, next) => {
      const { platform } = this.enforcement;
      if (platform.isAnswered(response)) return handler(error, request, response, next);
      if (platform.isUnreadablePath(error) && this.#unknown !== undefined) return this.#unknown(request, response, next);
      if (!this.hidden.mayHide(request)) return handler(error, request, response, next);
      return platform.answerUnknownPath(request, response, (unknown: unknown) => handler(unknown, request, response, next));
    };
  }

  #wrap(handler: NotFoundHandler): NotFoundHandler {
    return (request, response, next) => {
      const handled = this.enforcement.unmatched(request, response);
      const { method } = handled;
      if (method === 'OPTIONS') return handler(request, response, next);
      const maintenance = this.engine.decideUnmatched();
      if (maintenance !== null) return this.#refuse(maintenance, handled, next);
      const settle = (outcome: LimitOutcome) =>
        outcome.outcome === 'block' ? this.#refuse(outcome, handled, next) : handler(request, response, next);
      const outcome = this.engine.limitUnmatched(this.enforcement.callerOf(handled), method);
      return outcome instanceof Promise ? outcome.then(settle) : settle(outcome);
    };
  }

  #refuse(block: Block, handled: HandledRequest, next: unknown): unknown {
    const refusal = this.enforcement.answers.refuse(block, handled);
    return refusal instanceof AnsweredByWaygate ? refusal.answer(next) : handled.platform.raise(refusal, next);
  }
}
