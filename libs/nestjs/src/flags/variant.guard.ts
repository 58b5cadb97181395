import { Catch, type ArgumentsHost, type CanActivate, type ExceptionFilter, type ExecutionContext } from '@nestjs/common';
import { appendEnhancer, NEST_METADATA } from '../platform/nest-internals.js';
import { flagScopeOf } from './flag-scope.js';
import { gives, type RouteVariantHandler } from './route-variants.js';

/** Thrown to end the work on a request that another handler serves. Not an error: making one would cost more than the rest. */
class SteppedAside {
  constructor(readonly variant: RouteVariantHandler) {}
}

/** Decides which handler serves, after everything else was decided. One instance serves every application in the process. */
class VariantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const scope = flagScopeOf(context);
    const route = scope?.enforcement.routeOf(context);
    if (scope === undefined || route === undefined) return true;
    for (const variant of scope.variants.of(route)) {
      if (gives(scope.evaluate(variant.flag, context.getArgByIndex(0)), variant, scope.engine.sync.flags))
        throw new SteppedAside(variant);
    }
    return true;
  }
}

/** Hands the request to the variant. */
@Catch(SteppedAside)
class SteppedAsideFilter implements ExceptionFilter<SteppedAside> {
  catch({ variant }: SteppedAside, host: ArgumentsHost): void {
    // Nest answers every failure of the handler itself: what it returns need not be looked at.
    void variant.serve(host.getArgByIndex(0), host.getArgByIndex(1), host.getArgByIndex(2));
  }
}

const VARIANT_GUARD = new VariantGuard();
const STEPPED_ASIDE_FILTER = new SteppedAsideFilter();

/** Lets variants serve in place of a handler. Must happen before Nest builds its router, that is in a provider's constructor. */
export function attachVariantGuard(handler: object): void {
  appendEnhancer(NEST_METADATA.guards, VARIANT_GUARD, handler);
  appendEnhancer(NEST_METADATA.exceptionFilters, STEPPED_ASIDE_FILTER, handler);
}
