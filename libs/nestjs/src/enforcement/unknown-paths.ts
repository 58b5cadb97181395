import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WaygateEngine, type LimitOutcome } from '@waygate/core';
import type { Block } from '../responses/custom-response.js';
import { AnsweredByWaygate } from '../responses/waygate.exception.js';
import { Enforcement } from './enforcement.js';
import type { HandledRequest } from './handled-request.js';

type NotFoundHandler = (request: unknown, response: unknown, next: unknown) => unknown;
interface NotFoundAdapter {
  setNotFoundHandler?(handler: NotFoundHandler, ...more: unknown[]): unknown;
}

/**
 * Answers for paths no route answers to: under maintenance they get 503 like everything else, so that a 404 does not tell which routes
 * exist. Guards never see such requests, so Nest's own handler for them is wrapped.
 */
@Injectable()
export class UnknownPaths {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly enforcement: Enforcement,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Must be called before Nest registers its handler, that is before the app is initialised. */
  watch(): void {
    const adapter = this.adapterHost.httpAdapter as unknown as NotFoundAdapter | undefined;
    const register = adapter?.setNotFoundHandler?.bind(adapter);
    if (adapter === undefined || register === undefined) return;
    adapter.setNotFoundHandler = (handler, ...more) => register(this.#wrap(handler), ...more);
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
