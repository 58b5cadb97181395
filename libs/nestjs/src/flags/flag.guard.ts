import { isDeepStrictEqual } from 'node:util';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FlagBlock } from '../responses/custom-response.js';
import { appendEnhancer, NEST_METADATA } from '../platform/nest-internals.js';
import { flagScopeOf, type FlagScope } from './flag-scope.js';
import { requiredFlags, type FlagRequirement } from '../decorators/flag-requirements.js';

/**
 * Enforces `@RequireFlag`, after all of the app's guards. Works from what the first guard left on the request, so that one instance
 * serves every application in the process.
 */
class FlagGuard implements CanActivate {
  /** By controller, because what classes say is inherited; by handler. */
  readonly #required = new WeakMap<object, WeakMap<object, readonly FlagRequirement[]>>();

  canActivate(context: ExecutionContext): boolean {
    const scope = flagScopeOf(context);
    if (scope === undefined) return true;
    const request: unknown = context.getArgByIndex(0);
    scope.contexts.settled(request);
    const required = this.#requiredBy(context.getClass(), context.getHandler());
    for (const requirement of required) {
      const { value } = scope.evaluate(requirement.key, request);
      if (!isDeepStrictEqual(value, requirement.value)) throw refusal(scope, requirement, value, context);
    }
    return true;
  }

  #requiredBy(controller: object, handler: object): readonly FlagRequirement[] {
    let handlers = this.#required.get(controller);
    if (handlers === undefined) this.#required.set(controller, (handlers = new WeakMap()));
    let required = handlers.get(handler);
    if (required === undefined) handlers.set(handler, (required = requiredFlags(controller, handler)));
    return required;
  }
}

const FLAG_GUARD = new FlagGuard();

/** Puts the guard at the end of a handler's own ones. Must happen before Nest builds its router, that is in a provider's constructor. */
export function attachFlagGuard(handler: object): void {
  appendEnhancer(NEST_METADATA.guards, FLAG_GUARD, handler);
}

function refusal(
  { enforcement }: FlagScope,
  { key, responder }: FlagRequirement,
  value: FlagBlock['value'],
  context: ExecutionContext,
): Error {
  const reason = `The flag '${key}' does not let the caller in`;
  const block: FlagBlock = { outcome: 'block', kind: 'flag', reason, flag: key, value };
  return enforcement.answers.refuse(block, enforcement.handled(context), responder);
}
