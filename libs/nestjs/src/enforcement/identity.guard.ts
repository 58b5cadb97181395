import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { appendEnhancer, NEST_METADATA } from '../platform/nest-internals.js';
import { takePending } from './pending-limits.js';

/**
 * Checks the limits that depend on who is calling. Runs after all of the app's guards, because it stands last in the handler's own list.
 * Works from what the first guard left on the request, so that one instance serves every application in the process.
 */
class IdentityGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request: unknown = context.getArgByIndex(0);
    const pending = takePending(request);
    return pending === undefined ? true : pending.enforcement.admitIdentity(pending, request, context.getArgByIndex(1));
  }
}

const IDENTITY_GUARD = new IdentityGuard();

/**
 * Puts the guard at the end of a handler's own ones. Must happen before Nest builds its router, that is in a provider's constructor.
 */
export function attachIdentityGuard(handler: object): void {
  appendEnhancer(NEST_METADATA.guards, IDENTITY_GUARD, handler);
}
