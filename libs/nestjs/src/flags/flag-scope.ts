import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { WaygateEngine, type EvaluationContext, type FlagDetails } from '@waygate/core';
import { Enforcement } from '../enforcement/enforcement.js';
import { RequestContexts } from './request-contexts.js';
import { RouteVariants } from './route-variants.js';

const SCOPE = Symbol('waygate:flag-scope');

/** What the flag decorators of one app work with. */
@Injectable()
export class FlagScope {
  constructor(
    readonly engine: WaygateEngine,
    readonly contexts: RequestContexts,
    readonly enforcement: Enforcement,
    readonly variants: RouteVariants,
  ) {}

  /** How a flag resolves for whoever makes a request, whatever its type. */
  evaluate(key: string, request: unknown): FlagDetails {
    return this.engine.sync.flags.evaluate(key, this.#contextOf(request));
  }

  /** Context of a request and of the client, merged as the specification says (3.2.3). */
  #contextOf(request: unknown): EvaluationContext {
    const client = this.engine.flagClient.getContext();
    const transaction = this.contexts.of(request);
    return Object.keys(client).length === 0 ? transaction : { ...transaction, ...client };
  }
}

/**
 * Leaves the app's scope on requests, so that decorators, which belong to no app, find it. The first guard of all, and only where the app
 * uses flags: what comes behind it works with the request kept here.
 */
export class FlagScopeGuard implements CanActivate {
  constructor(private readonly scope: FlagScope) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    context.getArgByIndex<{ [SCOPE]?: FlagScope }>(0)[SCOPE] = this.scope;
    this.scope.enforcement.keep(context);
    return true;
  }
}

/** The scope that was left on a request; `undefined` = none of Waygate's apps handles it. */
export function flagScopeOf(context: ExecutionContext): FlagScope | undefined {
  return context.getType() === 'http' ? context.getArgByIndex<{ readonly [SCOPE]?: FlagScope }>(0)[SCOPE] : undefined;
}
