import { Catch, type CanActivate, type ExceptionFilter, type ExecutionContext } from '@nestjs/common';
import { appendEnhancer, NEST_METADATA } from '../nest-internals.js';
import { flagScopeOf } from './flag-scope.js';
import { divert, gives } from './route-variants.js';

/** Thrown to end the work on a request whose handler steps aside. Not an error: making one would cost more than the rest. */
class SteppedAside {}

const STEPPED_ASIDE = new SteppedAside();

/** Decides which handler serves, after everything else was decided. One instance serves every application in the process. */
class VariantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const scope = flagScopeOf(context);
    const route = scope?.enforcement.routeOf(context);
    if (scope === undefined || route === undefined) return true;
    const request: unknown = context.getArgByIndex(0);
    for (const variant of scope.variants.of(route)) {
      if (!gives(scope.evaluate(variant.flag, request), variant, scope.engine.sync.flags)) continue;
      divert(request, variant.serve);
      throw STEPPED_ASIDE;
    }
    return true;
  }
}

/** Leaves the answer to the variant. */
@Catch(SteppedAside)
class SteppedAsideFilter implements ExceptionFilter<SteppedAside> {
  catch(): void {
    // The variant answers as soon as this handler is done.
  }
}

const VARIANT_GUARD = new VariantGuard();
const STEPPED_ASIDE_FILTER = new SteppedAsideFilter();

/** Lets variants serve in place of a handler. Must happen before Nest builds its router, that is in a provider's constructor. */
export function attachVariantGuard(handler: object): void {
  appendEnhancer(NEST_METADATA.guards, VARIANT_GUARD, handler);
  appendEnhancer(NEST_METADATA.exceptionFilters, STEPPED_ASIDE_FILTER, handler);
}
