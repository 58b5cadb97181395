import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WaygateEngine, type LimitOutcome } from '@waygate/core';
import type { Block } from '../responses/custom-response.js';
import { Enforcement } from './enforcement.js';
import { AnsweredByWaygate } from '../responses/waygate.exception.js';

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
      const { platform } = this.enforcement;
      if (platform.method(request) === 'OPTIONS') return handler(request, response, next);
      const maintenance = this.engine.decideUnmatched();
      if (maintenance !== null) return this.#refuse(maintenance, request, response, next);
      const settle = (outcome: LimitOutcome) =>
        outcome.outcome === 'block' ? this.#refuse(outcome, request, response, next) : handler(request, response, next);
      const outcome = this.engine.limitUnmatched(this.enforcement.callerOf(request), platform.method(request));
      return outcome instanceof Promise ? outcome.then(settle) : settle(outcome);
    };
  }

  #refuse(block: Block, request: unknown, response: unknown, next: unknown): unknown {
    const { platform, answers } = this.enforcement;
    const refusal = answers.refuse(block, null, undefined, request, response);
    return refusal instanceof AnsweredByWaygate ? refusal.answer(next) : platform.raise(refusal, next);
  }
}
