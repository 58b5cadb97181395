import type { ExecutionContext } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WaygateEngine, type LifecycleBlock } from '@waygate/core';
import type { BlockResponder } from './custom-response.js';
import { platformOf, type Platform } from '../platform/platform.js';
import { RouteRegistry, type RouteEntry } from '../routes/route-registry.js';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from '../waygate.options.js';
import { BlockedAnswers } from './blocked-request.js';

/** Decides about requests on behalf of the guards and of the handler for unknown paths. */
@Injectable()
export class Enforcement {
  #platform: Platform | undefined;
  #answers: BlockedAnswers | undefined;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly registry: RouteRegistry,
    private readonly adapterHost: HttpAdapterHost,
    @Inject(WAYGATE_OPTIONS) private readonly options: WaygateModuleOptions,
  ) {}

  /** Made when first needed: an app without HTTP has no platform. */
  get platform(): Platform {
    return (this.#platform ??= platformOf(this.adapterHost.httpAdapter));
  }

  get answers(): BlockedAnswers {
    const { responses = {}, envGate = 'not-found' } = this.options;
    return (this.#answers ??= new BlockedAnswers(this.engine, this.platform, { responses, envGate }));
  }

  /**
   * Lets the request go on, or throws what answers it.
   * @throws {WaygateException} and what Waygate answers itself
   */
  admit(context: ExecutionContext): void {
    const request: unknown = context.getArgByIndex(0);
    const entry = this.registry.find(context.getClass(), context.getHandler(), () => this.platform.registeredPath(request));
    if (entry === undefined) return;
    const decision = this.engine.decide(entry.handle);
    if (decision.outcome === 'block') {
      const response: unknown = context.getArgByIndex(1);
      throw this.answers.refuse(decision, entry.handle.key, responderOf(entry, decision), request, response);
    }
    if (decision.deprecation !== null) this.#announce(entry, decision.deprecation, context.getArgByIndex(1));
  }

  #announce(entry: RouteEntry, deprecation: Parameters<RouteEntry['deprecationHeaders']>[0], response: unknown): void {
    for (const [name, value] of entry.deprecationHeaders(deprecation)) {
      if (name === 'Link') this.platform.appendHeader(response, name, value);
      else this.platform.setHeader(response, name, value);
    }
  }
}

function responderOf({ route }: RouteEntry, block: LifecycleBlock): BlockResponder | undefined {
  if (block.kind === 'maintenance') return route.declaration.responders?.maintenance;
  return block.kind === 'disabled' ? route.declaration.responders?.disabled : undefined;
}
