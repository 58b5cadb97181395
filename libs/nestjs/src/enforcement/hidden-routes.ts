import { Injectable } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { requiredFlags } from '../decorators/flag-requirements.js';
import { RouteRegistry, type RouteEntry } from '../routes/route-registry.js';
import { Enforcement } from './enforcement.js';

/** Routes that some callers must not be able to tell from unknown paths, seen from before Nest knows which handler will answer. */
@Injectable()
export class HiddenRoutes {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly enforcement: Enforcement,
    private readonly registry: RouteRegistry,
  ) {}

  /** Whether environments hide every route that could answer the request. Then it is counted and reported as blocked. */
  hidesNow(request: unknown, response: unknown): boolean {
    const entries = this.#entriesFor(request);
    const [first] = entries;
    if (first === undefined || !entries.every((entry) => this.#isGated(entry))) return false;
    this.enforcement.hide(first, this.enforcement.unmatched(request, response));
    return true;
  }

  /** Whether a route that could answer the request is hidden from some callers, now or by a flag. */
  mayHide(request: unknown): boolean {
    return this.#entriesFor(request).some((entry) => this.#isGated(entry) || isFlagged(entry));
  }

  #entriesFor(request: unknown): readonly RouteEntry[] {
    const { platform } = this.enforcement;
    const path = platform.registeredPath(request);
    return path === undefined ? [] : this.registry.at(platform.method(request), path);
  }

  #isGated({ handle }: RouteEntry): boolean {
    const decision = this.engine.decide(handle);
    return decision.outcome === 'block' && decision.kind === 'env_gated' && this.enforcement.answers.hides(decision);
  }
}

function isFlagged({ route: { controller, handler } }: RouteEntry): boolean {
  return requiredFlags(controller, handler).some(({ responder }) => responder === undefined);
}
