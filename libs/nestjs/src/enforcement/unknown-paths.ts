import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WaygateEngine } from '@waygate/core';
import { Enforcement } from './enforcement.js';
import { AnsweredByWaygate } from './waygate.exception.js';

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
    const register = adapter?.setNotFoundHandler;
    if (adapter === undefined || register === undefined) return;
    adapter.setNotFoundHandler = (handler, ...more) => register.call(adapter, this.#wrap(handler), ...more);
  }

  #wrap(handler: NotFoundHandler): NotFoundHandler {
    return (request, response, next) => {
      const block = this.engine.decideUnmatched();
      const { platform, answers } = this.enforcement;
      if (block === null || platform.method(request) === 'OPTIONS') return handler(request, response, next);
      const refusal = answers.refuse(block, null, undefined, request, response);
      if (refusal instanceof AnsweredByWaygate) return refusal.answer(next);
      return platform.raise(refusal, next);
    };
  }
}
